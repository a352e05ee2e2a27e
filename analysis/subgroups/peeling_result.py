"""What directed peeling gives back: one box per size, and the path that led there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from analysis.models.result import Contrast
from analysis.subgroups.box import Box, Direction


@dataclass(frozen=True, slots=True)
class PeelingStep:
    """A box, the participants inside, and the effect of treatment there and elsewhere.

    Attributes
    ----------
    requested
        Share that was asked for; NaN for a box of the path.
    size, n
        Share and number of the participants searched who are inside.
    n_treated, n_control
        The same by arm.
    k
        Trials with both arms inside.
    box
        Its conditions.
    effect
        Treatment effect inside, from the model fitted to the participants inside.
    rest
        The same outside; not estimable, with a reason, for everybody.
    difference
        Interaction of treatment and box in one model for everybody: effect inside less outside.
    """

    requested: float
    size: float
    n: int
    n_treated: int
    n_control: int
    k: int
    box: Box
    effect: Contrast
    rest: Contrast
    difference: Contrast


@dataclass(frozen=True, slots=True)
class PeelingTrajectory:
    """Boxes of falling size with the greatest treatment effect.

    Attributes
    ----------
    directions
        The c covariates that were peeled, each with the side that is kept.
    overall
        Treatment effect in everybody.
    steps
        The box of each requested size that was reached, from large to small. After refinement
        they need not be nested.
    path
        The boxes met by peeling alone, from the first peel to the last; each within the one
        before.
    refused
        Covariate to the reason why it could not be peeled.
    not_reached
        Requested size to the reason why there is no box.
    excluded
        Reason to number of participants left out.
    n, k
        Participants and trials searched.
    level
        Confidence level of all intervals.
    convention
        One sentence for a table note.
    """

    directions: Mapping[str, Direction]
    overall: Contrast
    steps: tuple[PeelingStep, ...]
    path: tuple[PeelingStep, ...]
    refused: Mapping[str, str]
    not_reached: Mapping[float, str]
    excluded: Mapping[str, int]
    n: int
    k: int
    level: float
    convention: str

    def step(self, size: float) -> PeelingStep | None:
        """Give the box of a requested size; None when it was not asked for or not reached."""
        return next((step for step in self.steps if abs(step.requested - size) < 1e-9), None)

    def table(self, sizes: Sequence[float] | None = None) -> pd.DataFrame:
        """Thresholds and effects by size, as Hee 2021's Table 3.

        Parameters
        ----------
        sizes
            Requested sizes to show; all that were reached when None.

        Returns
        -------
        DataFrame
            One row per box: requested, size, n, n_treated, n_control, k, one column per covariate
            with its threshold (NaN or None where it is not restricted), and estimate, ci_low,
            ci_high of effect, rest and difference.
        """
        steps = self.steps
        if sizes is not None:
            steps = tuple(step for size in sizes if (step := self.step(size)) is not None)
        return pd.DataFrame([_row(step, tuple(self.directions)) for step in steps])

    def trajectory(self) -> pd.DataFrame:
        """Size and effect of every box, refined ones and those of the path, from large to small."""
        parts = {"refined": self.steps, "path": self.path}
        rows = [
            {"kind": kind, **_row(step, tuple(self.directions))}
            for kind, steps in parts.items()
            for step in steps
        ]
        return pd.DataFrame(rows).sort_values(["kind", "size"], ascending=False, ignore_index=True)

    def notes(self) -> list[str]:
        """Sentences for a table note: sizes, convention, what was refused or not reached."""
        out = [f"{self.k} trials, {self.n} participants. {self.convention}"]
        out += [f"Not peeled: {name} ({reason})." for name, reason in self.refused.items()]
        out += [f"No box of size {size:g}: {why}." for size, why in self.not_reached.items()]
        out += [f"Left out: {count} participants, {why}." for why, count in self.excluded.items()]
        return out


def _row(step: PeelingStep, covariates: Sequence[str]) -> dict[str, object]:
    row: dict[str, object] = {
        name: getattr(step, name)
        for name in ("requested", "size", "n", "n_treated", "n_control", "k")
    }
    for name in covariates:
        condition = step.box.condition(name)
        row[name] = condition.level if condition else None
    for name, found in (
        ("effect", step.effect), ("rest", step.rest), ("difference", step.difference)
    ):  # fmt: skip
        row |= {name: found.estimate, f"{name}_low": found.ci_low, f"{name}_high": found.ci_high}
    return row
