"""How much information an effect rests on, against what would settle the worthwhile effect."""

from math import log

from scipy.special import ndtri

from analysis.results.estimates import Measure

POWER = 0.9


def information_share(
    se: float | None, worthwhile: float | None, *, measure: Measure, level: float
) -> float | None:
    """Compare the information 1/SE² with what is needed to detect the smallest worthwhile effect.

    Needed is (z₁₋α/₂ + z₁₋β)² / δ², with the level of the interval, 90% power, and the worthwhile
    effect δ on the model's scale (Jennison and Turnbull 2000, Group Sequential Methods, chapter 3).
    The variance between trials is in the SE, as the diversity of Wetterslev 2009 (BMC Med Res
    Methodol 9:86) is in the required size there.

    Parameters
    ----------
    se
        Standard error on the model's scale; None or zero without an estimate.
    worthwhile
        In points, or an odds ratio; None without one.
    """
    if not se or worthwhile is None:
        return None
    effect = worthwhile if measure == "MD" else log(worthwhile)
    if not effect:
        return None
    needed = (ndtri((1 + level) / 2) + ndtri(POWER)) ** 2 / effect**2
    return float(1 / se**2 / needed)
