"""The 27 synthetic trials of the review of exercise for low back pain, from one seed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.demo.calibration import Published
from analysis.demo.designs import DESIGNS, Design, table1_row
from analysis.demo.dropout import drop_out
from analysis.demo.instruments import Labels
from analysis.demo.model import MODIFIERS, build_model
from analysis.demo.outcomes import Enrolled, draw_scores
from analysis.demo.participants import draw_participants, hide_values
from analysis.demo.populations import Population, draw_populations


@dataclass(frozen=True, slots=True)
class SyntheticTrial:
    """One trial as generated.

    `participants` has one row per participant: `arm` (key of the design), the nineteen modifiers
    and the scores `<outcome>_<follow-up>` on the review's scales, missing values included.
    `clipped` of `drawn` means lay outside the scale.
    """

    design: Design
    population: Population
    participants: pd.DataFrame
    clipped: int
    drawn: int


def draw_trials(published: Published, *, seed: int) -> Iterator[SyntheticTrial]:
    """Draw the 27 trials.

    Each trial has a random stream of its own, so that a change to one leaves the others alone.
    """
    model = build_model(published)
    populations = draw_populations(DESIGNS, published, model, np.random.default_rng(seed))
    for number, (design, population) in enumerate(zip(DESIGNS, populations, strict=True), 1):
        table1_row(design, published)
        rng = np.random.default_rng([seed, number])
        complete = draw_participants(design, population, published, rng, size=design.size)
        arm, category = allocate(design, rng)
        trial = Enrolled(design, population, complete, category)
        scores = draw_scores(trial, model, rng, follow_ups=tuple(design.weeks))
        seen = drop_out(scores.frame, trial, rng)
        hidden = hide_values(complete, design, rng)
        frame = pd.concat([pd.DataFrame({"arm": arm}), hidden[list(MODIFIERS)], seen], axis=1)
        yield SyntheticTrial(design, population, frame, scores.clipped, scores.drawn)


def allocate(design: Design, rng: np.random.Generator, *, factor: int = 1) -> tuple[Labels, Labels]:
    """Draw arm and arm category of each participant.

    The arms' sizes are exact (times `factor`), their order is random.
    """
    sizes = [factor * arm.size for arm in design.arms]
    order = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    keys = np.array([arm.key for arm in design.arms])
    categories = np.array([arm.category for arm in design.arms])
    return keys[order], categories[order]
