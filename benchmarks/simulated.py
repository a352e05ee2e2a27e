"""Simulated participants of 27 exercise trials, as many times over as asked, and the 17 models."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

SIZES = """264 210 46 154 286 240 235 136 81 151 52 60 133 172 33 28 70 75 224 71 38 90 223 207 39
109 87"""
OUTCOMES = ["y", "y6", "y12", "func"]
CONTINUOUS = ["age", "fear", "bmi", "exp", "dep", "dur"]
MODIFIERS = [*CONTINUOUS, "sex", "meds", "educ", "leg", "work", "smoke"]
COMMON = {"age", "sex"}  # collected by nearly every trial; the others by about half


@dataclass(frozen=True, slots=True)
class Model:
    """One model of the comparison: fixed and random terms, and what is stratified by trial."""

    name: str
    outcome: str
    fixed: tuple[str, ...]
    random: tuple[str, ...]
    covariance: str = "diagonal"
    stratified: tuple[str, ...] = ()
    quadrature: int = 1

    @property
    def linear(self) -> bool:
        """Whether the outcome is continuous."""
        return self.outcome != "recov"

    @property
    def formula(self) -> str:
        """Outcome and fixed effects."""
        return f"{self.outcome} ~ {' + '.join(self.fixed)}"

    @property
    def lme4(self) -> str:
        """The same model as lme4 and mixedlm write it."""
        slopes = [term for term in self.random if term != "1"]
        bars = [f"(0 + {term} | trial)" for term in slopes]
        if "1" in self.random:
            bars = ["(1 | trial)", *bars]
            if self.covariance == "unstructured":
                bars = [f"({' + '.join(self.random)} | trial)"]
        own = ["0", "factor(trial)"] if self.stratified else []
        own += [f"factor(trial):{term}" for term in self.stratified if term != "1"]
        return f"{self.outcome} ~ {' + '.join([*own, *self.fixed, *bars])}"


def modifier(name: str) -> tuple[str, ...]:
    return ("base_c", "treat", f"{name}_c", f"treat:{name}_c")


def single(kind: str, name: str, covariance: str = "diagonal") -> Model:
    terms = modifier(name)
    return Model(f"{kind}_{name}", "y", terms, ("1", *terms[:3]), covariance)


ADJUSTED = ("base_c", "age_c", "sex_c", "treat", "fear_c", "treat:fear_c")
SIX = ("1", "base_c", "treat", "fear_c", "age_c", "sex_c")
FIRST = ("treat", "base_c")
MODELS = [
    Model("L1_ind", "y", FIRST, ("1", *FIRST)),
    Model("L1_cor", "y", FIRST, ("1", *FIRST), "unstructured"),
    Model("L1_fixint", "y", FIRST, FIRST, stratified=("1",)),
    Model("L1_fixslope", "y", ("treat",), ("treat",), stratified=("1", "base_c")),
    single("L2_ind", "age"),
    single("L2_ind", "fear"),
    single("L2_ind", "meds"),
    single("L2_cor", "fear", "unstructured"),
    single("L2_cor", "meds", "unstructured"),
    Model("L2_ind_q6", "y", ADJUSTED, SIX),
    Model("L2_cor_q6", "y", ADJUSTED, SIX, "unstructured"),
    Model("G1_lap", "recov", FIRST, ("1",)),
    Model("G1_agq9", "recov", FIRST, ("1",), quadrature=9),
    Model("G1_ind", "recov", FIRST, ("1", *FIRST)),
    Model("G1_cor", "recov", FIRST, ("1", "treat"), "unstructured"),
    Model("G2_ind_age", "recov", modifier("age"), ("1", *modifier("age")[:3])),
    Model("G2_ind_q6", "recov", ADJUSTED, SIX),
]  # fmt: skip


def simulate(seed: int = 1, *, rows: int = 1, trials: int = 1) -> pd.DataFrame:
    """Participants of 27 × `trials` trials, each `rows` times its published size."""
    rng = np.random.default_rng(seed)
    sizes = np.array(SIZES.split() * trials, dtype=int) * rows
    k, n = len(sizes), int(sizes.sum())
    g = np.repeat(np.arange(k), sizes)
    treat = (rng.random(n) < np.where(rng.random(k) < 0.3, 2 / 3, 0.5)[g]).astype(float)

    def centred(x):
        return x - (np.bincount(g, x) / sizes)[g]

    base = np.clip(rng.normal(53, 8, k)[g] + rng.normal(0, 19, n), 0, 100)
    data = {"trial": g + 1, "treat": treat, "base_c": centred(base)}
    own = {}
    for name in MODIFIERS:
        x = rng.normal(0, 0.3, k)[g] + rng.normal(size=n)
        own[name] = centred(x if name in CONTINUOUS else 1.0 * (x > 0))
    eta = 40 + rng.normal(0, 6, k)[g] + (rng.normal(0, 5, k)[g] - 8) * treat
    eta += (0.45 + rng.normal(0, 0.1, k)[g]) * data["base_c"]
    for j, x in enumerate(own.values()):
        eta += (rng.normal(0, 0.4 * (j % 3), k)[g] + 1 - 0.3 * j * treat) * x
    for outcome in OUTCOMES:
        data[outcome] = eta + rng.normal(0, 20, n)
    chance = rng.normal(0, 0.6, k)[g] - 0.6 + (0.5 + rng.normal(0, 0.35, k)[g]) * treat
    chance = 1 / (1 + np.exp(0.02 * data["base_c"] - chance))
    data["recov"] = (rng.random(n) < chance).astype(float)
    for name, x in own.items():
        missing = (rng.random(k) < (0.08 if name in COMMON else 0.5))[g] | (rng.random(n) < 0.03)
        data[f"{name}_c"] = np.where(missing, np.nan, x)
    return pd.DataFrame(data)
