"""The instruments on which each trial recorded its scores, as Table 1 names them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Labels = NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Scale:
    """A questionnaire or scale: range, step between two scores, and what a high score means.

    `higher` is seen from the common scale: "same" when a high score is high there, too.
    """

    name: str
    low: float
    high: float
    step: float
    higher: Literal["same", "opposite"] = "same"
    note: str = ""

    @property
    def steps(self) -> int:
        """Number of steps from the lowest to the highest score."""
        return round((self.high - self.low) / self.step)

    def nearby_score(self, common: Array, uniform: Array) -> Array:
        """Round to one of the two nearest scores, so that the mean is kept.

        A value between two scores becomes the upper one with a probability equal to its place
        between them: the expectation of the result is the value itself.

        Parameters
        ----------
        common
            Values on 0 to 100.
        uniform
            Uniform random numbers of the same shape.

        Returns
        -------
        Values on 0 to 100 that the instrument can give.
        """
        step_numbers = np.minimum(np.floor(common / 100 * self.steps + uniform), self.steps)
        return np.asarray(step_numbers * 100 / self.steps)

    def raw(self, common: Array) -> Array:
        """Scores as the instrument gives them, from values on 0 to 100."""
        numbers = np.round(common / 100 * self.steps)
        if self.higher == "opposite":
            numbers = self.steps - numbers
        return np.round(self.low + numbers * self.step, 6)


NRS = Scale("NRS", 0, 10, 1)
VAS_MM = Scale("VAS", 0, 100, 1, note="millimetres")
VAS_CM = Scale("VAS", 0, 10, 0.1, note="centimetres")
BORG = Scale("Borg CR-10", 0, 10, 0.5)
RMDQ = Scale("RMDQ", 0, 24, 1)
ODI = Scale("ODI", 0, 100, 2, note="per cent; ten items of 0 to 5")

PAIN: dict[str, Scale] = {
    "albaladejo2010": VAS_CM,
    "cecchi2010": Scale("Pain Rating Scale", 0, 6, 1),
    "chan2011": VAS_MM,
    "costa2009": NRS,
    "dufour2010": VAS_MM,
    "ferreira2007": VAS_CM,
    "gudavalli2006": VAS_MM,
    "hartvigsen2010": Scale(
        "LBPRS-P", 0, 60, 1, note="pain scale of the Low Back Pain Rating Scale"
    ),
    "kool2007": NRS,
    "koumantakis2005": VAS_MM,
    "kuukkanen2000": BORG,
    "long2004": VAS_CM,
    "macedo2012": NRS,
    "machado2007": VAS_CM,
    "mehling2005": VAS_CM,
    "morone2011": VAS_CM,
    "morone2012": VAS_CM,
    "petersen2011": Scale("VAS", 0, 300, 1, note="sum of three scales of 100 mm"),
    "rasmussenbarr2009": VAS_MM,
    "ryan2010": NRS,
    "sjogren2006": BORG,
    "smeets2006": VAS_MM,
    "sorensen2010": NRS,
    "staal2004": NRS,
    "unsgaardtondel2010": NRS,
    "wajswelner2012": NRS,
}

FUNCTION: dict[str, Scale] = {
    "chan2011": Scale("Aberdeen", 0, 100, 1, note="Chinese Aberdeen Low Back Pain Scale"),
    "hartvigsen2010": Scale(
        "LBPRS-F", 0, 30, 1, note="function scale of the Low Back Pain Rating Scale"
    ),
    "kuukkanen2000": ODI,
    "mehling2005": Scale("RMDQ", 0, 16, 1, note="version of 16 items"),
    "morone2011": ODI,
    "morone2012": ODI,
    "rasmussenbarr2009": ODI,
    "unsgaardtondel2010": ODI,
    "wajswelner2012": Scale("PSFS", 0, 10, 0.1, "opposite", "mean of three activities"),
}
"""Trials with another instrument than the RMDQ of 24 items."""

_SF36_GENERAL = Scale("SF-36 general health", 0, 100, 5)
_SF36_MENTAL = Scale("SF-36 mental health", 0, 100, 4)
_FABQ_ACTIVITY = Scale("FABQ physical activity", 0, 24, 1)
_EQ_VAS = Scale("EQ-VAS", 0, 100, 1)
_TSK = Scale("TSK", 17, 68, 1)

_HEALTH_DEFAULT = {
    "general_health": _SF36_GENERAL,
    "mental_health": _SF36_MENTAL,
    "fear_avoidance": _FABQ_ACTIVITY,
}
_HEALTH = {
    ("general_health", "dufour2010"): _EQ_VAS,
    ("general_health", "machado2007"): _EQ_VAS,
    ("general_health", "petersen2011"): Scale("Perceived illness", 0, 10, 1, "opposite"),
    ("mental_health", "ferreira2007"): Scale("DASS-21", 0, 126, 2, "opposite"),
    ("mental_health", "helmhout2004"): Scale("HADS", 0, 42, 1, "opposite"),
    ("fear_avoidance", "helmhout2004"): _TSK,
    ("fear_avoidance", "smeets2006"): _TSK,
    ("fear_avoidance", "costa2009"): Scale("FABQ", 0, 96, 1),
}

_DURATION_UNITS = {
    "chan2011": ("weeks", 0.23),
    "staal2004": ("weeks", 0.23),
    "dufour2010": ("years", 12.0),
    "kuukkanen2000": ("years", 12.0),
}
_DURATION_STEPS = {"weeks": 1.0, "months": 1.0, "years": 0.5}


def outcome_scale(trial: str, outcome: str) -> Scale:
    """Instrument of an outcome in a trial."""
    return PAIN.get(trial, NRS) if outcome == "pain" else FUNCTION.get(trial, RMDQ)


def health_scale(trial: str, modifier: str) -> Scale:
    """Instrument of general health, mental health or fear avoidance in a trial."""
    return _HEALTH.get((modifier, trial), _HEALTH_DEFAULT[modifier])


def duration_unit(trial: str) -> tuple[str, float, float]:
    """Give the unit in which a trial noted the duration, months per unit, and step."""
    unit, months = _DURATION_UNITS.get(trial, ("months", 1.0))
    return unit, months, _DURATION_STEPS[unit]
