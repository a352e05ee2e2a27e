"""Standard deviations of changes from baseline, and missing ones.

Sections are of the Cochrane Handbook for Systematic Reviews of Interventions, version 6.5.
"""

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import ModelError
from analysis.pooling.inputs import Floats
from analysis.pooling.options import check_choice
from analysis.pooling.summaries import numbers, refuse

Rule = Literal["pooled", "median", "largest"]


def change_sd(sd_baseline: ArrayLike, sd_final: ArrayLike, correlation: ArrayLike) -> Floats:
    """Return the SD of changes: √(SD_b² + SD_f² − 2·r·SD_b·SD_f) (6.5.2.8).

    Parameters
    ----------
    sd_baseline, sd_final : array_like, shape (k,)
    correlation : array_like
        Of baseline and final values, from another trial (`correlation_from_sds`) or assumed: then
        repeat the analysis with other values.
    """
    before, after, r = numbers(sd_baseline=sd_baseline, sd_final=sd_final, correlation=correlation)
    _positive(sd_baseline=before, sd_final=after)
    refuse(np.abs(r) >= 1, r, "correlation", "between −1 and 1", "Check its source.")
    return np.asarray(np.sqrt(before**2 + after**2 - 2 * r * before * after))[()]


def correlation_from_sds(
    sd_baseline: ArrayLike, sd_final: ArrayLike, sd_change: ArrayLike
) -> Floats:
    """Return the correlation of baseline and final values that three SDs imply (6.5.2.8).

    r = (SD_b² + SD_f² − SD_c²) / (2·SD_b·SD_f).

    Raises
    ------
    ModelError
        As `numbers`; SDs that no correlation can reconcile.
    """
    before, after, change = numbers(sd_baseline=sd_baseline, sd_final=sd_final, sd_change=sd_change)
    _positive(sd_baseline=before, sd_final=after, sd_change=change)
    r = (before**2 + after**2 - change**2) / (2 * before * after)
    refuse(
        np.abs(r) > 1, r, "the implied correlation", "between −1 and 1",
        "The three SDs contradict one another: is one of them a standard error?",
    )  # fmt: skip
    return np.asarray(r)[()]


def impute_sd(sd: ArrayLike, n: ArrayLike, rule: Rule) -> tuple[Floats, NDArray[np.bool_]]:
    """Fill in missing SDs from the other arms on the same scale (6.5.2.7).

    Parameters
    ----------
    sd, n : array_like, shape (arms,)
        Missing SDs are nan.
    rule : {"pooled", "median", "largest"}
        Pooled by degrees of freedom (Furukawa et al. 2006, J Clin Epidemiol 59:7), the median, or
        the largest, which is conservative.

    Returns
    -------
    sd : ndarray, shape (arms,)
    imputed : ndarray of bool, shape (arms,)
        To be reported, and left out in a sensitivity analysis.

    Raises
    ------
    ModelError
        No SD to borrow; an SD that is not above 0, or of fewer than two participants; an unknown
        rule; another number of n than of SDs.
    """
    try:
        values = np.array(sd, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(
            f"Expected SDs to be numbers or missing, but could not read them ({error}). "
            "Look for text in a number column."
        ) from None
    (sizes,) = numbers(n=n)
    missing = np.isnan(values)
    check_choice("impute_sd: rule", rule, get_args(Rule))
    if missing.all():
        raise ModelError("impute_sd: every SD is missing, so that there is none to borrow.")
    if sizes.shape not in {(), values.shape}:
        raise ModelError(
            f"impute_sd needs one n per SD, but got {values.size} SDs and {sizes.size} n."
        )
    sizes = np.broadcast_to(sizes, values.shape)
    wrong = ~missing & ~((values > 0) & np.isfinite(values))
    refuse(wrong, values, "sd", "above zero", "Check it against the report.")
    refuse(~missing & (sizes < 2), sizes, "n", "at least 2", "Check it against the report.")
    known, weights = values[~missing], sizes[~missing] - 1
    rules: dict[str, Callable[[], float]] = {
        "pooled": lambda: float(np.sqrt(weights @ known**2 / weights.sum())),
        "median": lambda: float(np.median(known)),
        "largest": lambda: float(known.max()),
    }
    values[missing] = rules[rule]()
    return values, missing


def _positive(**values: Floats) -> None:
    for name, value in values.items():
        refuse(value <= 0, value, name, "above zero", "Check it against the report.")
