"""The trials without IPD: made by the generator, with the counts and centres of Table 2.

Published values have one decimal, as the trials' means have; a mean of 29 of them and its limits
are off by less than 0.06.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student_t

from analysis.demo import SEED
from analysis.demo.calibration import REVIEW
from analysis.demo.designs import DESIGNS
from analysis.demo.programmes import programmes
from analysis.demo.table2 import SETTINGS, read_pooled, read_table2
from analysis.demo.without_ipd import FILE, REPORTED, true_effect, write_without_ipd
from analysis.pooling import pool
from analysis.trials.mapping import read_mapping

DATA = Path(__file__).parents[2] / "data"
PUBLISHED = DATA / "published" / REVIEW
ONE_DECIMAL = 0.06


@pytest.fixture(scope="module")
def arms():
    return pd.read_csv(DATA / FILE, keep_default_na=False, na_values={"pain_short_n": ""})


@pytest.fixture(scope="module")
def trials(arms):
    return arms.drop_duplicates("trial")


def test_the_generator_writes_the_committed_bytes(tmp_path):
    write_without_ipd(tmp_path, seed=SEED, published=DATA / "published")
    for suffix in (".csv", ".md"):
        made, committed = (folder / FILE.with_suffix(suffix) for folder in (tmp_path, DATA))
        assert made.read_bytes() == committed.read_bytes()
    write_without_ipd(tmp_path, seed=SEED + 1, published=DATA / "published")
    assert (tmp_path / FILE).read_bytes() != (DATA / FILE).read_bytes()


def test_says_that_it_is_synthetic(arms):
    assert set(arms["status"]) == {"synthetic"}
    assert "**synthetic" in (DATA / FILE).with_suffix(".md").read_text(encoding="utf-8")


def test_has_the_counts_of_table_2(arms, trials):
    published = read_table2(PUBLISHED, "without")
    exercise = arms[arms["category"] == "exercise"]
    controls = arms[arms["category"] != "exercise"]
    settings = {name: trials["setting"].isin(kinds).sum() for name, kinds in SETTINGS.items()}
    assert settings == published.settings
    assert Counter(Counter(exercise["trial"]).values()) == published.exercise_groups
    assert Counter(Counter(controls["trial"]).values()) == published.comparison_groups
    for column, counts in (
        ("type", published.types),
        ("design", published.designs),
        ("delivery", published.deliveries),
    ):
        assert Counter(exercise[column]) == Counter({k: n for k, n in counts.items() if n})
    assert Counter(controls["type"]) == Counter(
        {k: n for k, n in published.comparisons.items() if n}
    )
    alone = set(Counter(arms["trial"]).items())
    assert min(n for _, n in alone) >= 2
    assert not controls.duplicated(["trial", "type"]).any()


def test_has_the_centres_of_table_2(arms, trials):
    published = read_table2(PUBLISHED, "without")
    sizes = np.percentile(trials["participants"], [50, 25, 75])
    found = published.participants
    assert sizes.tolist() == [found.centre, found.low, found.high]
    assert arms.groupby("trial")["n"].sum().sum() == trials["participants"].sum()
    for column, spread in (
        ("mean_age", published.age),
        ("percent_female", published.percent_female),
        ("pain_baseline", published.pain),
    ):
        values = trials[column].to_numpy(float)
        half = student_t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
        assert values.mean() == pytest.approx(spread.centre, abs=ONE_DECIMAL)
        assert half == pytest.approx((spread.high - spread.low) / 2, abs=ONE_DECIMAL)
        assert values.min() > 0
        assert values.max() < 100


@pytest.mark.parametrize("outcome", REPORTED)
def test_results_lie_around_the_published_effect(outcome):
    rows = pd.read_csv(DATA / FILE).dropna(subset=f"{outcome}_short_n")
    n, mean, sd = (rows[f"{outcome}_short_{name}"] for name in ("n", "mean", "sd"))
    assert rows["trial"].nunique() == REPORTED[outcome]
    assert (n <= rows["n"]).all()
    assert mean.between(0, 100).all()
    effects, variances = [], []
    for _, arms in rows.groupby("trial"):
        treated = arms["category"] == "exercise"
        effects.append(mean[arms[treated].index].mean() - mean[arms[~treated].index].mean())
        parts = (sd**2 / n)[arms.index].groupby(treated)
        variances.append((parts.sum() / parts.size() ** 2).sum())
    found = pool(effects, variances, interval="knapp-hartung")
    truth = true_effect(outcome, read_pooled(PUBLISHED)[outcome])
    assert found.ci_low < truth.mean < found.ci_high
    assert found.tau2_ci[0] < truth.between**2 < found.tau2_ci[1]


def test_programmes_of_the_trials_with_ipd_are_those_of_table_2():
    published = read_table2(PUBLISHED, "with")
    found = [pair for design in DESIGNS for pair in programmes(design.key)]
    assert Counter(design for design, _ in found) == published.designs
    assert Counter(delivery for _, delivery in found) == published.deliveries
    written = Counter()
    for design in DESIGNS:
        path = DATA / "trials" / design.key / "trial.yml"
        arms = read_mapping(path, trial=design.key, shown_as=path.name).arms.values()
        exercise = [arm for arm in arms if arm.category == "exercise"]
        written.update((arm.design, arm.delivery) for arm in exercise)
        assert not any(arm.design or arm.delivery for arm in arms if arm not in exercise)
    assert written == Counter(found)
