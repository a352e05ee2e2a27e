"""Adaptive refinement by directed peeling in an individual participant data meta-analysis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from analysis.errors import ModelError
from analysis.models.result import Contrast
from analysis.subgroups.box import Box, Direction, build_grid, check_directions, refusal
from analysis.subgroups.box_effects import (
    MINIMUM_TRIALS,
    SAID,
    BoxScore,
    Criterion,
    EffectModel,
    TrialEffects,
    contrasts,
)
from analysis.subgroups.box_rows import complete
from analysis.subgroups.fast_fit import InferenceMethod
from analysis.subgroups.peeling_result import PeelingStep, PeelingTrajectory
from analysis.subgroups.peeling_search import BoxSearch, Found, boxes_by_size
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.sums import Centred, join, whole

SIZES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
Better = Literal["higher", "lower"]


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
    better: Better = "higher"
    minimum_per_arm: int = 10
    cuts: int = 40
    model: EffectModel = field(default_factory=EffectModel)

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise ModelError(f"Expected alpha between 0 and 1, such as 0.05: {self.alpha!r}.")
        if not self.sizes or not all(0 < size < 1 for size in self.sizes):
            raise ModelError(f"Expected sizes between 0 and 1, such as 0.1: {self.sizes!r}.")
        if self.minimum_per_arm < 1 or self.cuts < 1:
            raise ModelError(
                "Expected minimum_per_arm and cuts of at least 1: "
                f"{self.minimum_per_arm!r}, {self.cuts!r}."
            )
        for name, value, allowed in (
            ("criterion", self.criterion, get_args(Criterion)),
            ("better", self.better, get_args(Better)),
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
            f"{SAID[self.criterion]} ({self.better} outcomes are better); at least "
            f"{self.minimum_per_arm} participants per arm in {MINIMUM_TRIALS} trials; "
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
    better: Better = "higher",
    minimum_per_arm: int = 10,
    cuts: int = 40,
    trial_effects: TrialEffects = "fixed",
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
    better
        Whether higher or lower outcomes are the better ones.
    minimum_per_arm
        Participants per arm that a box needs in each of two trials.
    cuts
        Thresholds tried per covariate in an exchange; peels can end at any value.
    trial_effects, inference, level
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
        dict(directions), alpha, tuple(sizes), criterion, refine, better, minimum_per_arm, cuts,
        EffectModel(trial_effects, inference, level),
    )  # fmt: skip
    return run_peeling(data, options)


def run_peeling(data: SearchData, options: Peeling) -> PeelingTrajectory:
    """Peel as `peel` does, with its options in one object."""
    people, peeled, refused, excluded = _peelable(data, options.directions)
    model = options.model.columns(people)
    everybody = whole(model, np.arange(people.n))
    score = BoxScore(
        options.model, everybody, people.baseline is not None, options.criterion,
        1.0 if options.better == "higher" else -1.0, options.minimum_per_arm,
    )  # fmt: skip
    grid = build_grid(people, peeled)
    search = BoxSearch(grid, model, score, options.alpha, options.refine, options.cuts)
    path, found = boxes_by_size(search, options.falling)
    if not path[1:]:
        raise ModelError(
            f"Peeling found no box with {options.minimum_per_arm} participants per arm in "
            f"{MINIMUM_TRIALS} trials among {people.n} participants of {people.k} trials. Lower "
            "the minimum, or peel a covariate that leaves more of them."
        )
    reached = [(size, box) for size, box in zip(options.falling, found, strict=True) if box]
    report = _Report(people, model, search, options)
    return PeelingTrajectory(
        directions=peeled,
        overall=report.overall(),
        steps=report.steps([box for _, box in reached], [size for size, _ in reached]),
        path=report.steps(path[1:], [float("nan")] * len(path[1:])),
        refused=refused,
        not_reached={
            size: f"peeling ended at {path[-1].n / people.n:.3g}, no smaller box has enough "
            "participants"
            for size, box in zip(options.falling, found, strict=True)
            if box is None
        },
        excluded=excluded,
        n=people.n,
        k=people.k,
        level=options.model.level,
        convention=options.sentence(people),
    )


def _peelable(
    data: SearchData, directions: Mapping[str, Direction]
) -> tuple[SearchData, dict[str, Direction], dict[str, str], dict[str, int]]:
    """Participants and covariates to peel, the covariates refused, the participants left out."""
    check_directions(data, directions)
    refused = {name: why for name in directions if (why := refusal(data.covariate(name)))}
    peeled = {name: side for name, side in directions.items() if name not in refused}
    if not peeled:
        reasons = "; ".join(f"{name}: {why}" for name, why in refused.items())
        raise ModelError(f"No covariate can be peeled. {reasons}. Add an ordered covariate.")
    people, excluded = complete(data, list(peeled))
    if people.n == 0:
        raise ModelError(
            f"Nobody has a value of all the covariates {', '.join(peeled)}: peel fewer of them."
        )
    return people, peeled, refused, excluded


@dataclass(frozen=True, slots=True, eq=False)
class _Report:
    """Turns boxes of the search into steps with effects."""

    people: SearchData
    model: Centred
    search: BoxSearch
    options: Peeling

    @property
    def adjusted(self) -> bool:
        return self.people.baseline is not None

    def overall(self) -> Contrast:
        everybody = whole(self.model, np.arange(self.people.n))
        fits = self.options.model.effects(everybody, adjusted=self.adjusted)
        return contrasts(fits, self.options.model.level)[0]

    def steps(self, found: Sequence[Found], requested: Sequence[float]) -> tuple[PeelingStep, ...]:
        """Effects inside, outside and their difference, of all boxes at once."""
        if not found:
            return ()
        grid, model, level = self.search.grid, self.options.model, self.options.model.level
        masks = [grid.inside(box.limits) for box in found]
        inside = join([whole(self.model, np.flatnonzero(mask)) for mask in masks])
        everybody = whole(self.model, np.arange(self.people.n))
        outside = everybody.spread(len(found)).minus(inside)
        effect = contrasts(model.effects(inside, adjusted=self.adjusted), level)
        rest = contrasts(model.effects(outside, adjusted=self.adjusted), level)
        fits = model.differences(everybody, inside, adjusted=self.adjusted)
        difference = contrasts(fits, level)
        boxes: list[Box] = [grid.box(grid.loosened(box.limits)) for box in found]
        return tuple(
            PeelingStep(
                requested=requested[i],
                size=box.n / self.people.n,
                n=box.n,
                n_treated=int(inside.n[1, :, i].sum()),
                n_control=int(inside.n[0, :, i].sum()),
                k=int((inside.n[..., i] > 0).all(axis=0).sum()),
                box=boxes[i],
                effect=effect[i],
                rest=rest[i],
                difference=difference[i],
            )
            for i, box in enumerate(found)
        )
