"""Adaptive refinement by directed peeling in an individual participant data meta-analysis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import get_args

import numpy as np

from analysis.errors import ModelError
from analysis.models.result import Contrast
from analysis.subgroups.box import Box, Direction, build_grid, peelable
from analysis.subgroups.box_effects import (
    MINIMUM_TRIALS,
    SAID,
    BoxScore,
    Criterion,
    EffectModel,
    contrasts,
)
from analysis.subgroups.box_rows import complete
from analysis.subgroups.fast_fit import InferenceMethod
from analysis.subgroups.partition_options import Benefit
from analysis.subgroups.peeling_result import PeelingStep, PeelingTrajectory
from analysis.subgroups.peeling_search import BoxSearch, Found, boxes_by_size
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.sides import Intercepts
from analysis.subgroups.sums import Sums, join, whole

SIZES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Peeling:
    """How to peel; `peel` says what each option means.

    Raises
    ------
    ModelError
        For a value that is no option.
    """

    directions: Mapping[str, Direction]
    alpha: float = 0.05
    sizes: Sequence[float] = SIZES
    criterion: Criterion = "interaction"
    refine: bool = True
    benefit: Benefit = "higher"
    minimum: int = 20
    cuts: int = 25
    model: EffectModel = field(default_factory=EffectModel)

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise ModelError(f"Expected alpha between 0 and 1, such as 0.05: {self.alpha!r}.")
        if not self.sizes or not all(0 < size < 1 for size in self.sizes):
            raise ModelError(f"Expected sizes between 0 and 1, such as 0.1: {self.sizes!r}.")
        if self.minimum < 1 or self.cuts < 1:
            raise ModelError(
                f"Expected minimum and cuts of at least 1: {self.minimum!r}, {self.cuts!r}."
            )
        for name, value, allowed in (
            ("criterion", self.criterion, get_args(Criterion)),
            ("benefit", self.benefit, get_args(Benefit)),
        ):
            if value not in allowed:
                raise ModelError(f"Expected {name} one of {', '.join(allowed)}, found {value!r}.")

    @property
    def falling(self) -> tuple[float, ...]:
        """The requested sizes, from large to small."""
        return tuple(sorted(set(self.sizes), reverse=True))

    def sentence(self, data: SearchData) -> str:
        """Say what was done for a table note."""
        refined = (
            "then thresholds exchanged at constant size" if self.refine else "without refinement"
        )
        return (
            f"Directed peeling of {self.alpha:.0%} at a time, {refined}; criterion: "
            f"{SAID[self.criterion]} ({self.benefit} outcomes are better); at least "
            f"{self.minimum} participants per arm in {MINIMUM_TRIALS} trials; "
            f"{self.model.sentence(data)}; effects are apparent, not corrected for the search."
        )


def peel(
    data: SearchData,
    directions: Mapping[str, Direction],
    *,
    alpha: float = 0.05,
    sizes: Sequence[float] = SIZES,
    criterion: Criterion = "interaction",
    refine: bool = True,
    benefit: Benefit = "higher",
    minimum: int = 20,
    cuts: int = 25,
    intercepts: Intercepts = "fixed",
    inference: InferenceMethod = "satterthwaite",
    level: float = 0.95,
) -> PeelingTrajectory:
    """Find, for each size, the box of covariates with the greatest treatment effect.

    Parameters
    ----------
    data
        Participants; those without one of the covariates are left out and counted.
    directions
        Ordered covariates, each with the side that is kept, fixed in advance: ``"below"`` for
        boxes x < c, ``"above"`` for x > c. Those with three or fewer levels are refused.
    alpha
        Fraction of the remaining participants that one peel removes. A peel removes whole values:
        the nearest feasible number.
    sizes
        Shares of the participants for which a box is sought.
    criterion
        What is maximised: the ``"interaction"`` of treatment and box (effect inside less effect
        outside), its ``"statistic"`` (over its standard error), or the ``"effect"`` inside.
    refine
        Exchange thresholds at constant size (within half a peel) until the criterion stops
        improving; thresholds of different sizes then need not be nested.
    benefit
        Whether higher or lower outcomes are the better ones.
    minimum
        Participants per arm that a box needs in each of two trials.
    cuts
        Thresholds tried per covariate in an exchange; peels can end at any value.
    intercepts, inference, level
        Of the mixed model; see `EffectModel`.

    Returns
    -------
    PeelingTrajectory

    Raises
    ------
    ModelError
        A direction missing, no covariate that can be peeled, too few participants for any box, or
        a value that is no option.

    References
    ----------
    LeBlanc, Moon and Crowley 2005, Biometrics 61:370; as used by Hee and others 2021, BMC
    Musculoskelet Disord 22:191 (criterion allowing for between-trial heterogeneity).
    """
    options = Peeling(
        dict(directions), alpha, tuple(sizes), criterion, refine, benefit, minimum, cuts,
        EffectModel(intercepts, inference, level),
    )  # fmt: skip
    return run_peeling(data, options)


def run_peeling(data: SearchData, options: Peeling) -> PeelingTrajectory:
    """Peel as `peel` does, with its options in one object."""
    done = _search(data, options)
    people, path = done.people, done.path
    boxes = [(size, box) for size, box in zip(options.falling, done.found, strict=True) if box]
    return PeelingTrajectory(
        directions=done.peeled,
        overall=_overall(done),
        steps=_steps(done, [box for _, box in boxes], [size for size, _ in boxes]),
        path=_steps(done, path[1:], [float("nan")] * len(path[1:])),
        refused=done.refused,
        not_reached={
            size: f"peeling ended at {path[-1].n / people.n:.3g}, no smaller box has enough "
            "participants"
            for size, box in zip(options.falling, done.found, strict=True)
            if box is None
        },
        excluded=done.excluded,
        n=people.n,
        k=people.k,
        level=options.model.level,
        convention=options.sentence(people),
    )


def find_boxes(data: SearchData, options: Peeling) -> dict[float, Box]:
    """Peel, and give the box of each requested size that was reached, from large to small."""
    done = _search(data, options)
    grid = done.search.grid
    return {
        size: grid.box(grid.loosened(box.limits))
        for size, box in zip(options.falling, done.found, strict=True)
        if box is not None
    }


@dataclass(frozen=True, slots=True, eq=False)
class _Searched:
    """A finished search: its participants, covariates, boxes, and what was left out."""

    people: SearchData
    peeled: dict[str, Direction]
    refused: dict[str, str]
    excluded: dict[str, int]
    options: Peeling
    search: BoxSearch
    everybody: Sums
    path: list[Found]
    found: list[Found | None]


def _search(data: SearchData, options: Peeling) -> _Searched:
    peeled, refused = peelable(data, options.directions)
    people, excluded = complete(data, list(peeled))
    if people.n == 0:
        raise ModelError(
            f"Nobody has a value of all the covariates {', '.join(peeled)}: peel fewer of them."
        )
    model = options.model.columns(people)
    everybody = whole(model, np.arange(people.n))
    score = BoxScore(
        options.model, everybody, people.baseline is not None, options.criterion,
        1.0 if options.benefit == "higher" else -1.0, options.minimum,
    )  # fmt: skip
    grid = build_grid(people, peeled)
    search = BoxSearch(grid, model, score, options.alpha, options.refine, options.cuts)
    path, found = boxes_by_size(search, options.falling)
    if not path[1:]:
        raise ModelError(
            f"Peeling found no box with {options.minimum} participants per arm in "
            f"{MINIMUM_TRIALS} trials among {people.n} participants of {people.k} trials. Lower "
            "the minimum, or peel a covariate that leaves more of them."
        )
    return _Searched(people, peeled, refused, excluded, options, search, everybody, path, found)


def _overall(done: _Searched) -> Contrast:
    model = done.options.model
    fits = model.effects(done.everybody, adjusted=done.people.baseline is not None)
    return contrasts(fits, model.level)[0]


def _steps(
    done: _Searched, found: Sequence[Found], requested: Sequence[float]
) -> tuple[PeelingStep, ...]:
    """Effects inside, outside and their difference, of all boxes at once."""
    if not found:
        return ()
    grid, columns, model = done.search.grid, done.search.model, done.options.model
    adjusted = done.people.baseline is not None
    inside = join([whole(columns, np.flatnonzero(grid.inside(box.limits))) for box in found])
    outside = done.everybody.spread(len(found)).minus(inside)
    effect = contrasts(model.effects(inside, adjusted=adjusted), model.level)
    rest = contrasts(model.effects(outside, adjusted=adjusted), model.level)
    fits = model.differences(done.everybody, inside, adjusted=adjusted)
    difference = contrasts(fits, model.level)
    return tuple(
        PeelingStep(
            requested=requested[i],
            size=box.n / done.people.n,
            n=box.n,
            n_treated=int(inside.n[1, :, i].sum()),
            n_control=int(inside.n[0, :, i].sum()),
            k=int((inside.n[..., i] > 0).all(axis=0).sum()),
            box=grid.box(grid.loosened(box.limits)),
            effect=effect[i],
            rest=rest[i],
            difference=difference[i],
        )
        for i, box in enumerate(found)
    )
