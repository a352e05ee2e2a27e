"""The synthetic extraction sheet: always the same, and of the published shape."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.aggregate_protocol import read_aggregate_protocol
from analysis.demo import synthesis_effects
from analysis.demo.extraction_sheet import COMPARATORS, write_extraction_sheet
from analysis.demo.synthesis_effects import Target, draw_effects
from analysis.errors import IpdbookError
from analysis.results.extraction import read_extraction
from analysis.results.synthesis import synthesis

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"
POOLED, ASYMMETRY = (
    pd.read_csv(EXAMPLE / "data" / "published" / f"{name}.csv") for name in ("pooled", "bias_tests")
)
SMD_NEAR = 0.02  # rounding in the sheet, and SDs imputed where it has holes
I2_NEAR = 3.0  # per cent, for the same reasons
EGGER_NEAR, TAU_NEAR = 0.1, 0.04  # likewise; τ moves in steps of 2/(k(k − 1)/2), up to 0.02


@pytest.fixture(scope="module")
def extraction():
    plan = read_aggregate_protocol(EXAMPLE / "data" / "protocol.yml")
    return read_extraction(EXAMPLE, plan), plan


def test_the_seed_gives_the_committed_files(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    for name in ("pooled.csv", "bias_tests.csv"):
        figures = EXAMPLE / "data" / "published" / name
        (tmp_path / "published" / name).write_bytes(figures.read_bytes())
    write_extraction_sheet(tmp_path)
    for name in ("trials.csv", "arms.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLE / "data" / name).read_bytes()


def test_without_published_figures_there_is_nothing_to_calibrate_to(tmp_path: Path) -> None:
    with pytest.raises(IpdbookError, match=r"pooled\.csv does not exist"):
        write_extraction_sheet(tmp_path)


def test_the_corpus_has_the_published_counts(extraction) -> None:
    sheet, _ = extraction
    corpus = pd.read_csv(EXAMPLE / "data/published/corpus.csv", index_col=0)["value"]
    trials = sheet.trials
    assert len(trials) == int(corpus["trials included"])
    assert trials["participants"].sum() == int(corpus["participants"])
    assert sheet.arms["trial"].nunique() == int(corpus["trials with sufficient data for synthesis"])
    judged = trials["rob_overall"].value_counts()
    assert judged["some concerns"] == int(corpus["risk of bias: some concerns"])
    assert judged["high"] == int(corpus["risk of bias: high"])
    assert "low" not in judged
    for column, quantity in (("participants", "participants per trial"), ("age", "age")):
        low, high = map(float, corpus[f"IQR {quantity}"].split("-"))
        assert np.percentile(trials[column], [25, 75]) == pytest.approx([low, high], abs=1)


def test_the_sheet_has_holes(extraction) -> None:
    arms = extraction[0].arms
    assert (arms["sd"].isna() & arms["se"].notna()).any()
    assert (arms["sd"].isna() & arms["se"].isna()).any()


def found_for(extraction, row):
    sheet, plan = extraction
    return synthesis(
        sheet, plan, outcome=row["outcome"], follow_up=row["follow_up"],
        comparator=COMPARATORS[row["comparator"]],
    )  # fmt: skip


@pytest.mark.parametrize("row", range(8))
def test_each_synthesis_recovers_the_published_effect(extraction, row: int) -> None:
    truth = POOLED.iloc[row]
    pooled = found_for(extraction, truth).pooled
    assert pooled.k == truth["k"]
    assert pooled.estimate == pytest.approx(truth["smd"], abs=SMD_NEAR)
    assert pooled.i2 == pytest.approx(truth["i2_percent"], abs=I2_NEAR)


@pytest.mark.parametrize("row", range(4))
def test_each_synthesis_of_pain_recovers_the_published_tests_of_asymmetry(
    extraction, row: int
) -> None:
    truth = ASYMMETRY.iloc[row]
    found = found_for(extraction, truth)
    assert found.egger.statistic == pytest.approx(float(truth["egger_statistic"]), abs=EGGER_NEAR)
    assert found.rank.statistic == pytest.approx(float(truth["kendall_tau"]), abs=TAU_NEAR)
    lopsided = truth["egger_p"] == "0.001"
    assert (found.egger.p < 0.05) == (found.rank.p < 0.05) == lopsided


@pytest.mark.parametrize("row", range(4, 8))
def test_each_synthesis_of_disability_lies_in_the_published_range(extraction, row: int) -> None:
    (bounds,) = ASYMMETRY[ASYMMETRY["comparator"] == "any"].to_dict("records")
    found = found_for(extraction, POOLED.iloc[row])
    for test, column in ((found.egger, "egger_statistic"), (found.rank, "kendall_tau")):
        low, high = map(float, bounds[column].split(" to "))
        assert low <= test.statistic <= high
        assert test.p > 0.05


def test_figures_that_contradict_each_other_are_refused(monkeypatch) -> None:
    monkeypatch.setattr(synthesis_effects, "DRAWS", 2)
    sizes, weeks = np.full((12, 2), [30, 20]) + np.arange(12)[:, None], np.full(12, 8.0)
    asked = Target(smd=-0.3, i2=60, egger=-4, tau=0.8)
    with pytest.raises(IpdbookError, match="No draw of 12 effects has a pooled effect of"):
        draw_effects(sizes, asked, weeks, np.random.default_rng(1))
