"""Which coefficients and variances the data can tell, and the reason why they cannot."""

import numpy as np

from analysis.models.crossproducts import Moments, with_intercept
from analysis.models.design import INTERCEPT, Array

MINIMUM_GROUPS = 3
TOLERANCE = 1e-10  # a column's squared length left after the earlier columns, relative to its own
SAFE = 1e-7  # far above `TOLERANCE`: a share from which there is no doubt


def estimable_fixed(found: Moments) -> tuple[tuple[str, ...], dict[str, str]]:
    """Keep the fixed effects that the earlier ones do not determine.

    Returns
    -------
    tuple
        Names that can be estimated, and name to reason for the others.
    """
    names, mean, sscp = with_intercept(found)
    at = {name: i for i, name in enumerate(names)}
    gram = _pooled(found, mean, sscp)
    size = _pooled_raw(found, mean, sscp)
    free = [at[name] for name in found.terms.fixed if name != INTERCEPT]
    if (gram.diagonal()[free] > SAFE * size[free]).all() and _independent(gram, free):
        return found.terms.fixed, {}
    kept: list[str] = []
    reasons: dict[str, str] = {}
    for name in found.terms.fixed:
        if name == INTERCEPT:
            kept.append(name)
            continue
        here = at[name]
        before = [at[other] for other in kept if gram[at[other], at[other]] > 0]
        weights, left = _regress(gram, before, here)
        if gram[here, here] <= TOLERANCE**1.5 * size[here]:
            reasons[name] = _constant(found, name, mean[:, here])
        elif left <= TOLERANCE * gram[here, here]:
            share = np.abs(weights) * np.sqrt(gram.diagonal()[before] / gram[here, here])
            others = [names[i] for i, s in zip(before, share, strict=True) if s > 1e-6]
            reasons[name] = f"collinear with {', '.join(others)} in all {len(found.n)} trials"
        else:
            kept.append(name)
    return tuple(kept), reasons


def unidentified_variances(found: Moments, minimum: int) -> dict[str, str]:
    """Give ``sd(term)`` and a reason for every variance that the trials cannot tell."""
    names, mean, sscp = with_intercept(found)
    reasons = {}
    for name in found.terms.random:
        column = names.index(name)
        within = sscp[:, column, column]
        size = within + found.n * mean[:, column] ** 2
        varies = (within > TOLERANCE**1.5 * size) | (name == INTERCEPT)
        if varies.sum() >= minimum:
            continue
        where = [str(label) for label, yes in zip(found.labels, varies, strict=True) if yes]
        which = f" ({', '.join(where)})" if where else ""
        what = "" if name == INTERCEPT else f" in which {name} varies"
        reasons[f"sd({name})"] = (
            f"needs at least {minimum} trials{what}, found {len(where)} of {len(size)}{which}"
        )
    return reasons or _collinear_random(found, names, mean, sscp)


def _collinear_random(
    found: Moments, names: tuple[str, ...], mean: Array, sscp: Array
) -> dict[str, str]:
    raw = sscp if found.terms.stratified else sscp + _outer(found, mean)
    gram = raw.sum(axis=0)
    columns = [names.index(name) for name in found.terms.random]
    if _independent(gram, columns):
        return {}
    for position, column in enumerate(columns):
        weights, left = _regress(gram, columns[:position], column)
        if left <= TOLERANCE * gram[column, column]:
            others = [names[i] for i, w in zip(columns, weights, strict=False) if abs(w) > 1e-9]
            which = ", ".join(others) or "the trial intercepts"
            return {f"sd({names[column]})": f"collinear with {which} in all {len(found.n)} trials"}
    return {}


def unidentified_residual(found: Moments, *, by_group: bool) -> dict[str, str]:
    """Give a reason when there are no rows beyond the coefficients, or the outcome is flat."""
    spare = found.n - len({*found.terms.random, *found.terms.stratified})
    outcome = found.sscp[:, -1, -1]
    if by_group:
        bare = [str(label) for label, s in zip(found.labels, spare, strict=True) if s < 2]
        if bare:
            return {"residual_sd": f"too few participants in trial {', '.join(bare)}"}
        flat = [str(label) for label, s in zip(found.labels, outcome, strict=True) if s <= 0]
        if flat:
            return {"residual_sd": f"the outcome does not vary in trial {', '.join(flat)}"}
    if np.maximum(spare, 0).sum() < 1 or found.n.sum() <= len(found.terms.fixed) + 1:
        return {"residual_sd": "as many coefficients as participants in every trial"}
    if outcome.sum() <= TOLERANCE**1.5 * (outcome + found.n * found.mean[:, -1] ** 2).sum():
        return {"residual_sd": "the outcome does not vary within any trial"}
    return {}


def _pooled(found: Moments, mean: Array, sscp: Array) -> Array:
    """Cross-products of all rows: within trials, about the overall mean, or about zero."""
    out: Array = sscp.sum(axis=0)
    if found.terms.stratified:
        return out
    centre = found.n @ mean / found.n.sum() * (INTERCEPT in found.terms.fixed)
    return np.asarray(out + _outer(found, mean - centre).sum(axis=0))


def _pooled_raw(found: Moments, mean: Array, sscp: Array) -> Array:
    return np.asarray((sscp + _outer(found, mean)).sum(axis=0).diagonal())


def _outer(found: Moments, mean: Array) -> Array:
    return np.asarray(found.n[:, None, None] * mean[:, :, None] * mean[:, None, :])


def _regress(gram: Array, before: list[int], here: int) -> tuple[Array, float]:
    """Regress column `here` on the columns `before`: coefficients, and squared length left."""
    scale = np.sqrt(np.maximum(gram.diagonal(), 1e-300))
    unit = gram / np.outer(scale, scale)
    inside, cross = unit[np.ix_(before, before)], unit[before, here]
    weights = np.linalg.lstsq(inside, cross, rcond=1e-14)[0]
    left = max(unit[here, here] - cross @ weights, 0.0) * gram[here, here]
    return weights * scale[here] / scale[before], float(left)


def _independent(gram: Array, columns: list[int]) -> bool:
    """Whether `columns` are clearly independent, so that none needs a closer look.

    What is left of a column after any others is at least the least eigenvalue of the correlations.
    """
    if not columns:
        return True
    inside = gram[np.ix_(columns, columns)]
    scale = np.sqrt(inside.diagonal())
    if (scale <= 0).any():
        return False
    return bool(np.linalg.eigvalsh(inside / (scale[:, None] * scale))[0] > SAFE)


def _constant(found: Moments, name: str, mean: Array) -> str:
    if found.terms.stratified:
        return f"{name} does not vary within any of the {len(found.n)} trials"
    return f"constant: {name} is {mean[0]:g} in all {len(found.n)} trials"
