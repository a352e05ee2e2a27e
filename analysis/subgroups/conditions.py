"""Who belongs to a subgroup: a condition on one covariate, and the split that it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.subgroups.covariates import MISSING, Covariate, Kind
from analysis.subgroups.sums import Mask


@dataclass(frozen=True, slots=True)
class Condition:
    """One side of a split.

    Attributes
    ----------
    covariate
        Its name.
    first
        The first side (at most `cut`, or the levels listed first) or the second.
    cut
        Largest value of the first side of an ordered covariate that is a number, else ``None``.
    levels
        Values on this side of any other covariate; empty when `cut` is given.
    """

    covariate: str
    first: bool
    cut: float | None
    levels: tuple[Any, ...] = ()

    @property
    def text(self) -> str:
        """The condition as it is printed, such as ``age ≤ 53`` or ``sex = female``."""
        return self.named({})

    def named(self, labels: Mapping[str, str]) -> str:
        """Print the condition with the covariate's label in place of its column."""
        name = labels.get(self.covariate, self.covariate)
        if self.cut is not None:
            return f"{name} {'≤' if self.first else '>'} {self.cut:g}"
        words = [f"{v:g}" if isinstance(v, float) else str(v) for v in self.levels]
        return f"{name} = {words[0]}" if len(words) == 1 else f"{name} in {', '.join(words)}"

    def holds(self, column: pd.Series) -> Mask:
        """Who meets the condition; a missing value does not. The column may be of other people."""
        if self.cut is None:
            return np.asarray(column.isin(self.levels))
        values = column.to_numpy(dtype=float, na_value=np.nan)
        return values <= self.cut if self.first else values > self.cut

    def of(self, covariate: Covariate) -> Mask:
        """Who meets the condition among the participants of a search; (n,)."""
        if self.cut is None:
            chosen = np.array([level in self.levels for level in covariate.levels])
        else:
            chosen = (covariate.numbers <= self.cut) == self.first
        known = covariate.codes != MISSING
        return np.asarray(known & chosen[covariate.codes])


@dataclass(frozen=True, slots=True)
class Split:
    """A split of a node in two, and how different the treatment effect is on its sides.

    Attributes
    ----------
    covariate, kind
        What is split.
    first, second
        The two sides.
    difference, se, df, ci_low, ci_high
        Treatment effect of the first side less that of the second, from treatment × side in one
        mixed model of the node.
    p
        Two-sided p by the criterion of the search.
    p_adjusted
        Allowing for all splits of the covariate.
    p_overall
        Allowing for the covariates of the node too, or `p_adjusted` itself where the options say
        so: this is what the threshold is for.
    splits
        Admissible splits of the covariate.
    effective
        Their effective number: that of independent ones with the same `p_adjusted`; NaN when that
        is 1.
    missing
        Participants of the node without the covariate, who are on neither side.
    """

    covariate: str
    kind: Kind
    first: Condition
    second: Condition
    difference: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    p: float
    p_adjusted: float
    p_overall: float
    splits: int
    effective: float
    missing: int
