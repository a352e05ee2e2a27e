"""The minimum of the linear model's deviance over D ⪰ 0, found from one start and certified."""

from dataclasses import replace

import numpy as np

from analysis.models import criterion
from analysis.models.criterion import Problem
from analysis.models.design import Array
from analysis.models.optimum import Optimum, cone_violation, minimise

START = 0.3  # first guess of a random effect's SD relative to the residual's, columns at unit RMS
NEGLIGIBLE = 1e-4  # relative SD below which a variance component counts as zero


def optimise(problem: Problem) -> tuple[Optimum, bool]:
    """Minimise the deviance and certify the minimum over D ⪰ 0.

    Returns
    -------
    tuple
        The optimum in (θ, log σ), and whether the cone condition holds there.
    """
    best = _minimise(problem, _start(problem))
    for _ in range(4):
        state = criterion.evaluate(problem, best.parameters)
        descent = cone_violation(criterion.gradient_in_covariance(problem, state), _blocks(problem))
        if descent is None:
            return best, True
        moved = _minimise(problem, _leave(problem, best.parameters, *descent))
        if moved.value > best.value - 1e-10:
            break
        best = moved
    return best, False


def _minimise(problem: Problem, start: Array) -> Optimum:
    def value_gradient(x: Array) -> tuple[float, Array]:
        try:
            state = criterion.evaluate(problem, x)
        except np.linalg.LinAlgError:
            return np.inf, np.zeros_like(x)
        return float(state.deviance), criterion.gradient(problem, state)

    return minimise(value_gradient, lambda x: criterion.hessian(problem, x), start)


def _start(problem: Problem) -> Array:
    """θ at `START` times a residual SD from regression without random effects."""
    p = problem.p
    total = problem.F.sum(axis=0)
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


def settle(problem: Problem, optimum: Optimum) -> Optimum:
    """Positive diagonal of Λ, and exact zeros where a component is negligible at no cost."""
    factor = problem.factor(optimum.parameters[: problem.m])
    factor = factor * np.where(factor.diagonal() < 0, -1.0, 1.0)
    sigma = np.exp(optimum.parameters[problem.m :].min())
    small = np.abs(factor) < NEGLIGIBLE * sigma
    rest = optimum.parameters[problem.m :]
    for cleaned in (np.where(small, 0.0, factor), factor):
        x = np.concatenate([cleaned[problem.rows, problem.cols], rest])
        value = float(criterion.evaluate(problem, x).deviance)
        if value <= optimum.value + 1e-8:
            break
    return replace(optimum, parameters=x, value=value, hessian=criterion.hessian(problem, x))


def is_singular(relative: Array, *, diagonal: bool) -> bool:
    """Whether Λ, relative to the residual SD, has lost rank."""
    if relative.size == 0:
        return False
    values = np.abs(relative.diagonal()) if diagonal else np.linalg.svd(relative, compute_uv=False)
    return bool(values.min() < NEGLIGIBLE)
