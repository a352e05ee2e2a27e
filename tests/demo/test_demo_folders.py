"""The committed trial folders: made by the generator, complete by the schema, of right shape."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from analysis.demo import SEED, generate
from analysis.demo.calibration import REVIEW, read_published
from analysis.demo.designs import DESIGNS, Arm, Design, table1_row
from analysis.demo.measured import MEASURED_IN, measures
from analysis.demo.styles import STYLES
from analysis.demo.vocabulary import column_names
from analysis.errors import IpdbookError
from analysis.protocol import read_protocol
from analysis.trials.mapping import TrialMapping, read_mapping
from analysis.trials.raw import RawFile
from analysis.trials.readers import read_file

DATA = Path(__file__).parents[2] / "data"
PUBLISHED = read_published(DATA / "published" / REVIEW)
TRIALS = [design.key for design in DESIGNS]
# Table 1 gives one decimal, a few values are missing, and ages are whole years.
AGE_TOLERANCE = 0.5
# Tables 4 and 5: trials with each modifier that enter the models of pain and of function.
PUBLISHED_TRIALS = {
    "education": (12, 10),
    "smoker": (9, 9),
    "physically_active": (11, 12),
    "bmi": (17, 15),
    "history": (8, 8),
    "sick_leave": (14, 13),
    "work_status": (18, 17),
    "heavy_demands": (8, 8),
    "general_health": (10, 10),
    "mental_health": (6, 7),
    "fear_avoidance": (8, 9),
    "social_support": (10, 9),
    "duration": (13, 13),
    "leg_pain": (14, 15),
    "medication": (13, 13),
}


def _mapping(trial: str) -> TrialMapping:
    path = DATA / "trials" / trial / "trial.yml"
    return read_mapping(path, trial=trial, shown_as=str(path.name))


def _files(trial: str, mapping: TrialMapping) -> list[RawFile]:
    named = {item.column for item in (mapping.arm, *mapping.modifiers.values()) if item.column}
    for outcome in mapping.outcomes.values():
        named |= {outcome.column or "", *(item.column for item in outcome.measurements)}
    return [read_file(DATA / "trials" / trial, file, columns=named) for file in mapping.files]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_generator_writes_the_committed_bytes(tmp_path):
    generate(tmp_path, seed=SEED, published=DATA / "published")
    made, committed = _bytes(tmp_path / "trials"), _bytes(DATA / "trials")
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []
    assert sum(map(len, committed.values())) < 3_000_000


def test_another_seed_writes_other_data(tmp_path):
    generate(tmp_path, seed=SEED + 1, published=DATA / "published")
    made, committed = _bytes(tmp_path / "trials"), _bytes(DATA / "trials")
    assert all(made[name] != content for name, content in committed.items())


def test_arms_meet_the_published_totals():
    sizes, kinds = Counter(), Counter()
    for design in DESIGNS:
        table1_row(design, PUBLISHED)
        for arm in design.arms:
            sizes[arm.category] += arm.size
            kinds[arm.type] += 1
    assert sizes == {
        "exercise": 2568,
        "no_treatment": 142,
        "usual_care": 125,
        "other_conservative": 679,
    }
    assert kinds == {  # Table 2
        "Strengthening": 4,
        "Stretching": 1,
        "Core strengthening": 10,
        "Flexibility/mobilizing": 1,
        "Aerobic": 4,
        "McKenzie": 2,
        "Functional restoration": 1,
        "Other": 4,
        "Mixed": 19,
        "No treatment": 3,
        "Usual care": 4,
        "Advice/education": 5,
        "Back school": 1,
        "Manual therapy": 3,
        "Psychological therapy": 1,
    }


@pytest.mark.parametrize("design", DESIGNS, ids=TRIALS)
def test_follow_ups_and_outcomes_are_those_of_table_1(design):
    with (DATA / "published" / REVIEW / "table1_trials.csv").open(encoding="utf-8") as file:
        row = next(row for row in csv.DictReader(file) if row["trial"] == design.name)
    windows = read_protocol(DATA / "protocol.yml").follow_ups
    for follow_up, plan in windows.items():
        low, high = plan.window
        assert (row[follow_up] == "yes") == (follow_up in design.weeks)
        assert low <= design.weeks.get(follow_up, plan.weeks) <= high
    for outcome in ("pain", "function"):
        assert bool(row[f"{outcome}_instrument"]) == (outcome in design.outcomes)
    assert design.no_pain_at == (("long",) if "function only" in row["notes"] else ())


def test_a_design_that_departs_from_table_1_is_refused():
    arm = Arm("only", "Exercise", "exercise", "Mixed", 263)
    with pytest.raises(IpdbookError, match=r"264, 1, 2.*263, 1, 0"):
        table1_row(Design("albaladejo2010", "Albaladejo 2010", (arm,), {"short": 13}), PUBLISHED)


@pytest.mark.parametrize("modifier", MEASURED_IN)
def test_as_many_trials_as_published_measured_a_modifier(modifier):
    assert set(MEASURED_IN[modifier].split()) <= set(TRIALS)
    found = tuple(
        sum(measures(d.key, modifier) and outcome in d.outcomes for d in DESIGNS)
        for outcome in ("pain", "function")
    )
    assert found == PUBLISHED_TRIALS[modifier]


def test_files_are_as_different_as_those_of_trialists():
    suffixes = {Path(style.file).suffix for style in STYLES.values()}
    assert suffixes == {".csv", ".tsv", ".xlsx", ".sav", ".dta"}
    assert sum(style.layout == "long" for style in STYLES.values()) >= 5
    assert sum(bool(style.visits_file) for style in STYLES.values()) >= 2
    text = [style for style in STYLES.values() if Path(style.file).suffix == ".csv"]
    assert {style.encoding for style in text} == {"utf-8", "utf-8-sig", "latin-1"}
    assert any(style.delimiter == ";" and style.decimal == "," for style in text)
    assert {style.missing for style in STYLES.values()} == {"", ".", "-9", "-99", "999"}
    assert len({style.language for style in STYLES.values()}) >= 10


@pytest.mark.parametrize("trial", TRIALS)
class TestFolder:
    def test_says_that_it_is_synthetic(self, trial):
        text = (DATA / "trials" / trial / "trial.yml").read_text(encoding="utf-8")
        assert text.splitlines()[1].startswith("# Synthetic demonstration data")
        assert _mapping(trial).citation.key == trial

    def test_has_a_column_for_each_measured_modifier_and_no_other(self, trial):
        mapping = _mapping(trial)
        present = {name for file in _files(trial, mapping) for name in file.columns}
        names = column_names(STYLES[trial].language, STYLES[trial].case)
        for modifier in MEASURED_IN:
            expected = measures(trial, modifier)
            assert (modifier in mapping.modifiers) == expected
            assert (names[modifier] in present) == expected

    def test_has_the_ages_and_sexes_of_table_1(self, trial):
        row = PUBLISHED.trials[next(d.name for d in DESIGNS if d.key == trial)]
        figures = {
            figure.statistic: figure for figure in _mapping(trial).published if figure.modifier
        }
        assert abs(figures["mean"].value - row.mean_age) < AGE_TOLERANCE
        one_or_two_people = 200 / row.participants
        assert abs(figures["percent"].value - row.percent_female) < one_or_two_people

    def test_holds_scores_on_the_steps_of_the_instruments(self, trial):
        mapping = _mapping(trial)
        files = _files(trial, mapping)
        checked = 0
        for outcome in mapping.outcomes.values():
            columns = [outcome.column] if outcome.column else []
            columns += [item.column for item in outcome.measurements]
            for column in columns:
                codes = next(file.rows[column] for file in files if column in file.rows)
                scores = codes[~codes.isin(["", *mapping.missing])].astype(float).to_numpy()
                low, high = outcome.instrument.range
                steps = (scores - low) / outcome.instrument.step
                assert scores.min() >= low
                assert scores.max() <= high
                np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)
                checked += len(scores)
        assert checked > 0
