"""Between-trial variance from moments: closed forms, with or without moderators."""

import numpy as np

from analysis.pooling.inputs import Floats

ROUNDING = 1e-12  # of the largest effect: effects that differ by less are equal
MOST_DENSE = 1000  # trials up to which a matrix of all pairs is formed


def is_constant(X: Floats) -> bool:
    """Return whether a design holds nothing but an intercept."""
    return bool(X.shape[1] == 1 and np.ptp(X) == 0)


def project(effects: Floats, weights: Floats, X: Floats | None = None) -> tuple[Floats, Floats]:
    """Return residuals and leverages of weighted regressions.

    Parameters
    ----------
    effects : ndarray, shape (k,)
    weights : ndarray, shape (..., k)
        One regression per leading index.
    X : ndarray, shape (k, p), optional
        Design of the mean; the intercept alone by default.

    Returns
    -------
    residuals, leverages : ndarray, shape (..., k)
        With W the weights and h the leverages, P = W − WX(X'WX)⁻¹X'W has P·y = W·residuals and
        trace Σw(1 − h).
    """
    if X is None or is_constant(X):
        total = weights.sum(axis=-1, keepdims=True)
        mean = (weights * effects).sum(axis=-1, keepdims=True) / total
        return effects - mean, weights / total
    root = np.sqrt(weights)
    basis = np.linalg.qr(root[..., None] * X).Q
    shares = (basis * (root * effects)[..., None]).sum(axis=-2)
    fitted = (basis @ shares[..., None])[..., 0] / root
    return effects - fitted, (basis**2).sum(axis=-1)


def residual_matrix(weights: Floats, X: Floats) -> Floats:
    """Return P = W − WX(X'WX)⁻¹X'W, shape (k, k), of weights, shape (k,), and a design X."""
    root = np.sqrt(weights)
    basis = np.linalg.qr(root[:, None] * X).Q
    return np.asarray(np.outer(root, root) * (np.eye(weights.size) - basis @ basis.T))


def squared_trace(weights: Floats, total: Floats, X: Floats) -> float:
    """Return tr(PΣPΣ) with P of the weights, shape (k,), and Σ the diagonal of `total`, shape (k,).

    Half the variance of y'Py when y has covariance Σ. No matrix of all pairs beyond 1000 trials.
    """
    if is_constant(X):
        own = total * weights * remainders(weights)
        squares = total * weights**2
        pairs = squares @ remainders(squares) * squares.sum() / weights.sum() ** 2
        return float(own @ own + pairs)
    if weights.size <= MOST_DENSE:
        P = residual_matrix(weights, X)
        return float(((P * total) * (P * total).T).sum())
    basis = np.linalg.qr(np.sqrt(weights)[:, None] * X).Q
    scaled, leverages = total * weights, (basis**2).sum(axis=1)
    shared = basis.T @ (scaled[:, None] * basis)
    return float(scaled**2 @ (1 - 2 * leverages) + (shared**2).sum())


def generalised_moments(
    effects: Floats, variances: Floats, weights: Floats, X: Floats | None = None
) -> float:
    """Return τ² from the generalised Q with any weights (DerSimonian and Kacker 2007).

    It equates Q = y'Py to its expectation tr(PV) + τ²tr(P): DerSimonian and Laird's with weights
    1/v, Hedges' with equal ones.
    """
    residuals, leverages = project(effects, weights, X)
    spread = weights * (1 - leverages)
    return max(0.0, float((weights @ residuals**2 - variances @ spread) / spread.sum()))


def remainders(weights: Floats, X: Floats | None = None) -> Floats:
    """Return 1 − leverage of each trial with its digits where the leverage is near 1.

    From the sums of the other weights, or the basis of the residuals, instead of a difference: a
    trial may weigh 1e16 times another. Beyond 1000 trials with moderators it is the difference.

    Parameters
    ----------
    weights : ndarray, shape (k,); for an intercept alone also (..., k)
    X : ndarray, shape (k, p), optional
        The intercept alone by default.

    Returns
    -------
    ndarray, shape of weights
    """
    if X is None or is_constant(X):
        none = np.zeros((*weights.shape[:-1], 1))
        before = np.cumsum(weights, axis=-1)[..., :-1]
        after = np.cumsum(weights[..., ::-1], axis=-1)[..., -2::-1]
        others = np.concatenate([none, before], axis=-1) + np.concatenate([after, none], axis=-1)
        return np.asarray(others / weights.sum(axis=-1, keepdims=True))
    if weights.size > MOST_DENSE:
        return 1 - project(weights, weights, X)[1]
    basis = np.linalg.qr(np.sqrt(weights)[:, None] * X, mode="complete").Q[:, X.shape[1] :]
    return np.asarray((basis**2).sum(axis=1))


def dersimonian_laird(effects: Floats, variances: Floats, X: Floats | None) -> float:
    """Return DerSimonian and Laird's τ² (1986; with moderators Raudenbush 2009)."""
    weights = 1 / variances
    residuals, leverages = project(effects, weights, X)
    excess = weights @ residuals**2 - (effects.size - leverages.sum())
    return max(0.0, float(excess / (weights @ remainders(weights, X))))


def hedges(effects: Floats, variances: Floats, X: Floats | None) -> float:
    """Return Hedges' τ², from the unweighted residual variance (Hedges and Olkin 1985)."""
    residuals, leverages = project(effects, np.ones(effects.size), X)
    excess = residuals @ residuals - variances @ (1 - leverages)
    return max(0.0, float(excess / (effects.size - leverages.sum())))


def hunter_schmidt(
    effects: Floats, variances: Floats, X: Floats | None, *, few: bool = False
) -> float:
    """Return Hunter and Schmidt's τ² (Viechtbauer 2005, J Educ Behav Stat 30:261).

    With `few` its Q is multiplied by k/(k − p), the correction for few trials of Brannick et al.
    2019 (Res Synth Methods 10:440).
    """
    weights, k = 1 / variances, effects.size
    residuals, leverages = project(effects, weights, X)
    q = float(weights @ residuals**2) * (k / (k - float(leverages.sum())) if few else 1)
    return max(0.0, (q - k) / float(weights.sum()))


def sidik_jonkman(effects: Floats, variances: Floats, X: Floats | None) -> float:
    """Return Sidik and Jonkman's τ² (2005, Appl Stat 54:367); it is never 0 when effects differ."""
    start = float(np.var(effects))
    if np.ptp(effects) <= ROUNDING * np.abs(effects).max():
        return 0.0
    weights = 1 / (variances + start)
    residuals, leverages = project(effects, weights, X)
    return float(start * (weights @ residuals**2) / (effects.size - leverages.sum()))
