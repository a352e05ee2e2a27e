"""What the checks of one trial look at, on the trial's own scales and in the order of its file."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis.protocol import Key, Protocol
from analysis.trials.integrity.section import IntegritySection
from analysis.trials.mapping import TrialMapping
from analysis.trials.scores import Assessment, Assessments
from analysis.trials.sources import Sources


@dataclass(frozen=True)
class TrialData:
    """One trial as it was read; n participants in the order of the first file.

    Parameters
    ----------
    mapping, protocol
        What `trial.yml` says, and the plan.
    sources
        The files.
    arms
        Arm of each participant.
    assessments
        Outcomes on the instrument's own scale.
    modifiers
        n × modifiers, not rescaled.
    figures
        Published figures against the data, see `published.reproduce`.
    """

    mapping: TrialMapping
    protocol: Protocol
    sources: Sources
    arms: pd.Series
    assessments: Assessments
    modifiers: pd.DataFrame
    figures: pd.DataFrame

    @property
    def section(self) -> IntegritySection:
        """The section `integrity` of `trial.yml`."""
        return self.mapping.integrity

    @property
    def people(self) -> pd.Index:
        """The participants."""
        return self.sources.participants

    @cached_property
    def scores(self) -> dict[str, pd.Series]:
        """Every assessment of the continuous outcomes: "outcome@week" → n scores."""
        return {
            subject(outcome, one): one.own
            for outcome, one in self._assessed(kind="continuous")
            if one.own.notna().any()
        }

    @cached_property
    def baseline(self) -> pd.DataFrame:
        """Characteristics before treatment that somebody has: n × modifiers and first scores."""
        first = {
            subject(outcome, one): one.own
            for outcome, one in self._assessed(kind="continuous")
            if one.weeks <= 0
        }
        frame = pd.concat([self.modifiers, pd.DataFrame(first, index=self.people)], axis=1)
        return frame.loc[:, frame.notna().any().to_numpy()]

    @cached_property
    def follow_ups(self) -> dict[str, pd.Series]:
        """Every assessment after randomisation, of all outcomes: "outcome@week" → n values."""
        return {
            subject(outcome, one): one.own
            for kind in ("continuous", "binary")
            for outcome, one in self._assessed(kind=kind)
            if one.weeks > 0
        }

    @cached_property
    def measured(self) -> dict[str, pd.Series]:
        """Every quantity: numeric characteristics, then all scores."""
        numeric = {
            str(name): values
            for name, values in self.baseline.items()
            if pd.api.types.is_numeric_dtype(values)
        }
        return numeric | self.scores

    def _assessed(self, *, kind: str) -> list[tuple[Key, Assessment]]:
        plans = self.protocol.outcomes
        return [
            (outcome, one)
            for outcome, several in self.assessments.items()
            for one in several
            if plans[outcome].kind == kind
        ]

    def text(self, column: str) -> pd.Series:
        """First non-blank code of each participant in a column of the files; "" without one."""
        found = self.sources.find(column)
        if found is None:
            return pd.Series("", index=self.people)
        codes = found.codes.mask(found.codes.isin(list(self.mapping.missing)), "")
        there = codes[codes != ""]
        return there[~there.index.duplicated()].reindex(self.people).fillna("").astype("str")

    def numbers(self, column: str) -> pd.Series:
        """Numbers of a column of the files; NaN where there is none."""
        return pd.to_numeric(self.text(column), errors="coerce").astype(float)


def subject(outcome: Key, one: Assessment) -> str:
    """Name an assessment: "pain@13"."""
    return f"{outcome}@{one.weeks:g}"


def decimals(values: pd.Series) -> int:
    """Decimals in which at least 99 in 100 of the known values are recorded, up to 3."""
    known = values.dropna()
    for places in range(3):
        if len(known) and ((known - known.round(places)).abs() < 1e-7).mean() >= 0.99:
            return places
    return 3
