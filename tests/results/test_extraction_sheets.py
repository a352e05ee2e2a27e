"""Sheets with problems are refused with all of them; sound ones become effects."""

from collections.abc import Callable
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
        (("arms.csv", "n", "30.5"), "is no whole number"),
        (("arms.csv", "n", "inf"), "is no number"),
        (("arms.csv", "n", "1e400"), "is no number"),
        (("arms.csv", "mean", "inf"), "is no number"),
        (("arms.csv", "mean", "131.2"), "lies outside the scale"),
        (("arms.csv", "sd", "51"), "is more than this scale allows"),
        (("arms.csv", "scale_high", "0"), "is not above scale_low"),
        (("arms.csv", "scale_high", "10"), "is not the same in all arms of one result"),
        (("arms.csv", "instrument", "NRS"), "is not the same in all arms of one result"),
        (("arms.csv", "se", "9.9"), "does not agree with the SD"),
        (("arms.csv", "arm", "individualised"), "has none of active, passive beside it"),
        (("trials.csv", "year", "in press"), "is no whole number"),
        (("trials.csv", "year", "93"), "of four digits"),
        (("trials.csv", "participants", "271.5"), "is no whole number"),
        (("trials.csv", "participants", "0"), "is no whole number above zero"),
        (("trials.csv", "exercise", "swimming"), "is none of mixed"),
        (("trials.csv", "trial", "Ahorn"), "stands twice"),
        (("trials.csv", "trial", "AHORN"), "stands twice"),
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


def without(text: str, part: str) -> str:
    """Leave out the lines with a part."""
    return "".join(line for line in text.splitlines(keepends=True) if part not in line)


def no_spread(text: str) -> str:
    """Empty the SDs and standard errors of pain at short term."""
    return "\n".join(
        line.rsplit(",", 2)[0] + ",," if ",pain,short," in line else line
        for line in text.splitlines()
    )


def edited(folder: Path, file: str, edit: Callable[[str], str]) -> Path:
    """Copy the sheets, with the text of one edited."""
    path = changed(folder, "", 0, "", "") / "data" / file
    path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("file", "edit", "said"),
    [
        ("arms.csv", lambda text: text.splitlines()[0], "arms.csv: there is no row"),
        ("trials.csv", lambda text: text.splitlines()[0] + "\n", "trials.csv: there is no row"),
        ("arms.csv", lambda text: text.replace(",", "|"), "arms.csv:1: the first line holds"),
        ("arms.csv", lambda text: "Version 3\n" + text, "no title above it"),
        ("arms.csv", lambda text: f",,,,,,,Results,,,\n{text}", "10 columns have no name"),
        (
            "arms.csv",
            lambda text: text.replace(",21.5,17.83,", ",21,5,17.83,"),
            "line 2 (12 cells)",
        ),
        ("arms.csv", lambda text: text.replace("\nAhorn,", "\n,"), "merged cells"),
        ("arms.csv", lambda text: text + "Total,pain,short,,,,,900,,,\n", "seems to sum up"),
        ("arms.csv", no_spread, "have neither SD nor standard error"),
        ("arms.csv", lambda text: without(text, ",individualised,"), "has no arm 'individualised'"),
        ("arms.csv", lambda text: without(text, "ive,"), "has none of active, passive beside it"),
    ],
)
def test_a_wrong_sheet_is_told_in_one_problem(
    tmp_path: Path, plan: AggregateProtocol, file: str, edit: Callable[[str], str], said: str
) -> None:
    with pytest.raises(ProblemsError) as caught:
        read_extraction(edited(tmp_path, file, edit), plan)
    (problem,) = caught.value.problems
    assert said in str(problem)


def test_rows_are_named_with_their_lines_and_values(
    tmp_path: Path, plan: AggregateProtocol
) -> None:
    comma = edited(tmp_path, "arms.csv", lambda text: text.replace(",", ";").replace(".", ","))
    with pytest.raises(ProblemsError) as caught:
        read_extraction(comma, plan)
    by_column = {problem.column: problem for problem in caught.value.problems}
    assert set(by_column) == {"mean", "sd", "se"}
    assert by_column["mean"].rows[:2] == ("Ahorn (line 2: '21,5')", "Ahorn (line 3: '23,12')")


def test_names_of_columns_may_be_written_as_words(tmp_path: Path, plan: AggregateProtocol) -> None:
    words = edited(
        tmp_path,
        "arms.csv",
        lambda text: text.replace("follow_up", "Follow-up").replace("trial,", "TRIAL,", 1),
    )
    pd.testing.assert_frame_equal(
        read_extraction(words, plan).arms, read_extraction(EXAMPLE, plan).arms
    )


def test_a_scale_may_be_written_in_two_ways(tmp_path: Path, plan: AggregateProtocol) -> None:
    sheet = read_extraction(changed(tmp_path, "arms.csv", 0, "scale_high", "100.0"), plan)
    pd.testing.assert_frame_equal(sheet.arms, read_extraction(EXAMPLE, plan).arms)


@pytest.mark.parametrize(
    ("file", "column", "cell"), [("arms.csv", "sd", "NA"), ("trials.csv", "age", "")]
)
def test_what_is_not_reported_is_missing(
    tmp_path: Path, plan: AggregateProtocol, file: str, column: str, cell: str
) -> None:
    sheet = read_extraction(changed(tmp_path, file, 0, column, cell), plan)
    table = sheet.arms if file == "arms.csv" else sheet.trials
    assert table[column].isna()[0]
