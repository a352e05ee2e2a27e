"""Jackson et al. 2014, Stat Med 33:1100: intervals of τ² in meta-regression, as in metafor's tests.

Printed values have four decimals. The article takes 1.96 for the normal quantile.
"""

import pytest

from analysis.pooling import meta_regression

PRINTED = 1e-4
FIRST = {
    "yi": [0.0267, 0.8242, 0.3930, 2.4405, 2.1401, 1.2528, 2.4849, 0.3087, 1.4246, 0.1823, 1.1378,
           1.2321, 2.0695, 4.0237, 1.4383, 1.6021],
    "vi": [0.1285, 0.0315, 0.0931, 2.0967, 1.0539, 0.1602, 1.0235, 0.0218, 0.5277, 0.0556, 0.3304,
           0.1721, 0.4901, 2.0200, 0.3399, 0.1830],
    "moderators": [0] * 10 + [1] * 6,
}  # fmt: skip
SECOND = {
    "yi": [0.54, 0.4, 0.64, 0.365, 0.835, 0.02, 0.12, 0.085, 1.18, 0.08, 0.18, 0.325, 0.06, 0.715,
           0.065, 0.245, 0.24, 0.06, 0.19],
    "vi": [0.0176, 0.019, 0.0906, 0.0861, 0.0063, 0.0126, 0.0126, 0.0041, 0.0759, 0.0126, 0.0104,
           0.0242, 0.0026, 0.2629, 0.0169, 0.0156, 0.0481, 0.0084, 0.0044],
    "moderators": [1986, 1987, 1988, 1988, 1998, 1999, 2000, 2000, 2000, 2001, 2001, 2001, 2002,
                   2002, 2002, 2002, 2003, 2003, 2003],
}  # fmt: skip
WALD = {"method": "REML", "tau2_interval": "wald-log"}
VARIANCES = {"method": "GENQ", "tau2_interval": "generalised-q", "tau2_weights": "inverse-variance"}
ERRORS = VARIANCES | {"tau2_weights": "inverse-se"}
PROFILE = {"method": "PM", "tau2_interval": "q-profile"}


@pytest.mark.parametrize(
    ("data", "options", "interval"),
    [
        (FIRST, WALD, (0.0110, 0.6330)),
        (FIRST, VARIANCES, (0.0029, 0.6907)),
        (FIRST, ERRORS, (0.0000, 1.1245)),
        (FIRST, PROFILE, (0.0023, 1.4871)),
        (SECOND, WALD, (0.0163, 0.1108)),
        (SECOND, VARIANCES, (0.0170, 0.1393)),
        (SECOND, ERRORS, (0.0180, 0.1375)),
        (SECOND, PROFILE, (0.0178, 0.1564)),
    ],
)
def test_interval_of_the_residual_variance(data, options, interval):
    assert meta_regression(**data, **options).tau2_ci == pytest.approx(interval, abs=PRINTED)
