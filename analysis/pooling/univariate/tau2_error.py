"""Standard errors of the estimators of τ²."""

from math import sqrt

import numpy as np

from analysis.pooling.inputs import Floats
from analysis.pooling.univariate.heterogeneity import Estimator
from analysis.pooling.univariate.moment_estimators import remainders, squared_trace


def tau2_standard_error(
    tau2: float,
    variances: Floats,
    method: Estimator,
    X: Floats,
    *,
    effects: Floats,
    weights: Floats,
) -> float:
    """Return the standard error of an estimated τ².

    Of REML and ML it is that of the expected information (Viechtbauer 2005, J Educ Behav Stat
    30:261, equations 17 and 20); of PM, PMM and EB that of their common equation; of the
    others, which equate a quadratic form y'Py to its expectation, it is √(2·tr(PΣPΣ)) over the
    slope in τ², Σ = V + τ²I.

    Parameters
    ----------
    tau2 : float
    variances, effects : ndarray, shape (k,)
    method : str
        A random-effects estimator, see `estimate_tau2`.
    X : ndarray, shape (k, p)
        Design of the mean, with its intercept.
    weights : ndarray, shape (k,)
        Of GENQ and GENQM.
    """
    k, p = variances.size, int(X.shape[1])
    total = variances + tau2
    if method == "ML":
        return sqrt(2 / float((total**-2).sum()))
    if method == "REML":
        return sqrt(2 / squared_trace(1 / total, np.ones(k), X))
    if method in {"PM", "EB", "PMM"}:
        return sqrt(2 / (k - p)) * k / float((1 / total).sum())
    start = float(np.var(effects))
    forms = {
        "DL": 1 / variances,
        "HS": 1 / variances,
        "HSk": 1 / variances,
        "HE": np.ones(k),
        "SJ": 1 / (variances + start) if start > 0 else np.ones(k),
        "GENQ": weights,
        "GENQM": weights,
    }
    form = forms[method]
    total_weight = float((1 / variances).sum())
    slopes = {
        "HS": total_weight,
        "HSk": total_weight * float(k - p) / k,
        "SJ": (k - p) / start if start > 0 else np.inf,
    }
    spread = 2 * squared_trace(form, total, X)
    return sqrt(spread) / slopes.get(method, float(form @ remainders(form, X)))
