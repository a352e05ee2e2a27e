"""Power of an interaction from a table of planned trials, before any participant data are there."""

from collections.abc import Hashable, Iterator
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.models import (
    InteractionPower,
    PlannedTrial,
    SimulatedPower,
    interaction_power,
    power_curve,
    simulate_power,
)
from analysis.models.power import Outcome
from analysis.problems import Problem, ProblemsError

COLUMNS = tuple(field.name for field in fields(PlannedTrial))
REQUIRED = ("name", "n_control", "n_treated")
CURVE = np.linspace(0, 2, 21)  # multiples of the interaction asked for


@dataclass(frozen=True, slots=True)
class PowerReport:
    """Power of a plan.

    Parameters
    ----------
    closed
        The closed form, with its table by trial.
    curve
        Interaction, se and power from none to twice the interaction asked for.
    simulated
        By simulation, when it was asked for.
    """

    closed: InteractionPower
    curve: pd.DataFrame
    simulated: SimulatedPower | None

    def to_dict(self) -> dict[str, object]:
        """Give the report as plain values, for JSON."""
        return {
            "power": self.closed.power,
            "se": self.closed.se,
            "interaction": self.closed.interaction,
            "convention": self.closed.convention,
            "trials": self.closed.trials.reset_index().to_dict("records"),
            "curve": self.curve.to_dict("records"),
            "simulated": asdict(self.simulated) if self.simulated else None,
        }


def power_report(
    trials: list[PlannedTrial],
    interaction: float,
    *,
    outcome: Outcome = "continuous",
    modifier_effect: float = 0.0,
    tau: float = 0.0,
    replicates: int = 0,
    scheduler: str | None = None,
) -> PowerReport:
    """Compute the power of a plan; see `analysis.models.interaction_power` for the options.

    Raises
    ------
    ModelError
        When a trial lacks what the calculation needs.
    """
    closed = interaction_power(
        trials, interaction, outcome=outcome, modifier_effect=modifier_effect, tau=tau
    )
    curve = power_curve(
        trials,
        [float(share) * interaction for share in CURVE],
        outcome=outcome,
        modifier_effect=modifier_effect,
        tau=tau,
    )
    simulated = (
        simulate_power(
            trials,
            interaction,
            outcome=outcome,
            modifier_effect=modifier_effect,
            tau=tau,
            replicates=replicates,
            jobs=-1,
            scheduler=scheduler,
        )
        if replicates
        else None
    )
    return PowerReport(closed, curve, simulated)


def read_plan(path: Path) -> list[PlannedTrial]:
    """Read planned trials from a .csv file with one row per trial.

    Columns are the fields of `PlannedTrial`; `name`, `n_control` and `n_treated` must be there.

    Raises
    ------
    ProblemsError
        With every problem: no such file, unknown or missing columns, cells that are no numbers.
    """
    if not path.is_file():
        problem = Problem(str(path), "the file does not exist.", "Correct the path.")
        raise ProblemsError([problem])
    try:
        table = pd.read_csv(path, dtype=str, skipinitialspace=True, encoding="utf-8-sig")
    except (ValueError, UnicodeDecodeError) as error:
        problem = Problem(
            str(path), f"not a readable .csv file ({error}).", "Save it as CSV UTF-8."
        )
        raise ProblemsError([problem]) from None
    table.columns = table.columns.str.strip()
    problems = [*_column_problems(path, list(table.columns)), *_cell_problems(path, table)]
    if problems:
        raise ProblemsError(problems)
    return [_planned(row) for row in table.to_dict("records")]


def _planned(row: dict[Hashable, Any]) -> PlannedTrial:
    given: dict[str, Any] = {
        str(name): text if name == "name" else float(text)
        for name, text in row.items()
        if isinstance(text, str)
    }
    return PlannedTrial(**given | {name: int(given[name]) for name in REQUIRED[1:]})


def _column_problems(path: Path, columns: list[str]) -> Iterator[Problem]:
    for name in columns:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(COLUMNS)}."
            yield Problem(str(path), f"unknown column {name!r}.", remedy)
    for name in REQUIRED:
        if name not in columns:
            yield Problem(str(path), f"the column {name!r} is missing.", "Add it.")


def _cell_problems(path: Path, table: pd.DataFrame) -> Iterator[Problem]:
    numbers = [name for name in table.columns if name in COLUMNS and name != "name"]
    for name in numbers:
        given = table[name].notna()
        if name in REQUIRED:
            empty = tuple(str(i + 2) for i in table.index[~given])
            if empty:
                yield Problem(
                    str(path),
                    "expected a number, found nothing.",
                    "Fill it in.",
                    column=name,
                    rows=empty,
                )
        wrong = given & pd.to_numeric(table[name], errors="coerce").isna()
        rows = tuple(str(i + 2) for i in table.index[wrong])
        if rows:
            found = ", ".join(repr(v) for v in table.loc[wrong, name].head(3))
            yield Problem(
                str(path),
                f"expected numbers, found {found}.",
                "Write numbers with a decimal point.",
                column=name,
                rows=rows,
            )
    if "name" in table and table["name"].isna().any():
        rows = tuple(str(i + 2) for i in table.index[table["name"].isna()])
        yield Problem(str(path), "a trial has no name.", "Name it.", column="name", rows=rows)
