"""The synthetic extraction sheet: always the same, and of the published shape."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.aggregate_protocol import read_aggregate_protocol
from analysis.demo.extraction_sheet import COMPARATORS, write_extraction_sheet
from analysis.errors import IpdbookError
from analysis.results.extraction import read_extraction
from analysis.results.synthesis import synthesis

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"
SMD_NEAR = 0.02  # rounding in the sheet, and SDs imputed where it has holes
I2_NEAR = 3.0  # per cent, for the same reasons


@pytest.fixture(scope="module")
def extraction():
    plan = read_aggregate_protocol(EXAMPLE / "data" / "protocol.yml")
    return read_extraction(EXAMPLE, plan), plan


def test_the_seed_gives_the_committed_files(tmp_path: Path) -> None:
    (tmp_path / "published").mkdir()
    published = EXAMPLE / "data" / "published" / "pooled.csv"
    (tmp_path / "published" / "pooled.csv").write_bytes(published.read_bytes())
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


@pytest.mark.parametrize("row", range(8))
def test_each_synthesis_recovers_the_published_effect(extraction, row: int) -> None:
    sheet, plan = extraction
    truth = pd.read_csv(EXAMPLE / "data/published/pooled.csv").iloc[row]
    found = synthesis(
        sheet, plan, outcome=truth["outcome"], follow_up=truth["follow_up"],
        comparator=COMPARATORS[truth["comparator"]],
    )  # fmt: skip
    assert found.pooled.k == truth["k"]
    assert found.pooled.estimate == pytest.approx(truth["smd"], abs=SMD_NEAR)
    assert found.pooled.i2 == pytest.approx(truth["i2_percent"], abs=I2_NEAR)
