"""How stable a search is: how often each covariate is chosen, and where it is cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.subgroups.optimism_protocol import Cut

PERCENTILES = (5, 25, 50, 75, 95)


@dataclass(frozen=True, slots=True)
class CutStability:
    """One side of one covariate in the subgroups of one key.

    Attributes
    ----------
    key, covariate, side
        Which.
    original
        Cut-point in all participants; NaN where they did not choose this side.
    chosen
        Share of the repetitions that chose it.
    points
        The cut-points of those repetitions, in the order of the repetitions.
    """

    key: str
    covariate: str
    side: str
    original: float
    chosen: float
    points: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stability:
    """Choices and cut-points over the repetitions of a search.

    Attributes
    ----------
    cuts
        By key, covariate and side; those chosen most often first within a key.
    covariates
        Covariate to the share of the repetitions that chose it in any subgroup.
    repetitions
        Number of repetitions counted.
    """

    cuts: tuple[CutStability, ...]
    covariates: Mapping[str, float]
    repetitions: int

    def table(self) -> pd.DataFrame:
        """One row per cut: key, covariate, side, original, chosen, percentiles of its cut-points.

        The percentile columns are called p5, p25, p50, p75 and p95.
        """
        rows = []
        for one in self.cuts:
            known = np.array([point for point in one.points if not np.isnan(point)])
            at = np.percentile(known, PERCENTILES) if known.size else [np.nan] * len(PERCENTILES)
            rows.append(
                {"key": one.key, "covariate": one.covariate, "side": one.side,
                 "original": one.original, "chosen": one.chosen}
                | {f"p{p}": float(value) for p, value in zip(PERCENTILES, at, strict=True)}
            )  # fmt: skip
        return pd.DataFrame(rows)


def stability(
    original: Mapping[str, Sequence[Cut]], repetitions: Sequence[Mapping[str, Sequence[Cut]]]
) -> Stability:
    """Count choices and collect cut-points.

    Parameters
    ----------
    original
        Key to the cuts of the subgroup found in all participants.
    repetitions
        The same for each repetition of the search; a key that was not found is absent. A side
        that one rule cuts twice counts once, with its last cut-point, the binding one.
    """
    values: dict[tuple[str, str, str], list[float]] = {}
    anywhere: dict[str, int] = {}
    for found in repetitions:
        for key, cuts in found.items():
            for (covariate, side), value in _sides(cuts).items():
                values.setdefault((key, covariate, side), []).append(value)
        for covariate in {cut.covariate for cuts in found.values() for cut in cuts}:
            anywhere[covariate] = anywhere.get(covariate, 0) + 1
    first = {(key, *side): v for key, cuts in original.items() for side, v in _sides(cuts).items()}
    order = {key: i for i, key in enumerate(original)}
    total = max(len(repetitions), 1)
    rows = [
        CutStability(
            *name, first.get(name, np.nan), len(values.get(name, ())) / total,
            tuple(values.get(name, ())),
        )
        for name in dict.fromkeys((*first, *values))
    ]  # fmt: skip
    rows.sort(
        key=lambda row: (order.get(row.key, len(order)), -row.chosen, row.covariate, row.side)
    )
    shares = {name: count / total for name, count in anywhere.items()}
    return Stability(
        tuple(rows),
        dict(sorted(shares.items(), key=lambda item: (-item[1], item[0]))),
        len(repetitions),
    )


def _sides(cuts: Sequence[Cut]) -> dict[tuple[str, str], float]:
    return {(cut.covariate, cut.side): cut.value for cut in cuts}
