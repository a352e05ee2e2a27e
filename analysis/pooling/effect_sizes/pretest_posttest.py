"""Changes from baseline of two arms, compared in units of the pooled baseline SD."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.pooling.effect_sizes.means import correction, pooled_sd
from analysis.pooling.summaries import Effects, as_effects, check_arm, numbers, refuse


def pretest_posttest_control(
    *,
    m_pre1: ArrayLike,
    m_post1: ArrayLike,
    sd_pre1: ArrayLike,
    n1: ArrayLike,
    m_pre2: ArrayLike,
    m_post2: ArrayLike,
    sd_pre2: ArrayLike,
    n2: ArrayLike,
    correlation: ArrayLike,
) -> Effects:
    """Return the difference of two arms' changes over their pooled SD at baseline.

    It needs no SD at the end, which treatment may have changed, and of the three forms that Morris
    compares it is the most precise.

    Parameters
    ----------
    m_pre1, m_post1, sd_pre1, n1, m_pre2, m_post2, sd_pre2, n2 : array_like, shape (k,)
        Means at baseline and at the end, SD at baseline and participants, of arms 1 and 2.
    correlation : array_like, shape (k,)
        Of baseline and final values.

    Returns
    -------
    Effects
        yi = J(n1 + n2 − 2)·(change1 − change2)/SD and
        vi = 2(1 − r)(1/n1 + 1/n2) + yi²/(2(n1 + n2)).

    Raises
    ------
    ModelError
        Text, missing values, shapes that do not fit, an SD not above 0, fewer than two participants
        in an arm, a correlation that is none.

    References
    ----------
    Morris 2008, Organ Res Methods 11:364 (equation 8); the variance for equal correlations as in
    metafor's documentation of that article.
    """
    pre1, post1, sd1, n1, pre2, post2, sd2, n2, r = numbers(
        m_pre1=m_pre1, m_post1=m_post1, sd_pre1=sd_pre1, n1=n1,
        m_pre2=m_pre2, m_post2=m_post2, sd_pre2=sd_pre2, n2=n2, correlation=correlation,
    )  # fmt: skip
    check_arm(sd1, n1, "1", time="_pre")
    check_arm(sd2, n2, "2", time="_pre")
    refuse(np.abs(r) >= 1, r, "correlation", "between −1 and 1", "Check its source.")
    changes = (post1 - pre1) - (post2 - pre2)
    yi = correction(n1 + n2 - 2) * changes / pooled_sd(sd1, n1, sd2, n2)
    vi = 2 * (1 - r) * (1 / n1 + 1 / n2) + yi**2 / (2 * (n1 + n2))
    return as_effects(yi, vi, "difference of standardised changes")
