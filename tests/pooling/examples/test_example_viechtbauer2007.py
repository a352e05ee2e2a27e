"""Viechtbauer 2007, Stat Med 26:37 (diuretics in pregnancy): estimates and interval of τ².

Table II, page 44, with four decimals, as in metafor's documentation. Not here: the bootstrap
intervals, which depend on R's random numbers, and Biggerstaff and Tweedie's gamma approximation
(0.0481 to 2.3551). The exact distribution that it approximates gives a shorter interval.
"""

import pytest
from scipy.stats import chi2

from analysis.pooling import log_odds_ratio, pool

PRINTED = 1e-4


@pytest.mark.parametrize(
    ("method", "tau2"), [("DL", 0.2297), ("ML", 0.2386), ("REML", 0.3008), ("SJ", 0.4563)]
)
def test_heterogeneity_and_its_q_profile_interval(metafor_data, method, tau2):
    effects = log_odds_ratio(*(metafor_data["collins1985b"][name] for name in "abcd"))
    pooled = pool(*effects, method)
    assert pooled.tau2 == pytest.approx(tau2, abs=PRINTED)
    assert pooled.tau2_ci == pytest.approx((0.0723, 2.2027), abs=PRINTED)


@pytest.mark.parametrize(
    ("method", "interval", "printed"),
    [
        ("ML", "profile-likelihood", (0.0266, 1.1308)),
        ("REML", "profile-likelihood", (0.0427, 1.4747)),
        ("ML", "wald", (0, 0.5782)),
        ("REML", "wald", (0, 0.7322)),
        ("DL", "generalised-q", (0.0474, 1.4312)),  # confint of metafor 3.8-1, method GENQ
    ],
)
def test_other_intervals(metafor_data, method, interval, printed):
    effects = log_odds_ratio(*(metafor_data["collins1985b"][name] for name in "abcd"))
    pooled = pool(*effects, method, tau2_interval=interval)
    assert pooled.tau2_ci == pytest.approx(printed, abs=PRINTED)


def test_sidik_and_jonkman_s_interval(metafor_data):
    effects = log_odds_ratio(*(metafor_data["collins1985b"][name] for name in "abcd"))
    scaled = (effects.yi.size - 1) * pool(*effects, "SJ").tau2
    limits = [scaled / chi2.ppf(p, effects.yi.size - 1) for p in (0.975, 0.025)]
    assert limits == pytest.approx([0.2082, 1.6748], abs=PRINTED)
