"""Table 2 from a result made by hand: what each cell and each note says."""

import re
from html import unescape
from pathlib import Path

import pytest

from analysis.protocol import read_protocol
from analysis.results.eligible import (
    Centre,
    LevelCounts,
    TrialBlock,
    TrialCharacteristics,
    TrialQuantity,
)
from analysis.tables import show, trial_characteristics_table

PROTOCOL = read_protocol(Path(__file__).parents[2] / "data" / "protocol.yml")
CLINICS = PROTOCOL.model_copy(update={"unit": ("clinic", "clinics"), "data_status": "real"})
TABLE = TrialCharacteristics(
    with_ipd=27,
    without_ipd=29,
    quantities=(
        TrialQuantity("participants", "median", Centre(27, 109.0, 65.0, 208.5),
                      Centre(29, 90.0, 60.0, 132.0), 0.3103),
        TrialQuantity("percent_female", "mean", Centre(27, 55.256, 47.66, 62.85), None, None),
        TrialQuantity("pain", "mean", Centre(26, 51.7, 47.9, 55.6), Centre(29, 50.9, 44.6, 57.1),
                      0.0004),
    ),
    blocks=(
        TrialBlock("setting", "trials", 27, 29, (LevelCounts("Health care", 16, 20),
                   LevelCounts("Occupational", 11, 9)), 0.49),
        TrialBlock("comparison_arms", "trials", 27, 29, (LevelCounts("0", 12, 13),
                   LevelCounts("1", 13, 15), LevelCounts("2", 2, 1)), 1.0),
        TrialBlock("type", "groups", 46, 50, (LevelCounts("Mixed", 46, 50),), None),
        TrialBlock("comparison", "groups", 17, 0, (LevelCounts("Usual care", 4, 0),
                   LevelCounts("Other conservative treatment", 13, 0),
                   LevelCounts("Back school", 13, 0, 1)), 0.5),
    ),
    permutations=9999,
)  # fmt: skip
ROWS = {
    "Participants, median (IQR)": ("109 (65 to 208.5)", "90 (60 to 132)", "0.31"),
    "Female, %, mean (95% CI)": ("55.3 (47.7 to 62.9)", "–", "–"),
    "Pain intensity (0-100) at baseline, mean (95% CI)": (
        "51.7 (47.9 to 55.6)", "50.9 (44.6 to 57.1)", "<0.001"),
    "Setting": ("", "", "0.49"),
    "Health care": ("16 (59%)", "20 (69%)", ""),
    "Occupational": ("11 (41%)", "9 (31%)", ""),
    "Comparison groups": ("", "", ">0.99"),
    "No group": ("12 (44%)", "13 (45%)", ""),
    "1 group": ("13 (48%)", "15 (52%)", ""),
    "2 groups": ("2 (7%)", "1 (3%)", ""),
    "Type of exercise therapy, groups": ("46", "50", "–"),
    "Mixed": ("46 (100%)", "50 (100%)", ""),
    "Type of comparison, groups": ("17", "0", "0.50"),
    "Usual care": ("4 (24%)", "–", ""),
    "Other conservative treatment": ("13 (76%)", "–", ""),
    "Back school": ("13 (76%)", "–", ""),
}  # fmt: skip


def page(protocol=PROTOCOL):
    return trial_characteristics_table(TABLE, protocol).as_raw_html()


def visible(html):
    return unescape(re.sub(r"<[^>]+>", "", html)).replace("\xa0", " ").strip()


def test_cells_are_the_numbers_of_the_result():
    body = page().split("<tbody")[1].split("</tbody>")[0]
    rows = [
        [visible(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in body.split("<tr>")[1:]
    ]
    assert {row[0]: tuple(row[1:]) for row in rows} == ROWS
    assert len(rows) == len(ROWS)


@pytest.mark.parametrize("protocol", [PROTOCOL, CLINICS], ids=["trials", "clinics"])
def test_header_and_notes(protocol):
    text = visible(page(protocol))
    assert "With participant data (n=27)" in text
    assert "Without (n=29)" in text
    assert "CI=confidence interval; IQR=interquartile range." in text
    assert f"P values are from 9999 permutations of the {protocol.unit[1]}" in text
    assert (PROTOCOL.data_note in text) == (protocol is PROTOCOL)
    if protocol is CLINICS:
        assert "trial" not in text.split("tbody")[-1].replace("trial-characteristics", "")


def test_shown_alike_in_every_format():
    markdown = show(trial_characteristics_table(TABLE, PROTOCOL)).markdown
    assert markdown.count("208.5") == 3
