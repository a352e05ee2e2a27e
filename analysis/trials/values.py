"""Give text codes their meaning, numbers or levels, and report the codes that have none."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.trials.findings import Findings, counted, listed
from analysis.trials.rows import Column

_STEP_TOLERANCE = 1e-4  # of a step: files keep scores as decimal text or 32-bit numbers


@dataclass(frozen=True, slots=True)
class Limits:
    """What a number may be: from `lowest` to `highest` (in the words of `what`), in steps."""

    lowest: float
    highest: float
    what: str
    step: float | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads columns of one trial and reports to its findings."""

    findings: Findings
    missing: Collection[str] = ()

    def blanks(self, missing: Collection[str] = (), *, codes: Collection[str] = ()) -> set[str]:
        """Codes that mean "not known": of the trial, of one column, and blank in any case.

        A code to which the column itself gives a meaning (`codes`) keeps it.
        """
        return ({"", *self.missing} - set(codes)) | set(missing)

    def numbers(
        self,
        column: Column,
        *,
        codes: Mapping[str, str] | None = None,
        missing: Collection[str] = (),
        limits: Limits | None = None,
    ) -> pd.Series:
        """Read a column as numbers.

        Returns
        -------
        pandas.Series
            n floats in the rows of the column; NaN where missing (and where a problem is reported).
        """
        text = column.codes
        blank = text.isin(self.blanks(missing, codes=codes or ()))
        if codes:
            text = text.map(codes).astype(object).where(text.isin(list(codes)), text).astype("str")
        values = pd.to_numeric(text.mask(blank), errors="coerce").astype(float)
        wrong = ~blank & ~np.isfinite(values)
        if wrong.any():
            self._report(
                "not-a-number",
                f"expected a number, found {counted(column.codes[wrong])}.",
                "Correct the value; if it means missing, list it under missing; if it stands for "
                "a number, under codes; for decimal commas set decimal.",
                column,
                wrong,
            )
        values = values.mask(wrong)
        if limits:
            self._check_limits(column, values, limits)
            self._note_missing_codes(column, blank, missing, limits)
        return values

    def levels(
        self,
        column: Column,
        *,
        codes: Mapping[str, str],
        allowed: Iterable[str],
        missing: Collection[str] = (),
    ) -> pd.Series:
        """Read a column as levels; without codes, the file holds the levels themselves.

        Returns
        -------
        pandas.Series
            n texts in the rows of the column; None where missing (and where a problem is reported).
        """
        known = dict(codes) or {level: level for level in allowed}
        blank = column.codes.isin(self.blanks(missing, codes=codes))
        unmapped = ~blank & ~column.codes.isin(list(known))
        if unmapped.any():
            self._report(
                "unmapped-code",
                f"codes says nothing about {counted(column.codes[unmapped])}"
                f"{_labels(column, unmapped)}.",
                f"Add it under codes, or under missing; mapped so far: {listed(list(known))}.",
                column,
                unmapped,
            )
        read = column.codes.map(known).astype(object)
        return read.mask(blank | unmapped, None)

    def per_participant(
        self, column: Column, values: pd.Series, participants: pd.Index, *, constant: bool = False
    ) -> pd.Series:
        """One value for each participant of a column already read.

        In long files the last value at or before randomisation counts; where there is none, the
        values of all visits must agree. With `constant` they must agree in any case.
        """
        present = values[values.notna()]
        if column.weeks is None:
            return present.reindex(participants)
        weeks = column.weeks[values.notna()]
        order = np.argsort(weeks.to_numpy(), kind="stable")
        present, weeks = present.iloc[order], weeks.iloc[order]
        before = present[(weeks <= 0).to_numpy()]
        baseline = before[~before.index.duplicated(keep="last")]
        open_ = present if constant else present[~present.index.isin(baseline.index)]
        differing = open_.groupby(level=0).agg("nunique").gt(1)
        if differing.any():
            self.findings.data_problem(
                "conflicting-values",
                "expected one value for each participant, found different ones at the visits.",
                "Correct the rows, or give the value at the baseline visit only.",
                file=column.file,
                column=column.name,
                rows=differing.index[differing],
            )
        first = present[~present.index.duplicated()]
        return baseline.reindex(participants).where(
            participants.isin(baseline.index), first.reindex(participants)
        )

    def _check_limits(self, column: Column, values: pd.Series, limits: Limits) -> None:
        outside = (values < limits.lowest) | (values > limits.highest)
        if outside.any():
            self._report(
                "out-of-range",
                f"expected {limits.lowest:g} to {limits.highest:g} ({limits.what}), "
                f"found {counted(column.codes[outside])}.",
                "Correct the value or the range; if it means missing, list it under missing.",
                column,
                outside,
            )
        if limits.step is None:
            return
        steps = (values - limits.lowest) / limits.step
        between = values.notna() & ~outside & ((steps - steps.round()).abs() > _STEP_TOLERANCE)
        if between.any():
            self._report(
                "off-step",
                f"expected steps of {limits.step:g} from {limits.lowest:g} ({limits.what}), "
                f"found {counted(column.codes[between])}.",
                "Correct the value or step; remove step if scores between steps are right.",
                column,
                between,
            )

    def _note_missing_codes(
        self, column: Column, blank: pd.Series, missing: Collection[str], limits: Limits
    ) -> None:
        """Say when a missing code of the whole trial could be a real value of this column."""
        common = blank & ~column.codes.isin({"", *missing})
        value = pd.to_numeric(column.codes.where(common), errors="coerce").astype(float)
        doubtful = value.between(limits.lowest, limits.highest)
        if doubtful.any():
            self.findings.data_note(
                "missing-code-in-range",
                f"{counted(column.codes[doubtful])} counts as missing, but could be a value of "
                f"{limits.what}.",
                "If it is a value, list missing codes with each column, not for the whole trial.",
                file=column.file,
                column=column.name,
                rows=column.keys[doubtful.to_numpy()],
            )

    def _report(
        self, check: str, message: str, remedy: str, column: Column, rows: pd.Series
    ) -> None:
        self.findings.data_problem(
            check,
            message,
            remedy,
            file=column.file,
            column=column.name,
            rows=column.keys[rows.to_numpy()],
        )


def _labels(column: Column, rows: pd.Series) -> str:
    """Name the value labels of the codes in question, which an SPSS or Stata file brings along."""
    found = {code: column.labels.get(code) for code in column.codes[rows].unique()}
    named = [f"{code} is {label!r}" for code, label in found.items() if label]
    return f" (in the file, {listed(named)})" if named else ""
