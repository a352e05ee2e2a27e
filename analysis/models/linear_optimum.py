"""The minimum of the linear model's deviance over D ⪰ 0, found from one start and certified."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from analysis.models import criterion
from analysis.models.criterion import State
from analysis.models.design import Array
from analysis.models.information import (
    expected_information,
    hessian,
    variance_gradient,
    variance_terms,
)
from analysis.models.optimum import Optimum, cone_violation, minimise
from analysis.models.problem import Problem

START = 0.3  # first guess of a random effect's SD relative to the residual's, columns at unit RMS
FLOOR = 0.05  # least relative SD to start from: θ = 0 is stationary whatever the data
NEGLIGIBLE = 1e-4  # relative SD below which a variance component counts as zero
SAME = 1e-7  # change of log σ, or of θ beside σ, within which the second derivative stays the same


def optimise(problem: Problem) -> tuple[Optimum, State, bool]:
    """Minimise the deviance and certify the minimum over D ⪰ 0.

    Returns
    -------
    tuple
        The optimum in (θ, log σ), the deviance's state there, and whether the cone condition holds.
    """
    best = _minimise(problem, _start(problem))
    for _ in range(4):
        state = _state(problem, best)
        slope = state.covariance_slope / state.weight.max()
        descent = cone_violation(slope, _blocks(problem))
        if descent is None:
            return best, state, True
        moved = _minimise(problem, _leave(problem, best.parameters, *descent))
        if moved.value > best.value - 1e-10:
            break
        best = moved
    return best, state, False


def _minimise(problem: Problem, start: Array) -> Optimum:
    return minimise(partial(derivatives, problem), start)


def derivatives(problem: Problem, x: Array) -> tuple[float, Array, Callable[[], Array]]:
    """Value, gradient and second derivative of the deviance; infinite where it does not exist."""
    try:
        state = criterion.evaluate(problem, x)
    except np.linalg.LinAlgError:
        return np.inf, np.zeros_like(x), lambda: np.eye(x.size)
    return state.deviance, criterion.gradient(problem, state), Curvature(problem, state)


@dataclass(frozen=True, slots=True)
class Curvature:
    """The second derivative of the deviance, made when it is called from the state it keeps."""

    problem: Problem
    state: State

    def __call__(self) -> Array:
        """Second derivative in (θ, log σ); (m + s, m + s)."""
        return hessian(self.problem, self.state)


def _state(problem: Problem, optimum: Optimum) -> State:
    """State of the deviance at an optimum, which its evaluation has left behind."""
    if isinstance(optimum.second, Curvature):
        return optimum.second.state
    return criterion.evaluate(problem, optimum.parameters)


def _start(problem: Problem) -> Array:
    """One step of Fisher scoring in the variances (a MINQUE, Rao 1971) from a common guess.

    The guess is θ at `START` times a residual SD from regression without random effects.
    """
    m, q = problem.m, problem.q
    guess = _common_guess(problem)
    state = criterion.evaluate(problem, guess)
    variance = float(np.exp(2 * guess[-1]))
    information = expected_information(problem, state, variance_terms(problem, state))
    step = np.linalg.lstsq(information, variance_gradient(problem, state), rcond=1e-10)[0]
    D = np.zeros((q, q))
    D[problem.rows, problem.cols] = -step[:m]
    D = np.tril(D) + np.tril(D, -1).T + state.factor @ state.factor.T
    values, vectors = np.linalg.eigh(D)
    D = (vectors * np.maximum(values, FLOOR**2 * variance)) @ vectors.T
    theta = np.linalg.cholesky(D)[problem.rows, problem.cols]
    sigma2 = np.maximum(variance - step[m:], variance / 10)
    return np.concatenate([theta, np.log(sigma2) / 2])


def _common_guess(problem: Problem) -> Array:
    p = problem.p
    total = problem.C[:, problem.q :, problem.q :].sum(axis=0)
    left = total[p, p] - total[:p, p] @ np.linalg.solve(total[:p, :p], total[:p, p])
    sigma = np.sqrt(max(left, 1e-12 * total[p, p]) / problem.n.sum())
    theta = np.where(problem.rows == problem.cols, START * sigma, 0.0)
    return np.concatenate([theta, np.full(problem.strata.shape[1], np.log(sigma))])


def _blocks(problem: Problem) -> list[list[int]]:
    """List the random effects that may correlate, by their indices."""
    if problem.m == problem.q:
        return [[i] for i in range(problem.q)]
    return [list(range(problem.q))]


def _leave(problem: Problem, parameters: Array, block: list[int], direction: Array) -> Array:
    """Parameters of D + εvv', from which the deviance falls."""
    factor = problem.factor(parameters[: problem.m])
    variance = np.exp(2 * parameters[problem.m :]).mean()
    v = np.zeros(problem.q)
    v[block] = direction
    D = factor @ factor.T + variance * (0.01 * np.outer(v, v) + 1e-8 * np.eye(problem.q))
    moved = np.linalg.cholesky(D)[problem.rows, problem.cols]
    return np.concatenate([moved, parameters[problem.m :]])


def settle(problem: Problem, optimum: Optimum, state: State) -> tuple[Optimum, State]:
    """Make the diagonal of Λ positive, and negligible elements zero where that costs nothing."""
    factor = state.factor * np.where(state.factor.diagonal() < 0, -1.0, 1.0)
    rest = optimum.parameters[problem.m :]
    small = np.abs(factor) < NEGLIGIBLE * np.exp(rest.min())
    for cleaned in (np.where(small, 0.0, factor), factor):
        x = np.concatenate([cleaned[problem.rows, problem.cols], rest])
        if not np.array_equal(x, optimum.parameters):
            state = criterion.evaluate(problem, x)
        if state.deviance <= optimum.value + 1e-8:
            break
    curvature = optimum.hessian
    if np.abs(x - optimum.made_at).max() > SAME:
        curvature = hessian(problem, state)
    return replace(optimum, parameters=x, value=state.deviance, hessian=curvature), state


def is_singular(relative: Array, *, diagonal: bool) -> bool:
    """Whether Λ, relative to the residual SD, has lost rank."""
    if relative.size == 0:
        return False
    values = np.abs(relative.diagonal()) if diagonal else np.linalg.svd(relative, compute_uv=False)
    return bool(values.min() < NEGLIGIBLE)
