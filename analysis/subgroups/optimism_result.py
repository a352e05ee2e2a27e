"""Apparent and corrected effects of subgroups, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.subgroups.stability import Stability


@dataclass(frozen=True, slots=True)
class Corrected:
    """One quantity of one subgroup: as found, and corrected for the search.

    Attributes
    ----------
    apparent
        On the participants among whom the subgroup was found.
    optimism
        Mean over bootstrap samples of the quantity on the sample less that on all participants,
        for the subgroup found in the sample.
    corrected
        `apparent` less `optimism` (Harrell, Lee and Mark 1996, Stat Med 15:361).
    out_of_bag
        Mean over the samples of the quantity on the participants who were not drawn.
    point632
        0.368 × apparent + 0.632 × out of bag (Efron 1983, JASA 78:316).
    point632_plus
        The same with a weight from 0.632 up to 1 that grows with overfitting (Efron and Tibshirani
        1997, JASA 92:548, equations 29 to 32).
    error
        Monte Carlo standard error of `out_of_bag`.
    used
        Samples in which the quantity could be estimated throughout.
    """

    apparent: float
    optimism: float
    corrected: float
    out_of_bag: float
    point632: float
    point632_plus: float
    error: float
    used: int


@dataclass(frozen=True, slots=True)
class SubgroupOptimism:
    """A subgroup found in all participants, and what its effects are worth elsewhere.

    Attributes
    ----------
    key, rule
        Its name, and its conditions in words.
    n, size
        Participants inside, and their share.
    found
        Share of the samples in which the search found a subgroup of this key; in the others
        everybody stands for it, whose difference from the rest is zero.
    effect, rest, difference
        Treatment effect inside, outside, and the interaction.
    """

    key: str
    rule: str
    n: int
    size: float
    found: float
    effect: Corrected
    rest: Corrected
    difference: Corrected


@dataclass(frozen=True, slots=True)
class Optimism:
    """What `bootstrap_optimism` found.

    Attributes
    ----------
    subgroups
        In the order in which the search gave them.
    overall
        Treatment effect in everybody.
    stability
        How often each covariate was chosen, and where it was cut.
    replicates
        Bootstrap samples drawn.
    failed
        Reason to number of samples that could not be searched; they count in nothing.
    convention
        One sentence for a table note.
    """

    subgroups: tuple[SubgroupOptimism, ...]
    overall: float
    stability: Stability
    replicates: int
    failed: Mapping[str, int]
    convention: str

    def table(self, quantity: str = "effect") -> pd.DataFrame:
        """One row per subgroup: key, rule, n, size, found, then the fields of `Corrected`.

        Parameters
        ----------
        quantity
            ``"effect"``, ``"rest"`` or ``"difference"``.
        """
        rows = []
        for one in self.subgroups:
            said: Corrected = getattr(one, quantity)
            numbers = {name: getattr(said, name) for name in Corrected.__slots__}
            rows.append(
                {"key": one.key, "rule": one.rule, "n": one.n, "size": one.size,
                 "found": one.found, **numbers}
            )  # fmt: skip
        return pd.DataFrame(rows)

    def notes(self) -> list[str]:
        """Sentences for a table note."""
        lost = [f"{count} samples left out: {why}" for why, count in self.failed.items()]
        return [self.convention, *lost]
