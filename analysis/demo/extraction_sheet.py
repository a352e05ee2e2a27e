"""The synthetic extraction sheet of the review of individualised exercise, from one seed.

Fifty-eight trials with the shape of the published review: its characteristics, its risk of bias,
the number of trials in each synthesis, and in each synthesis the published pooled effect, I² and
tests of funnel asymmetry.
Extraction sheets have holes, and so has this one: some arms give a standard error for an SD, and
some give neither. What the trials were calibrated to is what they were before the holes.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from analysis.demo.synthesis_effects import Target, draw_effects
from analysis.errors import IpdbookError
from analysis.pooling import hedges_g_from_d

SEED = 2022
TRIALS, WITH_DATA, BOTH_CONTROLS = 58, 53, 11
SE_ONLY, NEITHER = 0.12, 0.06  # shares of the results
SCALES = {
    "pain": {"VAS": (0, 100), "NRS": (0, 10)},
    "disability": {"RMDQ": (0, 24), "ODI": (0, 100)},
}
BASELINE = {"pain": 4.9, "disability": 3.5}
COMPARATORS = {"active exercise": "active", "passive/true control": "passive"}
EXERCISES = {
    "mixed": 24, "sensorimotor": 19, "aerobic": 5, "mckenzie": 4, "back_school": 4, "pilates": 1,
    "yoga": 1,
}  # fmt: skip
PSYCHOLOGICAL = {"none": 24, "cbt": 9, "behavioural": 2, "other": 23}
KNOWN_EFFECTIVE = ("sensorimotor", "pilates", "mckenzie")  # in the introduction of the publication
BEHAVIOURAL = ("cbt", "behavioural")
YEARS = (1993, 2010, 2015, 2018, 2021)  # minimum, quartiles and maximum, as the next three
AGES = (33, 41.7, 45.4, 49.4, 60)
FEMALE = (30, 50.2, 55.7, 62.5, 88)
WEEKS = {4: 0.1, 5: 0.07, 6: 0.21, 8: 0.25, 10: 0.09, 12: 0.19, 16: 0.06, 24: 0.03}
LONG_PAIN = 45 / 58
PARTICIPANTS = 10084
NAMES = (
    "Aber", "Ahorn", "Akker", "Albers", "Ambach", "Anker", "Arendt", "Asmus", "Auwers", "Bakken",
    "Balder", "Barsch", "Beeke", "Berend", "Birke", "Bolden", "Brandis", "Brome", "Buchner",
    "Calder", "Carlow", "Corvin", "Dahlen", "Deven", "Dorn", "Eckhold", "Elster", "Falk", "Fenn",
    "Finke", "Garben", "Gerlo", "Halden", "Hasel", "Heide", "Holm", "Ilmen", "Jarle", "Kalden",
    "Kessel", "Kolb", "Lahn", "Lerche", "Linde", "Marlo", "Meer", "Nessel", "Norden", "Oster",
    "Pappel", "Quell", "Rauk", "Rhode", "Salder", "Tanne", "Ulmen", "Weiden", "Zeder",
)  # fmt: skip


def write_extraction_sheet(data: Path, *, seed: int = SEED) -> None:
    """Write `trials.csv` and `arms.csv` into the data folder of the review.

    Raises
    ------
    IpdbookError
        The published figures, to which the trials are calibrated, are not there.
    """
    files = [data / "published" / name for name in ("pooled.csv", "bias_tests.csv")]
    for path in files:
        if not path.is_file():
            raise IpdbookError(
                f"{path} does not exist: the synthetic trials are calibrated by the published "
                "figures in it. Run this in the folder of the review."
            )
    pooled, asymmetry = map(pd.read_csv, files)
    trials, arms = draw_extraction_sheet(pooled, asymmetry, seed=seed)
    for name, table in (("trials.csv", trials), ("arms.csv", arms)):
        table.to_csv(data / name, index=False, lineterminator="\n")


def draw_extraction_sheet(
    published: pd.DataFrame, asymmetry: pd.DataFrame, *, seed: int = SEED
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw the sheet of the trials and that of their arms.

    Parameters
    ----------
    published
        One row per synthesis: outcome, comparator, follow_up, k, smd, i2_percent.
    asymmetry
        Tests of funnel asymmetry: outcome, comparator, follow_up, egger_statistic, kendall_tau.
        Where only a range was published, “lowest to highest” for any comparator and follow-up.
    seed
        Of all that is drawn.

    Returns
    -------
    trials, arms : DataFrame
        One row per trial; one row per trial, outcome, follow-up and arm.
    """
    rng = np.random.default_rng(seed)
    targets: list[object] = [_target(row, asymmetry) for _, row in published.iterrows()]
    published = published.assign(target=pd.Series(targets, published.index))
    trials = _draw_trials(rng)
    rows: list[dict[str, object]] = []
    for outcome, follow_up in (
        ("pain", "short"),
        ("pain", "long"),
        ("disability", "short"),
        ("disability", "long"),
    ):
        wanted = published[
            (published["outcome"] == outcome) & (published["follow_up"] == follow_up)
        ]
        rows += _draw_results(trials, wanted, outcome, follow_up, rng)
    arms = pd.DataFrame(rows).sort_values(
        ["trial", "outcome", "follow_up", "arm"], ascending=[True, False, False, True]
    )
    trials = trials.drop(columns=["controls", "analysed"]).rename(columns={"n": "participants"})
    return trials, _with_holes(arms, rng)


def _target(row: pd.Series, asymmetry: pd.DataFrame) -> Target:
    """Gather what was published on a synthesis; of a range the middle."""
    same = asymmetry["outcome"] == row["outcome"]
    for name in ("comparator", "follow_up"):
        same &= asymmetry[name].isin([row[name], "any"])
    tests = asymmetry[same].iloc[0]
    egger, tau = (_middle(tests[name]) for name in ("egger_statistic", "kendall_tau"))
    return Target(row["smd"], row["i2_percent"], egger, tau)


def _middle(text: object) -> float:
    return float(np.mean([float(part) for part in str(text).split(" to ")]))


def _draw_trials(rng: np.random.Generator) -> pd.DataFrame:
    """Draw the characteristics of the trials, with the counts of the published review."""
    alone = (WITH_DATA - BOTH_CONTROLS) // 2
    controls = {"active": alone + TRIALS - WITH_DATA, "passive": alone, "both": BOTH_CONTROLS}
    years = np.round(_spread(YEARS)).astype(int)  # in rising order, as are the names
    frame = pd.DataFrame({"trial": NAMES, "year": years, "n": rng.permutation(_trial_sizes())})
    for name, counts in (
        ("controls", controls), ("exercise", EXERCISES), ("psychological", PSYCHOLOGICAL)
    ):  # fmt: skip
        frame[name] = rng.permutation(np.repeat(list(counts), list(counts.values())))
    frame["weeks"] = rng.choice(list(WEEKS), TRIALS, p=list(WEEKS.values()))
    frame["age"] = rng.permutation(_spread(AGES)).round(1)
    frame["female"] = rng.permutation(_spread(FEMALE)).round(1)
    frame["pain_12_weeks"] = np.where(rng.random(TRIALS) < LONG_PAIN, "yes", "no")
    frame["with_psychology"] = np.where(frame["psychological"] == "none", "no", "yes")
    for name, source, levels in (
        ("known_effective", "exercise", KNOWN_EFFECTIVE),
        ("behavioural", "psychological", BEHAVIOURAL),
    ):
        frame[name] = np.where(frame[source].isin(levels), "yes", "no")
    frame["matched"] = np.where(
        (frame["controls"] != "passive") & (rng.random(TRIALS) < 11 / 42), "yes", "no"
    )
    frame["true_control"] = np.where(
        (frame["controls"] != "active") & (rng.random(TRIALS) < 0.1), "yes", "no"
    )
    frame["analysed"] = _with_results(frame["controls"], rng)
    return pd.concat([frame, _draw_risk_of_bias(rng)], axis=1)


def _spread(quartiles: tuple[float, ...]) -> np.ndarray:
    """Return one value per trial, rising, whose quartiles are those given."""
    places = np.linspace(0, 1, TRIALS), np.linspace(0, 1, len(quartiles))
    return np.asarray(np.interp(*places, quartiles))


def _trial_sizes() -> np.ndarray:
    """Return the sizes of the trials: published quartiles and sum."""

    def sizes(largest: float) -> np.ndarray:
        logs = np.log([36, 69, 121, 238, largest])
        return np.asarray(np.round(np.exp(_spread(tuple(logs)))), dtype=np.int64)

    largest = next(n for n in range(238, 2000) if sizes(n).sum() >= PARTICIPANTS)
    found = sizes(largest)
    found[-1] -= found.sum() - PARTICIPANTS
    return found


def _with_results(controls: pd.Series, rng: np.random.Generator) -> list[str]:
    """Choose the trials that report too little: five of those with active controls alone."""
    places = rng.choice(np.flatnonzero(controls == "active"), TRIALS - WITH_DATA, replace=False)
    return ["no" if place in places else "yes" for place in range(len(controls))]


def _draw_risk_of_bias(rng: np.random.Generator) -> pd.DataFrame:
    """Draw judgments by domain of RoB 2: no trial at low risk, 26 with some concerns, 32 high."""
    names = ["randomisation", "deviations", "missing", "measurement", "reporting"]
    overall = rng.permutation(["some concerns"] * 26 + ["high"] * 32)
    levels = ["low", "some concerns", "no information"]
    rows = []
    for judgment in overall:
        row = rng.choice(levels, 5, p=[0.62, 0.3, 0.08]).astype(object)
        row[1] = "some concerns"
        if judgment == "high":
            row[rng.choice(5, p=[0.1, 0.5, 0.2, 0.15, 0.05])] = "high"
        rows.append(
            {**{f"rob_{n}": j for n, j in zip(names, row, strict=True)}, "rob_overall": judgment}
        )
    return pd.DataFrame(rows)


def _sizes(trial: pd.Series) -> tuple[int, dict[str, int]]:
    """Return the numbers randomised to individualised exercise and to each control group."""
    kinds = ["active", "passive"] if trial["controls"] == "both" else [trial["controls"]]
    each = int(trial["n"]) // (1 + len(kinds))
    return int(trial["n"]) - each * len(kinds), dict.fromkeys(kinds, each)


def _draw_results(
    trials: pd.DataFrame,
    wanted: pd.DataFrame,
    outcome: str,
    follow_up: str,
    rng: np.random.Generator,
) -> list[dict[str, object]]:
    """Draw the arms of one outcome and follow-up: the effects are those of the publication."""
    lost = 0.08 if follow_up == "short" else 0.16
    effects: dict[str, dict[str, float]] = {}
    for _, row in wanted.iterrows():
        kind = COMPARATORS[row["comparator"]]
        has = (trials["analysed"] == "yes") & trials["controls"].isin([kind, "both"])
        chosen = np.sort(rng.choice(np.flatnonzero(has), int(row["k"]), replace=False))
        sizes = [
            [_kept(n, lost) for n in (_sizes(t)[0], _sizes(t)[1][kind])]
            for _, t in trials.iloc[chosen].iterrows()
        ]
        weeks = trials["weeks"].to_numpy(dtype=float)[chosen]
        g = draw_effects(np.array(sizes), row["target"], weeks, rng)
        for name, value in zip(trials["trial"].iloc[chosen], g, strict=True):
            effects.setdefault(name, {})[kind] = float(value)
    found: list[dict[str, object]] = []
    for _, trial in trials[trials["trial"].isin(effects)].iterrows():
        found += _arms(trial, effects[trial["trial"]], outcome, lost, rng)
    return [{**arm, "follow_up": follow_up} for arm in found]


def _kept(n: int, lost: float) -> int:
    return max(5, round(n * (1 - lost)))


def _arms(
    trial: pd.Series, effects: dict[str, float], outcome: str, lost: float, rng: np.random.Generator
) -> list[dict[str, object]]:
    """Turn the effects of a trial into means and SDs on its instrument."""
    name = str(trial["trial"])
    choice = sum(map(ord, name)) % 2  # the same instrument at every follow-up
    instrument, (low, high) = list(SCALES[outcome].items())[choice]
    factor = (high - low) / 10
    own, others = _sizes(trial)
    n, sd = _kept(own, lost), float(np.clip(rng.normal(1.75, 0.25), 1.2, 2.4))
    mean = float(np.clip(rng.normal(BASELINE[outcome] - 1.9, 0.55), 1.3, 4))
    groups = [("individualised", n, mean, sd)]
    for kind, g in effects.items():
        m, spread = _kept(others[kind], lost), sd * float(rng.uniform(0.9, 1.12))
        pooled = np.sqrt(((n - 1) * sd**2 + (m - 1) * spread**2) / (n + m - 2))
        unit = float(np.atleast_1d(hedges_g_from_d([1.0], [n], [m]).yi)[0])
        groups.append((kind, m, mean - g / unit * float(pooled), spread))
    about = {"trial": name, "outcome": outcome, "follow_up": "", "instrument": instrument}
    return [
        {
            **about, "scale_low": low, "scale_high": high, "arm": arm, "n": size,
            "mean": centre * factor, "sd": width * factor,
        }
        for arm, size, centre, width in groups
    ]  # fmt: skip


def _with_holes(arms: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Round as reports do; a report that gives no SD gives it for none of its arms."""
    table = arms.reset_index(drop=True)
    result = table.groupby(["trial", "outcome", "follow_up"], sort=False).ngroup().to_numpy()
    draw = rng.random(result.max() + 1)[result]
    se = table["sd"] / np.sqrt(table["n"])
    table["se"] = np.where(draw < SE_ONLY, se, np.nan)
    table["sd"] = table["sd"].where(draw >= SE_ONLY + NEITHER)
    return table.round({"mean": 2, "sd": 2, "se": 3})
