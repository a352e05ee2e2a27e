"""The best split of every covariate of one node."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr

from analysis.models.design import Array
from analysis.models.inference import interval
from analysis.subgroups.conditions import Condition, Split
from analysis.subgroups.covariates import MISSING, Covariate, groupings
from analysis.subgroups.effective import (
    Correlation,
    adjusted,
    effective_number,
    grouped_correlation,
    of_the_largest,
    ordered_correlation,
    sidak,
)
from analysis.subgroups.fast_fit import BLOCK, FastFits, fit_last
from analysis.subgroups.fieldwise import fieldwise
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.products import effect_products, interaction_products
from analysis.subgroups.search_data import Codes
from analysis.subgroups.sums import (
    Centred,
    Mask,
    Sums,
    cumulative,
    grouped,
    join,
    sums_by_code,
)

TRIALS = 2  # trials that must hold the minimum per arm on each side


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Admissible splits of one covariate in one node.

    Attributes
    ----------
    covariate
        What is split.
    present
        Codes that occur in the node, rising; (m,).
    position
        Of each admissible split, the index of its last code in `present`; (g,). Empty when the
        covariate is categorical.
    first
        Of each admissible split, which levels its first side holds; (g, levels). Empty when the
        covariate is ordered or binary.
    node, side
        Sums of all known participants (one group) and of each first side (g groups).
    correlation
        Between the statistics of the splits.
    missing
        Participants without the covariate.
    """

    covariate: Covariate
    present: Codes
    position: Codes
    first: Mask
    node: Sums
    side: Sums
    correlation: Correlation
    missing: int

    @property
    def count(self) -> int:
        """Number of admissible splits."""
        return int(self.side.n.shape[-1])

    @property
    def rest(self) -> Sums:
        """Sums of each second side."""
        return self.node.minus(self.side)

    def conditions(self, index: int) -> tuple[Condition, Condition]:
        """Give the two sides of a split."""
        found = self.covariate
        if found.kind == "ordered" and found.numeric:
            cut = float(found.levels[self.present[self.position[index]]])
            return Condition(found.name, True, cut), Condition(found.name, False, cut)
        on = (
            self.first[index]
            if found.kind == "categorical"
            else np.arange(len(found.levels)) <= self.present[self.position[index]]
        )
        held = np.isin(np.arange(len(found.levels)), self.present)
        one = tuple(level for level, here in zip(found.levels, on & held, strict=True) if here)
        two = tuple(level for level, here in zip(found.levels, ~on & held, strict=True) if here)
        return Condition(found.name, True, None, one), Condition(found.name, False, None, two)


def sides_of(model: Centred, rows: Codes, covariate: Covariate, minimum: int) -> Sides:
    """Find the admissible splits of a covariate among the participants `rows`."""
    codes = covariate.codes[rows]
    known = codes != MISSING
    here, codes = rows[known], codes[known]
    count = np.bincount(codes, minlength=len(covariate.levels))
    present = np.flatnonzero(count)
    place = np.cumsum(count > 0) - 1
    by_code = sums_by_code(model, here, place[codes], max(len(present), 1))
    node = grouped(by_code, np.ones((1, max(len(present), 1)), dtype=bool))
    first = np.zeros((0, len(covariate.levels)), dtype=bool)
    position = np.zeros(0, dtype=np.intp)
    if covariate.kind == "categorical" and len(present) > 1:
        first = groupings(present, len(covariate.levels))
        side = grouped(by_code, first[:, present])
        fine = admissible(node, side, minimum)
        first, side = first[fine], side.take(fine)
        correlation = grouped_correlation(first[:, present], count[present].astype(float))
    else:
        side = cumulative(by_code)
        position = np.flatnonzero(admissible(node, side, minimum))
        side = side.take(position)
        correlation = ordered_correlation(count[present].cumsum()[position] / max(len(here), 1))
    missing = len(rows) - len(here)
    return Sides(covariate, present, position, first, node, side, correlation, missing)


def admissible(node: Sums, side: Sums, minimum: int) -> Mask:
    """Which splits leave `minimum` participants per arm on both sides, in `TRIALS` trials; (g,)."""
    enough = [(part.n >= minimum).all(axis=0).sum(axis=0) for part in (side, node.minus(side))]
    return np.asarray((enough[0] >= TRIALS) & (enough[1] >= TRIALS))


def best_splits(
    model: Centred, rows: Codes, covariates: Sequence[Covariate], options: PartitionOptions
) -> list[Split]:
    """Find the best split of every covariate that has one, the smallest adjusted p first.

    Parameters
    ----------
    model
        Centred columns of all participants.
    rows
        Positions of the node's participants.
    covariates, options
        What may be split, and how.
    """
    found = [sides_of(model, rows, one, options.minimum) for one in covariates]
    found = [sides for sides in found if sides.count]
    if not found:
        return []
    fits, p = _tests(model, found, options)
    out, start = [], 0
    for sides in found:
        own = np.arange(start, start + sides.count)
        start += sides.count
        usable = own[np.isfinite(p[own]) & fits.converged[own]]
        if usable.size:
            order = np.lexsort((-np.abs(fits.estimate / fits.se)[usable], p[usable]))
            at = int(usable[order[0]])
            fit = fieldwise(lambda value, at=at: value[..., at : at + 1], fits)
            out.append(_split(sides, at - int(own[0]), fit, float(p[at]), options))
    number = len(out) if options.across == "sidak" else 1
    out = [replace(one, p_overall=adjusted(one.p_adjusted, number)) for one in out]
    return sorted(out, key=lambda one: (one.p_adjusted, one.p, -abs(one.difference / one.se)))


def _tests(
    model: Centred, found: Sequence[Sides], options: PartitionOptions
) -> tuple[FastFits, Array]:
    """Fit treatment × side for all splits of all covariates, and give p by the criterion."""
    kind = {"free": model.free, "adjusted": model.adjusted}
    fits, p = [], []
    for node, side in _batches(found):
        one = fit_last(interaction_products(node, side, **kind), inference=options.inference)
        fits.append(one)
        if options.criterion == "interaction":
            p.append(one.p)
            continue
        z = [
            fit_last(effect_products(part, **kind), inference=options.inference).z
            for part in (side, node.minus(side))
        ]
        p.append(2 * ndtr(-np.abs(z[0] - z[1]) / np.sqrt(2)))
    return fieldwise(lambda *values: np.concatenate(values, axis=-1), *fits), np.concatenate(p)


def _batches(found: Sequence[Sides]) -> Iterator[tuple[Sums, Sums]]:
    """Nodes and sides of all splits in turn, in batches that stay in the processor's cache."""
    nodes: list[Sums] = []
    sides: list[Sums] = []
    size = 0
    for one in found:
        for start in range(0, one.count, BLOCK):
            part = one.side.take(slice(start, start + BLOCK))
            width = part.n.shape[-1]
            if size and size + width > BLOCK:
                yield join(nodes), join(sides)
                nodes, sides, size = [], [], 0
            if width == BLOCK:  # one node for all of them
                yield one.node, part
                continue
            nodes, sides, size = [*nodes, one.node.spread(width)], [*sides, part], size + width
    if size:
        yield join(nodes), join(sides)


def _split(sides: Sides, index: int, fit: FastFits, p: float, options: PartitionOptions) -> Split:
    first, second = sides.conditions(index)
    low, high, _ = interval(fit.estimate, fit.se, fit.df, options.confidence)
    adjust = of_the_largest if options.within == "largest" else sidak
    p_adjusted = adjust(p, sides.correlation)
    return Split(
        covariate=sides.covariate.name,
        kind=sides.covariate.kind,
        first=first,
        second=second,
        difference=float(fit.estimate[0]),
        se=float(fit.se[0]),
        df=float(fit.df[0]),
        ci_low=float(low[0]),
        ci_high=float(high[0]),
        p=p,
        p_adjusted=p_adjusted,
        p_overall=p_adjusted,
        splits=sides.count,
        effective=effective_number(p, p_adjusted),
        missing=sides.missing,
    )
