"""Effect sizes of continuous outcomes, from means, standard deviations and numbers.

Every difference is arm 1 less arm 2. Agreement with metafor's escalc(), whose measure each
docstring names.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

from analysis.pooling.effect_sizes.plausibility import warn_large, warn_standard_errors
from analysis.pooling.inputs import Floats
from analysis.pooling.options import check_choice
from analysis.pooling.summaries import Effects, as_effects, check_arm, numbers, refuse

Variance = Literal["LS", "LS2", "UB"]


def mean_difference(  # noqa: PLR0917 — the six numbers of a trial, in the order of the literature
    m1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    m2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    *,
    sd: Literal["separate", "pooled"] = "separate",
) -> Effects:
    """Return the difference of two means, with final values or with changes from baseline.

    Parameters
    ----------
    m1, sd1, n1, m2, sd2, n2 : array_like, shape (k,)
        Mean, standard deviation and number of participants of both arms.
    sd : {"separate", "pooled"}
        Variance sd1²/n1 + sd2²/n2 (MD), or with the pooled SD (MD, vtype "HO").

    Raises
    ------
    ModelError
        Text, a missing value, an SD not above 0, fewer than two participants.

    Notes
    -----
    Warns when an SD looks like a standard error: by `suspect_standard_errors`, or beside the SD of
    the trial's other arm.

    References
    ----------
    Cochrane Handbook 6.5, section 6.5.1.1.
    """
    m1, sd1, n1, m2, sd2, n2 = _arms(m1, sd1, n1, m2, sd2, n2)
    check_choice("mean_difference: sd", sd, ("separate", "pooled"))
    warn_standard_errors(np.r_[sd1, sd2], np.r_[n1, n2], one_scale=True)
    if sd == "pooled":
        variance = pooled_sd(sd1, n1, sd2, n2) ** 2 * (1 / n1 + 1 / n2)
    else:
        variance = sd1**2 / n1 + sd2**2 / n2
    return as_effects(m1 - m2, variance, "mean difference")


def hedges_g(  # noqa: PLR0917 — the six numbers of a trial, in the order of the literature
    m1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    m2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    *,
    vtype: Variance = "LS",
) -> Effects:
    """Return the standardised mean difference with Hedges' exact correction (SMD).

    Parameters
    ----------
    m1, sd1, n1, m2, sd2, n2 : array_like, shape (k,)
        The SDs must be of final values: those of changes put trials on another scale.
    vtype : {"LS", "LS2", "UB"}
        See `hedges_g_from_d`.

    Raises
    ------
    ModelError
        As `mean_difference`.

    Notes
    -----
    Warns when an SD looks like a standard error beside that of the trial's other arm, and of
    differences beyond 3. SDs of different trials are not compared: their scales may differ.

    References
    ----------
    Hedges 1981, J Educ Stat 6:107; Cochrane Handbook 6.5, section 6.5.1.2.
    """
    m1, sd1, n1, m2, sd2, n2 = _arms(m1, sd1, n1, m2, sd2, n2)
    warn_standard_errors(np.r_[sd1, sd2], np.r_[n1, n2], one_scale=False)
    return hedges_g_from_d((m1 - m2) / pooled_sd(sd1, n1, sd2, n2), n1, n2, vtype=vtype)


def hedges_g_from_d(
    d: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, vtype: Variance = "LS"
) -> Effects:
    """Return Hedges' g from Cohen's d with the pooled SD (SMD).

    Parameters
    ----------
    d, n1, n2 : array_like, shape (k,)
    vtype : {"LS", "LS2", "UB"}
        With m = n1 + n2 − 2, J the correction and g = J·d:
        LS 1/n1 + 1/n2 + g²/(2(n1 + n2)), metafor's default;
        LS2 J²(1/n1 + 1/n2 + d²/(2(n1 + n2))) (Borenstein et al. 2009, chapter 4);
        UB 1/n1 + 1/n2 + (1 − (m − 2)/(m·J²))·g², unbiased (Hedges 1983, Psychol Bull 93:388).

    Raises
    ------
    ModelError
        Text, a missing value, fewer than two participants in an arm.
    """
    d, n1, n2 = numbers(d=d, n1=n1, n2=n2)
    _check_sizes(n1, n2)
    warn_large(d)
    J = correction(n1 + n2 - 2)
    variance = _smd_variance(vtype, J * d, J, n1, n2)
    return as_effects(J * d, variance, "standardised difference")


def hedges_g_from_t(
    t: ArrayLike, n1: ArrayLike, n2: ArrayLike, *, vtype: Variance = "LS"
) -> Effects:
    """Return Hedges' g from a two-sample t statistic: d = t·√(1/n1 + 1/n2) (SMD).

    Parameters
    ----------
    t, n1, n2 : array_like, shape (k,)
        From P, take `t_from_p` with n1 + n2 − 2 degrees of freedom and the effect's sign.
    vtype : {"LS", "LS2", "UB"}
    """
    t, n1, n2 = numbers(t=t, n1=n1, n2=n2)
    _check_sizes(n1, n2)
    return hedges_g_from_d(t * np.sqrt(1 / n1 + 1 / n2), n1, n2, vtype=vtype)


def glass_delta(  # noqa: PLR0917 — the six numbers of a trial, in the order of the literature
    m1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    m2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
    *,
    sd: Literal["equal", "separate"] = "equal",
) -> Effects:
    """Return the difference in units of arm 2's SD (the control's), with the exact correction.

    Parameters
    ----------
    m1, sd1, n1, m2, sd2, n2 : array_like, shape (k,)
    sd : {"equal", "separate"}
        Variance under equal population SDs (SMD1), or without that assumption (SMD1H).

    Notes
    -----
    Warns when an SD looks like a standard error beside that of the trial's other arm.

    References
    ----------
    Glass 1976, Educ Res 5:3; variances: Hedges 1981, and Bonett 2008, Psychol Methods 13:99.
    """
    m1, sd1, n1, m2, sd2, n2 = _arms(m1, sd1, n1, m2, sd2, n2)
    check_choice("glass_delta: sd", sd, ("equal", "separate"))
    warn_standard_errors(np.r_[sd1, sd2], np.r_[n1, n2], one_scale=False)
    delta = correction(n2 - 1) * (m1 - m2) / sd2
    ratio = 1.0 if sd == "equal" else (sd1 / sd2) ** 2
    return as_effects(delta, ratio / n1 + 1 / n2 + delta**2 / (2 * n2), "standardised difference")


def ratio_of_means(  # noqa: PLR0917 — the six numbers of a trial, in the order of the literature
    m1: ArrayLike,
    sd1: ArrayLike,
    n1: ArrayLike,
    m2: ArrayLike,
    sd2: ArrayLike,
    n2: ArrayLike,
) -> Effects:
    """Return the log of the ratio of two means (ROM).

    Raises
    ------
    ModelError
        As `mean_difference`; means that are 0 or of opposite sign.

    References
    ----------
    Hedges, Gurevitch and Curtis 1999, Ecology 80:1150; Cochrane Handbook 6.5, section 6.5.1.3.
    """
    m1, sd1, n1, m2, sd2, n2 = _arms(m1, sd1, n1, m2, sd2, n2)
    refuse(
        m1 * m2 <= 0, m1, "m1", "of the same sign as m2, and neither 0",
        "A ratio of means needs a ratio scale: use the mean difference or Hedges' g.",
    )  # fmt: skip
    variance = sd1**2 / (n1 * m1**2) + sd2**2 / (n2 * m2**2)
    return as_effects(np.log(m1 / m2), variance, "log ratio of means")


def standardised_mean_change(
    m_pre: ArrayLike,
    m_post: ArrayLike,
    sd_pre: ArrayLike,
    sd_post: ArrayLike,
    *,
    n: ArrayLike,
    correlation: ArrayLike,
    standardiser: Literal["baseline", "change"] = "baseline",
) -> Effects:
    """Return one arm's change from baseline, (m_post − m_pre) over an SD, exactly corrected.

    Parameters
    ----------
    m_pre, m_post, sd_pre, sd_post, n, correlation : array_like, shape (k,)
        The correlation is of baseline and final values.
    standardiser : {"baseline", "change"}
        The SD at baseline (SMCR) or of the changes (SMCC), with the "LS" variance.

    Notes
    -----
    The difference of two arms' changes is `difference_of(arm1, arm2)` (Morris 2008, Organ Res
    Methods 11:364).

    References
    ----------
    Becker 1988, Br J Math Stat Psychol 41:257; Gibbons, Hedeker and Davis 1993, J Educ Stat 18:271.
    """
    m_pre, m_post, sd_pre, sd_post, n, r = numbers(
        m_pre=m_pre, m_post=m_post, sd_pre=sd_pre, sd_post=sd_post, n=n, correlation=correlation
    )
    check_arm(sd_pre, n, "", time="_pre")
    check_arm(sd_post, n, "", time="_post")
    refuse(np.abs(r) >= 1, r, "correlation", "between −1 and 1", "Check its source.")
    check_choice("standardised_mean_change: standardiser", standardiser, ("baseline", "change"))
    J = correction(n - 1)
    if standardiser == "baseline":
        change = J * (m_post - m_pre) / sd_pre
        return as_effects(change, 2 * (1 - r) / n + change**2 / (2 * n), "standardised change")
    spread = np.sqrt(sd_pre**2 + sd_post**2 - 2 * r * sd_pre * sd_post)
    change = J * (m_post - m_pre) / spread
    return as_effects(change, 1 / n + change**2 / (2 * n), "standardised change")


def difference_of(arm1: Effects, arm2: Effects) -> Effects:
    """Return the difference of two arms' independent effects, and the sum of their variances."""
    return Effects(arm1.yi - arm2.yi, arm1.vi + arm2.vi)


def pooled_sd(sd1: Floats, n1: Floats, sd2: Floats, n2: Floats) -> Floats:
    """Return the SD of two arms pooled by their degrees of freedom."""
    return np.asarray(
        np.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2)), dtype=np.float64
    )


def correction(m: Floats) -> Floats:
    """Return Hedges' J(m) = Γ(m/2) / (√(m/2)·Γ((m − 1)/2)), m ≥ 2 degrees of freedom (1981).

    From 400 on by the series of Γ(y + 1/2)/Γ(y), y = (m − 1)/2 (Abramowitz and Stegun 6.1.47),
    because a difference of two large log Γ loses digits.
    """
    refuse(
        m < 2, m, "degrees of freedom of the SD", "at least 2",
        "The correction needs three participants in an arm: leave the trial out.",
    )  # fmt: skip
    direct = np.exp(gammaln(m / 2) - gammaln((m - 1) / 2)) / np.sqrt(m / 2)
    u = 2 / (m - 1)
    series = 1 - u / 8 + u**2 / 128 + 5 * u**3 / 1024 - 21 * u**4 / 32768
    return np.where(m < 400, direct, np.sqrt((m - 1) / m) * series)


def _arms(*summaries: ArrayLike) -> tuple[Floats, ...]:
    names = ("m1", "sd1", "n1", "m2", "sd2", "n2")
    arms = numbers(**dict(zip(names, summaries, strict=True)))
    check_arm(arms[1], arms[2], "1")
    check_arm(arms[4], arms[5], "2")
    return arms


def _check_sizes(n1: Floats, n2: Floats) -> None:
    for name, n in (("n1", n1), ("n2", n2)):
        refuse(n < 2, n, name, "at least 2", "Leave the trial out, with the reason.")


def _smd_variance(vtype: str, g: Floats, J: Floats, n1: Floats, n2: Floats) -> Floats:
    base, m = 1 / n1 + 1 / n2, n1 + n2 - 2
    check_choice("Hedges' g: vtype", vtype, get_args(Variance))
    if vtype == "LS":
        return base + g**2 / (2 * (n1 + n2))
    if vtype == "LS2":
        return J**2 * base + g**2 / (2 * (n1 + n2))
    return base + (1 - (m - 2) / (m * J**2)) * g**2
