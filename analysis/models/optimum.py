"""Newton's method with a certificate: no fit is called converged because an optimiser stopped."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.models.design import Array

GAIN = 1e-9  # deviance that a converged fit may still be away from the quadratic's minimum
CLOSE = 1e-7  # promised gain from which the second derivative hardly changes any more
DONE = 1e-18  # promised gain at which iterations stop: coefficients to 1e-9 standard errors
SLOW = 0.01  # fall of the promised gain from which the second derivative has changed after all
CONE = 1e-3  # slack of the cone condition: deviance per unit of variance relative to the residual's

Function = Callable[[Array], tuple[float, Array, Callable[[], Array]]]
"""From parameters to a value, its gradient, and its second derivative when that is asked for."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """A minimum of a deviance.

    Attributes
    ----------
    parameters
        Shape (r,).
    value
        The deviance.
    hessian
        (r, r) second derivative at `made_at`.
    made_at
        Where the second derivative was made last: (r,), near or at `parameters`.
    second
        Makes the second derivative at `parameters` itself.
    gain
        Half the Newton decrement: what one more step promises to take off the deviance.
    """

    parameters: Array
    value: float
    hessian: Array
    made_at: Array
    second: Callable[[], Array]
    gain: float

    @property
    def stationary(self) -> bool:
        """Whether the promised gain is below `GAIN` and the curvature is not negative."""
        lowest = np.linalg.eigvalsh(self.hessian)[0] if self.parameters.size else 0.0
        return self.gain < GAIN and bool(lowest > -1e-4 * max(1.0, np.abs(self.hessian).max()))


def minimise(
    function: Function,
    start: Array,
    *,
    close: float = CLOSE,
    done: float = DONE,
    longest: float = 2.0,
    steps: int = 100,
) -> Optimum:
    """Newton with the moduli of the eigenvalues (so that it leaves saddles) and halving.

    Parameters
    ----------
    function, start
        What to minimise, and from where; (r,).
    close
        Promised gain below which the second derivative is not made anew, while gains fall fast.
    done
        Promised gain at which to stop.
    longest
        Greatest change of a parameter in one step.
    steps
        Most iterations.

    Notes
    -----
    Nocedal and Wright 2006, Numerical Optimization, section 3.4, eigenvalue modification.
    """
    x, gain, before = start, np.inf, np.inf
    value, slope, hessian = function(x)
    curvature, made_at = np.eye(x.size), x
    for _ in range(steps):
        if gain >= close or gain > SLOW * before:
            curvature, made_at = hessian(), x
        before = gain
        step, gain = _step(curvature, slope)
        if gain < done:
            break
        rounding = 1e-15 * abs(value)
        scale = min(1.0, longest / max(np.abs(step).max(), 1e-300))
        for _ in range(30):
            trial = function(x - scale * step)
            if trial[0] <= value - 1e-4 * scale * gain + rounding:
                break
            scale /= 2
        else:
            break
        x, (value, slope, hessian) = x - scale * step, trial
    return Optimum(x, float(value), curvature, made_at, hessian, float(gain))


def _step(curvature: Array, slope: Array) -> tuple[Array, float]:
    """Newton step in the modified metric, and the decrease in value that it promises."""
    if slope.size == 0:
        return slope, 0.0
    values, vectors = np.linalg.eigh(curvature)
    metric = np.maximum(np.abs(values), 1e-7 * max(np.abs(values).max(), 1.0))
    along = vectors.T @ slope
    return vectors @ (along / metric), float((along**2 / metric).sum() / 2)


def cone_violation(
    covariance_gradient: Array, blocks: list[list[int]]
) -> tuple[list[int], Array] | None:
    """Find the direction that breaks the optimality conditions on D ⪰ 0, if there is one.

    At a minimum over positive semidefinite D the gradient is itself positive semidefinite
    (Karush-Kuhn-Tucker; Boyd and Vandenberghe 2004, section 5.9.2) within each free block of D.
    Where it is not, adding a multiple of vv' to D lowers the deviance although Λ is stationary.

    Returns
    -------
    tuple or None
        The block's indices and the eigenvector v of its most negative eigenvalue.
    """
    worst = None
    for block in blocks:
        if len(block) == 1 and covariance_gradient[block[0], block[0]] >= -CONE:
            continue
        values, vectors = np.linalg.eigh(covariance_gradient[np.ix_(block, block)])
        if values[0] < -CONE and (worst is None or values[0] < worst[0]):
            worst = (values[0], block, vectors[:, 0])
    return None if worst is None else (worst[1], worst[2])
