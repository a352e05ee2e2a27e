"""The 29 synthetic eligible trials without IPD: what their publications say, one row per arm.

All counts are those of Table 2 of Hayden et al. 2020, and its medians and means hold. Effects are
drawn around the published pooled ones, which are their truth; the spread between trials is what
the published interval implies. How groups go together in a trial is not published: it is random,
but a trial with one exercise group has a comparison group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import t as student_t

from analysis.demo.calibration import REVIEW
from analysis.demo.instruments import Array
from analysis.demo.table2 import SETTINGS, Spread, Table2, read_pooled, read_table2

FILE = Path("aggregate", "eligible_without_ipd.csv")
STREAM = 101  # of the seed; the trials with IPD have 1 to 27
REPORTED = {"pain": 16, "function": 14}
"""Trials with a comparison group whose publications give the outcome (not published: chosen)."""
SD = {"pain": 22.0, "function": 17.0}
CENTRE = {"pain": (14.0, 0.6), "function": (14.0, 0.4)}
"""Score midway between the arms: constant, and slope by the mean pain at baseline."""
FOLLOWED = (0.82, 1.0)
CATEGORIES = {"No treatment": "no_treatment", "Usual care": "usual_care"}
_README = """\
# Eligible trials without participant data

`{file}` is **synthetic demonstration data**: no row describes a real trial, and the
column `status` says so. It has a row for each arm of {trials} trials; what concerns a whole trial
stands in each of its rows. Scores are on the review's scales (0 to 100, higher is worse).

The counts, the median number of participants and the means are those of Table 2 of Hayden et al.
2020. Effects were drawn around the published pooled ones, which are therefore the truth of a
meta-analysis of this file: {truth}. The standard deviation of the
effects between trials is {between}.

Made by `ipdbook demo` from the seed {seed} and the published figures in `../published/hayden2020`.
Do not edit the file by hand: change `analysis/demo/without_ipd.py` and run the command.
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """The truth of one outcome: mean and SD of the effects of trials."""

    mean: float
    between: float


def write_without_ipd(target: Path, *, seed: int, published: Path) -> None:
    """Write the trials without IPD and the note that says what they are.

    Parameters
    ----------
    target
        The `data` folder of a review: `aggregate/` is written into it.
    seed
        Seed of all random numbers: the same seed gives the same bytes.
    published
        The folder `data/published`.
    """
    figures = read_table2(published / REVIEW, "without")
    effects = {name: true_effect(name, s) for name, s in read_pooled(published / REVIEW).items()}
    rows = draw_without_ipd(figures, effects, np.random.default_rng([seed, STREAM]))
    path = target / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    text = rows.to_csv(index=False, float_format="%.1f", lineterminator="\n")
    path.write_text(text, encoding="utf-8", newline="\n")
    note = _README.format(
        file=FILE.name,
        trials=rows["trial"].nunique(),
        truth=", ".join(f"{name} {effect.mean:g} points" for name, effect in effects.items()),
        between=", ".join(f"{effect.between:.1f} ({name})" for name, effect in effects.items()),
        seed=seed,
    )
    path.with_suffix(".md").write_text(note, encoding="utf-8", newline="\n")


def true_effect(outcome: str, pooled: Spread) -> Effect:
    """Take the truth from a published effect: τ² = k·SE² − v, v of two arms of 40."""
    se = (pooled.high - pooled.low) / 2 / 1.96
    return Effect(
        pooled.centre, float(np.sqrt(REPORTED[outcome] * se**2 - 2 * SD[outcome] ** 2 / 40))
    )


def draw_without_ipd(
    figures: Table2, effects: Mapping[str, Effect], rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the trials.

    Returns
    -------
    DataFrame
        One row per arm, columns as in the file.
    """
    arms = _arms(figures, rng)
    number = sum(figures.exercise_groups.values())
    trials = pd.DataFrame(
        {
            "trial": [f"eligible{i:02d}" for i in range(1, number + 1)],
            "label": [f"Eligible trial {i}" for i in range(1, number + 1)],
            "setting": _settings(figures, rng),
            "participants": _participants(figures.participants, number, rng),
            "mean_age": _means(figures.age, number, rng),
            "percent_female": _means(figures.percent_female, number, rng),
            "pain_baseline": _means(figures.pain, number, rng),
        }
    )
    rows = trials.loc[arms.pop("index")].reset_index(drop=True).join(arms)
    rows["n"] = _split(rows)
    compared = rows.loc[rows["category"] != "exercise", "trial"].unique()
    for outcome, effect in effects.items():
        reporting = set(rng.permutation(compared)[: REPORTED[outcome]])
        results = [
            _results(group, outcome, effect, rng)
            for trial, group in rows.groupby("trial")
            if trial in reporting
        ]
        rows = rows.join(pd.concat(results))
        rows[f"{outcome}_short_n"] = rows[f"{outcome}_short_n"].astype("Int64")
    return rows.assign(status="synthetic")


def _arms(figures: Table2, rng: np.random.Generator) -> pd.DataFrame:
    """Spread the groups over the trials: one row per arm, `index` being the trial's number."""
    exercise = rng.permutation(_repeated(figures.exercise_groups))
    comparison = np.zeros(len(exercise), dtype=int)
    needing = np.flatnonzero(exercise == 1)
    others = rng.permutation(np.flatnonzero(exercise > 1))
    sizes = rng.permutation(_repeated(figures.comparison_groups))
    comparison[np.concatenate([needing, others])[: len(sizes)]] = sizes
    kinds = [rng.permutation(_repeated(c)) for c in (figures.types, figures.designs)]
    kinds.append(rng.permutation(_repeated(figures.deliveries)))
    controls = _different(rng.permutation(_repeated(figures.comparisons)), comparison, rng)
    rows: list[dict[str, object]] = []
    programmes, others_left = iter(zip(*kinds, strict=True)), iter(controls)
    for index in range(len(exercise)):
        for _ in range(exercise[index]):
            kind, design, delivery = next(programmes)
            rows.append(_arm(index, "exercise", kind, design, delivery))
        for _ in range(comparison[index]):
            kind = next(others_left)
            category = CATEGORIES.get(kind, "other_conservative")
            rows.append(_arm(index, category, kind, "", ""))
    return pd.DataFrame(rows)


def _arm(index: int, category: str, kind: str, design: str, delivery: str) -> dict[str, object]:
    return {
        "index": index,
        "category": category,
        "type": kind,
        "design": design,
        "delivery": delivery,
    }


def _different(kinds: Array, sizes: Array, rng: np.random.Generator) -> Array:
    """Shuffle until no trial compares with the same type twice."""
    edges = np.cumsum(sizes)[:-1]
    while any(len(set(part)) < len(part) for part in np.split(kinds, edges)):
        kinds = rng.permutation(kinds)
    return kinds


def _repeated(counts: Mapping[str, int] | Mapping[int, int]) -> Array:
    return np.repeat(np.array(list(counts)), list(counts.values()))


def _settings(figures: Table2, rng: np.random.Generator) -> Array:
    names = [
        SETTINGS[group][i % len(SETTINGS[group])]
        for group, n in figures.settings.items()
        for i in range(n)
    ]
    return rng.permutation(np.array(names))


def _participants(spread: Spread, number: int, rng: np.random.Generator) -> Array:
    """Draw sizes whose median and quartiles are the published ones exactly (29 = 4·7 + 1)."""
    quarter = (number - 1) // 4
    edges = [spread.low / 2, spread.low, spread.centre, spread.high, 2 * spread.high]
    between = (quarter, quarter - 1, quarter - 1, quarter)
    parts = [rng.uniform(*ends, n) for ends, n in zip(pairwise(edges), between, strict=True)]
    sizes = np.concatenate([*parts, edges[1:4]])
    return rng.permutation(np.round(sizes).astype(int))


def _means(spread: Spread, number: int, rng: np.random.Generator) -> Array:
    """Draw means of trials whose own mean and t interval are the published ones."""
    drawn = rng.uniform(-1, 1, number)
    standard = (drawn - drawn.mean()) / drawn.std(ddof=1)
    half = (spread.high - spread.low) / 2
    sd = half / student_t.ppf(0.975, number - 1) * np.sqrt(number)
    return np.asarray(np.round(spread.centre + sd * standard, 1))


def _split(rows: pd.DataFrame) -> pd.Series:
    """Divide the participants of a trial over its arms, the first arms taking what is left."""
    place = rows.groupby("trial").cumcount()
    arms = rows.groupby("trial")["trial"].transform("size")
    return rows["participants"] // arms + (place < rows["participants"] % arms)


def _results(
    arms: pd.DataFrame, outcome: str, effect: Effect, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw what a publication reports of one trial: n, mean and SD of each arm."""
    half = rng.normal(effect.mean, effect.between) / 2
    constant, slope = CENTRE[outcome]
    centre = constant + slope * arms["pain_baseline"]
    side = np.where(arms["category"] == "exercise", half, -half)
    n = np.round(arms["n"] * rng.uniform(*FOLLOWED, len(arms))).astype(int)
    mean = rng.normal(centre + side, SD[outcome] / np.sqrt(n))
    sd = SD[outcome] * np.sqrt(rng.chisquare(n - 1) / (n - 1))
    columns = {"n": n, "mean": np.round(mean, 1), "sd": np.round(sd, 1)}
    return pd.DataFrame({f"{outcome}_short_{k}": v for k, v in columns.items()}, index=arms.index)
