"""The synthetic trials of therapist-delivered care: committed bytes, published shape, the truth."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from analysis.cli import app
from analysis.demo.therapist_care.designs import CATEGORIES, DESIGNS
from analysis.demo.therapist_care.people import SCORES, draw_people
from analysis.demo.therapist_care.truth import EFFECTS, effects
from analysis.trials.master import build_master

PROJECT = Path(__file__).parents[2] / "examples" / "therapist-delivered-care"
DATA = PROJECT / "data"
# Hee 2021, Table 2: all participants. The synthetic ones are a sample, with error 0.14 years and
# 0.5 percentage points; a scale's ends cut its mean and SD a little.
MEAN_AGE, SD_AGE, FEMALE = 48.92, 13.88, 57.36
BASELINE = {"ffbhr": (57.6, 20.5), "rmdq": (9.9, 5.1)}  # text of the Results
FOUR_ERRORS = 4


@pytest.fixture(scope="module")
def master():
    return build_master(PROJECT)


def test_the_command_writes_the_committed_bytes(tmp_path):
    (tmp_path / "data" / "published").mkdir(parents=True)
    table1 = "published/table1_trials.csv"
    (tmp_path / "data" / table1).write_bytes((DATA / table1).read_bytes())
    done = CliRunner().invoke(app, ["demo", str(tmp_path)])
    assert done.exit_code == 0, done.output
    for made in (tmp_path / "data").rglob("*"):
        if made.is_file():
            committed = DATA / made.relative_to(tmp_path / "data")
            assert made.read_bytes() == committed.read_bytes(), committed
    sizes = [path.stat().st_size for path in (DATA / "trials").rglob("*") if path.is_file()]
    assert len(sizes) == 2 * len(DESIGNS) + 1
    assert max(sizes) < 1_000_000
    assert sum(sizes) < 2_000_000


def test_trials_arms_and_participants_are_the_published_ones(master):
    table1 = pd.read_csv(DATA / "published" / "table1_trials.csv")
    people = master.participants
    assert len(people) == 9328
    assert people["category"].isin(["usual_care", "sham"]).sum() == 3573
    assert sum(len(mapping.arms) for mapping in master.mappings.values()) == len(table1)
    assert len(table1) == 47
    for design in DESIGNS:
        rows, mapping = table1[table1["trial"] == design.name], master.mappings[design.key]
        assert mapping.country == rows["country"].iloc[0]
        groups = [CATEGORIES[group] for group in rows["arm_group"]]
        assert [arm.category for arm in mapping.arms.values()] == groups
        assert sum(design.sizes) == pytest.approx(rows["participants"].iloc[0], rel=0.05)


def test_participants_are_like_table_2(master):
    people = master.participants
    assert people["age"].notna().sum() == people["sex"].notna().sum() == 9326
    assert people["age"].mean() == pytest.approx(MEAN_AGE, abs=0.6)
    assert people["age"].std() == pytest.approx(SD_AGE, abs=0.6)
    assert 100 * (people["sex"] == "female").mean() == pytest.approx(FEMALE, abs=2)
    for name, (mean, sd) in BASELINE.items():
        assert people[f"{name}_baseline"].mean() == pytest.approx(mean, abs=1.5)
        assert people[f"{name}_baseline"].std() == pytest.approx(sd, rel=0.1)
    measured = {key: master.mappings[key].outcomes for key in master.mappings}
    assert sum("ffbhr" in found for found in measured.values()) == 3
    assert sum("rmdq" in found for found in measured.values()) == 14


def test_the_first_subgroup_that_holds_decides():
    people = pd.DataFrame({"ffbhr": [40.0, 40, 60, np.nan], "age": [50.0, 70, 50, 50]})
    arms = np.full(4, "passive_physical")
    assert list(effects("ffbhr", arms, people)) == [14.3, 8.7, 7.1, 7.1]
    assert list(effects("ffbhr", np.full(4, "usual_care"), people)) == [0, 0, 0, 0]


def test_large_trials_recover_the_effects_that_they_were_made_from():
    # thirty times UK BEAM: differences of means within four standard errors of the truth, which
    # the ends of the scale and the trial's own deviation move by less than half a point
    design = next(each for each in DESIGNS if each.key == "ukbeam")
    large = type(design)(
        design.key, design.name, design.citation, tuple(30 * n for n in design.sizes),
        design.age, design.female, design.outcomes,
    )  # fmt: skip
    categories = ("active_physical", "passive_physical", "combination", "usual_care")
    people = draw_people(large, categories, np.random.default_rng(5))
    change = SCORES["rmdq"].better * (people["rmdq_short"] - people["rmdq"])
    control = change[people["arm"] == 3].dropna()
    for arm, category in enumerate(categories[:3]):
        treated = change[people["arm"] == arm].dropna()
        error = np.sqrt(treated.var() / len(treated) + control.var() / len(control))
        truth = EFFECTS["rmdq"][category][0].effect
        assert abs(treated.mean() - control.mean() - truth) < FOUR_ERRORS * error + 0.5


def test_the_truth_file_says_the_effects():
    truth = yaml.safe_load((DATA / "subgroup_truth.yml").read_text(encoding="utf-8"))
    first = truth["effects_against_usual_care"]["ffbhr"]["passive_physical"][0]
    assert first == {"subgroup": "ffbhr <= 54.2 and age <= 60", "effect": 14.3}
