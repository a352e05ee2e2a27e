"""The generalised Q of fixed weights: the τ² under which it has a given tail probability."""

import numpy as np

from analysis.pooling.inputs import Floats
from analysis.pooling.univariate.moment_estimators import project, residual_matrix
from analysis.pooling.univariate.quadratic_forms import quadratic_form_tails
from analysis.pooling.univariate.root_finding import crossing


def tau2_with_q_above(
    probability: float, effects: Floats, variances: Floats, weights: Floats, X: Floats
) -> float:
    """Return the τ² under which a Q above the observed one has this probability, at least 0.

    Q = y'Py with P of the weights is a positive quadratic form in normal variables of variance
    v + τ² (Jackson 2013, Res Synth Methods 4:220).
    """
    tails = _Tails(effects, variances, weights, X)
    return crossing(lambda tau2: tails(tau2)[1] - probability, tails.far)


def tau2_with_q_below(
    probability: float, effects: Floats, variances: Floats, weights: Floats, X: Floats
) -> float:
    """Return the τ² under which a Q up to the observed one has this probability, at least 0."""
    tails = _Tails(effects, variances, weights, X)
    return crossing(lambda tau2: probability - tails(tau2)[0], tails.far)


class _Tails:
    """Tail probabilities of the observed Q, as a function of τ²."""

    def __init__(self, effects: Floats, variances: Floats, weights: Floats, X: Floats) -> None:
        self.P, self.variances = residual_matrix(weights, X), variances
        self.df = variances.size - X.shape[1]
        self.q = float(weights @ project(effects, weights, X)[0] ** 2)
        self.far = float(variances.max()) + float(np.ptp(effects)) ** 2

    def __call__(self, tau2: float) -> tuple[float, float]:
        scales = np.sqrt(self.variances + tau2)
        form = scales[:, None] * self.P * scales
        coefficients = np.asarray(np.linalg.eigvalsh(form)[-self.df :], dtype=np.float64)
        return quadratic_form_tails(self.q, coefficients)
