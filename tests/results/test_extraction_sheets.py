"""Sheets with problems are refused with all of them; sound ones become effects."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.aggregate_protocol import AggregateProtocol, read_aggregate_protocol
from analysis.pooling import hedges_g
from analysis.problems import ProblemsError
from analysis.results.extraction import effects_of, on_common_scale, read_extraction

EXAMPLE = Path(__file__).parents[2] / "examples" / "individualized-exercise"
EXACT = 1e-12  # the same arithmetic in another order


@pytest.fixture(scope="module")
def plan() -> AggregateProtocol:
    return read_aggregate_protocol(EXAMPLE / "data" / "protocol.yml")


def changed(folder: Path, file: str, row: int, column: str, value: str) -> Path:
    """Copy the sheets, with one cell changed."""
    (folder / "data").mkdir()
    for name in ("trials.csv", "arms.csv"):
        table = pd.read_csv(EXAMPLE / "data" / name, dtype=str, keep_default_na=False)
        if name == file:
            table.loc[row, column] = value
        table.to_csv(folder / "data" / name, index=False)
    return folder


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (("arms.csv", "sd", "about 2"), "is no number"),
        (("arms.csv", "sd", "-1.2"), "not above zero"),
        (("arms.csv", "se", "0"), "not above zero"),
        (("arms.csv", "n", "1"), "below 2"),
        (("arms.csv", "mean", ""), "is no number"),
        (("arms.csv", "outcome", "Pain"), "is none of pain, disability"),
        (("arms.csv", "trial", "Nobody"), "is not in trials.csv"),
        (("arms.csv", "arm", "waiting list"), "is none of individualised, active, passive"),
        (("trials.csv", "rob_missing", "unclear"), "is none of low, some concerns, high"),
        (("trials.csv", "rob_overall", "no information"), "is none of low, some concerns, high"),
        (("trials.csv", "rob_overall", "low"), "better than the worst domain"),
        (("trials.csv", "weeks", "eight"), "is no number"),
        (("trials.csv", "year", "in press"), "is no whole number"),
        (("trials.csv", "participants", "271.5"), "is no whole number"),
        (("trials.csv", "exercise", "swimming"), "is none of mixed"),
        (("trials.csv", "trial", "Ahorn"), "stands twice"),
    ],
)
def test_a_wrong_cell_is_named(
    tmp_path: Path, plan: AggregateProtocol, cell: tuple[str, str, str], said: str
) -> None:
    file, column, value = cell
    with pytest.raises(ProblemsError) as caught:
        read_extraction(changed(tmp_path, file, 0, column, value), plan)
    found = [p for p in caught.value.problems if p.column == column]
    assert any(said in str(p) and p.file == f"data/{file}" for p in found)


def test_all_problems_come_at_once(tmp_path: Path, plan: AggregateProtocol) -> None:
    folder = changed(tmp_path, "arms.csv", 0, "n", "few")
    path = folder / "data" / "trials.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("mckenzie", "walking"))
    with pytest.raises(ProblemsError) as caught:
        read_extraction(folder, plan)
    assert {p.file for p in caught.value.problems} == {"data/arms.csv", "data/trials.csv"}


def test_a_missing_file_and_a_missing_column(tmp_path: Path, plan: AggregateProtocol) -> None:
    with pytest.raises(ProblemsError, match="does not exist"):
        read_extraction(tmp_path, plan)
    folder = changed(tmp_path, "", 0, "", "")
    path = folder / "data" / "arms.csv"
    pd.read_csv(path).drop(columns="se").to_csv(path, index=False)
    with pytest.raises(ProblemsError, match="column 'se' is missing"):
        read_extraction(folder, plan)


def test_sheets_from_a_spreadsheet_are_read_or_refused(
    tmp_path: Path, plan: AggregateProtocol
) -> None:
    path = changed(tmp_path, "", 0, "", "") / "data" / "arms.csv"
    plain = path.read_text(encoding="utf-8")
    rows = plain.replace(",", ";").replace("\n", ";;\r\n")
    path.write_text(f"{rows};;;;;;;;;;;;\r\n", encoding="utf-8-sig")
    pd.testing.assert_frame_equal(
        read_extraction(tmp_path, plan).arms, read_extraction(EXAMPLE, plan).arms
    )
    path.write_text(plain.replace("\n", ",more\n").replace("se,more", "se", 1), encoding="utf-8")
    with pytest.raises(ProblemsError, match="Rows without the 11 cells") as caught:
        read_extraction(tmp_path, plan)
    assert {p.file for p in caught.value.problems} == {"data/arms.csv"}


def test_sds_come_from_standard_errors_or_are_imputed(plan: AggregateProtocol) -> None:
    sheet = read_extraction(EXAMPLE, plan)
    arms = on_common_scale(sheet, plan, "pain", "short")
    given = sheet.arms.loc[arms.index]
    factor = (given["scale_high"] - given["scale_low"]) / 10
    for source, sd in (
        ("reported", given["sd"] / factor),
        ("from SE", given["se"] * given["n"] ** 0.5 / factor),
    ):
        rows = arms["sd_source"] == source
        assert rows.any()
        assert arms["sd"][rows].to_numpy() == pytest.approx(sd[rows].to_numpy(), rel=EXACT)
    known, holes = (arms[arms["sd_source"].eq("imputed") == is_hole] for is_hole in (False, True))
    weights = known["n"] - 1
    pooled = ((weights * known["sd"] ** 2).sum() / weights.sum()) ** 0.5
    assert holes["sd"].to_numpy() == pytest.approx([pooled] * len(holes), rel=EXACT)


def test_an_effect_is_hedges_g_of_treated_less_controls(plan: AggregateProtocol) -> None:
    sheet = read_extraction(EXAMPLE, plan)
    rows = effects_of(sheet, plan, "disability", "short", "passive")
    first = rows.iloc[0]
    names = ("mean1", "sd1", "n1", "mean2", "sd2", "n2")
    expected = hedges_g(*([first[name]] for name in names))
    assert first["yi"] == pytest.approx(expected.yi[0], rel=EXACT)
    assert (first["yi"] < 0) == (first["mean1"] < first["mean2"])
    assert effects_of(sheet, plan, "pain", "short", "nobody").empty
