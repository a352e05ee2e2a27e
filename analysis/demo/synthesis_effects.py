"""Effects of synthetic trials whose synthesis is a published one: pooled, heterogeneous, lopsided.

Noise is drawn anew until its ranks fit; then it is shifted, spread and tilted along the standard
errors until the pooled effect, I² and Egger's test are those asked for.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import root

from analysis.errors import IpdbookError
from analysis.pooling import egger, pool, rank_correlation
from analysis.pooling.inputs import Floats

WEEKS_SLOPE = -0.04  # of the noise: longer training helps a little
TAU_NEAR = 0.02
DRAWS = 400
SPREADS = (0.01, 3.0)  # of the noise, where it is sought


@dataclass(frozen=True, slots=True)
class Target:
    """What the synthesis of the effects must come out as.

    Attributes
    ----------
    smd, i2 : float
        Pooled effect, and I² in per cent (random effects, REML).
    egger, tau : float
        z of Egger's test (standard error as moderator) and Kendall's τ of the rank correlation.
    """

    smd: float
    i2: float
    egger: float
    tau: float


def draw_effects(
    sizes: np.ndarray, target: Target, weeks: np.ndarray, rng: np.random.Generator
) -> Floats:
    """Draw the standardised mean differences of one synthesis.

    Parameters
    ----------
    sizes : (k, 2) array
        Participants per trial, treated and controls.
    target
        What to come out as: τ within 0.02, the others exactly.
    weeks : (k,) array
        Length of training.
    rng
        Draws the noise.

    Raises
    ------
    IpdbookError
        No draw fits: the figures asked for contradict each other.
    """
    for _ in range(DRAWS):
        shape = rng.normal(size=len(sizes)) + WEEKS_SLOPE * (weeks - weeks.mean())
        effects = _tilted(shape, sizes, target)
        if effects is not None:
            found = rank_correlation(effects, _variances(effects, sizes))
            if abs(found.statistic - target.tau) <= TAU_NEAR:
                return effects
    raise IpdbookError(
        f"No draw of {len(sizes)} effects has a pooled effect of {target.smd:g}, an I² of "
        f"{target.i2:g}%, an Egger statistic of {target.egger:g} and a rank correlation of "
        f"{target.tau:g}: check the published figures."
    )


def _tilted(shape: Floats, sizes: np.ndarray, target: Target) -> Floats | None:
    """Shift, spread and tilt a shape; None where that does not lead to the target."""
    errors = np.sqrt((1 / sizes).sum(axis=1))
    errors = errors - errors.mean()

    def effects(x: Floats) -> Floats:
        spread = np.clip(abs(x[1]), *SPREADS)
        return np.asarray(x[0] + spread * shape + x[2] * errors, dtype=np.float64)

    def missed(x: Floats) -> list[float]:
        y = effects(x)
        v = _variances(y, sizes)
        found = pool(y, v)
        z = egger(y, v).statistic
        return [found.estimate - target.smd, (found.i2 - target.i2) / 100, (z - target.egger) / 10]

    typical = float(np.median((1 / sizes).sum(axis=1)))
    spread = np.sqrt(typical * target.i2 / (100 - target.i2))
    solved = root(missed, [target.smd, spread, 0.3 * target.egger], tol=1e-9)
    return effects(solved.x) if solved.success else None


def _variances(effects: Floats, sizes: np.ndarray) -> Floats:
    return np.asarray((1 / sizes).sum(axis=1) + effects**2 / (2 * sizes.sum(axis=1)))
