"""Treatment effects inside and outside boxes, and the criterion that peeling maximises."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.errors import ModelError
from analysis.models.design import Array
from analysis.models.inference import interval
from analysis.models.result import Contrast
from analysis.subgroups.fast_fit import FastFits, InferenceMethod, fit_last
from analysis.subgroups.products import effect_products, interaction_products
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.sides import Intercepts, convention
from analysis.subgroups.sums import Centred, Sums, centred

Criterion = Literal["interaction", "statistic", "effect"]

MINIMUM_TRIALS = 2
NO_EFFECT = "both arms are needed in at least two trials"
SAID = {
    "interaction": "effect inside less effect outside",
    "statistic": "effect inside less effect outside, over its standard error",
    "effect": "effect inside",
}


@dataclass(frozen=True, slots=True)
class EffectModel:
    """The mixed model of the treatment effect: random by trial, trial effects, baseline.

    Attributes
    ----------
    intercepts
        One free intercept per trial, or random ones.
    inference
        ``"satterthwaite"`` t intervals or ``"normal"`` ones.
    level
        Confidence level.
    """

    intercepts: Intercepts = "fixed"
    inference: InferenceMethod = "satterthwaite"
    level: float = 0.95

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("intercepts", self.intercepts, get_args(Intercepts)),
            ("inference", self.inference, get_args(InferenceMethod)),
        ):
            if value not in allowed:
                raise ModelError(f"Expected {name} one of {', '.join(allowed)}, found {value!r}.")
        if not 0 < self.level < 1:
            raise ModelError(f"Expected a level between 0 and 1, found {self.level!r}.")

    @property
    def free(self) -> bool:
        """Whether each trial has its own free intercept."""
        return self.intercepts == "fixed"

    def columns(self, data: SearchData) -> Centred:
        """Centre the model's columns."""
        return centred(data, free=self.free)

    def effects(self, sums: Sums, *, adjusted: bool) -> FastFits:
        """Fit the treatment effect in each of g groups of participants."""
        found = effect_products(sums, free=self.free, adjusted=adjusted)
        return fit_last(found, inference=self.inference)

    def differences(self, everybody: Sums, inside: Sums, *, adjusted: bool) -> FastFits:
        """Fit the interaction of treatment with being inside each of g groups."""
        node = everybody.spread(inside.n.shape[-1])
        found = interaction_products(node, inside, free=self.free, adjusted=adjusted)
        return fit_last(found, inference=self.inference)

    def sentence(self, data: SearchData) -> str:
        """Say the model for a table note."""
        said = convention(self.intercepts, self.inference, adjusted=data.baseline is not None)
        return f"{said}, {self.level:.0%}"


@dataclass(frozen=True, slots=True)
class BoxScore:
    """The criterion of each box; NaN where a box has too few participants or no estimate.

    Attributes
    ----------
    model, everybody, adjusted
        The effect model, the sums of all participants, whether there is a baseline.
    criterion
        What is maximised.
    sign
        1 when a higher outcome is the better one, else −1.
    minimum
        Participants per arm that a box needs in each of two trials.
    """

    model: EffectModel
    everybody: Sums
    adjusted: bool
    criterion: Criterion
    sign: float
    minimum: int

    def __call__(self, inside: Sums) -> Array:
        """Score g boxes from their sums; shape (g,)."""
        out = np.full(inside.n.shape[-1], np.nan)
        enough = np.flatnonzero(admissible(inside, self.minimum))
        if enough.size:
            out[enough] = self._value(inside.take(enough))
        return out

    def _value(self, inside: Sums) -> Array:
        quick = EffectModel(self.model.intercepts, "normal")
        if self.criterion == "effect":
            fits = quick.effects(inside, adjusted=self.adjusted)
        else:
            fits = quick.differences(self.everybody, inside, adjusted=self.adjusted)
        value = fits.estimate / fits.se if self.criterion == "statistic" else fits.estimate
        return np.asarray(np.where(fits.converged, self.sign * value, np.nan))


def admissible(inside: Sums, minimum: int) -> NDArray[np.bool_]:
    """Which of g groups have at least `minimum` participants per arm in two trials; (g,)."""
    enough = (inside.n >= max(minimum, 1)).all(axis=0).sum(axis=0)
    return np.asarray(enough >= MINIMUM_TRIALS)


def contrasts(fits: FastFits, level: float, reason: str = NO_EFFECT) -> list[Contrast]:
    """Give each fit as a contrast; one without estimate carries the reason."""
    limits = interval(fits.estimate, fits.se, fits.df, level)
    low, high = limits[0], limits[1]
    known = fits.converged & np.isfinite(fits.estimate)
    numbers = np.array([fits.estimate, fits.se, fits.df, low, high, fits.p])
    out = []
    for row, yes in zip(np.where(known, numbers, np.nan).T.tolist(), known, strict=True):
        estimate, se, df, ci_low, ci_high, p = row
        why = "" if yes else reason
        out.append(Contrast(estimate, se, df, ci_low, ci_high, p, why))
    return out
