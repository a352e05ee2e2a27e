"""Trees, subgroups of trees, trajectories, rescaled effects: what is drawn and what is said."""

from dataclasses import replace

import pytest
from search_cases import NOTHING, PEEL, PROTOCOL, TREE, UNSPLIT

from analysis.errors import ResultError
from analysis.figures import rescaled, trajectory, trees, trees_forest
from analysis.figures.style import SIZES, WIDTH, svg, text_width
from analysis.figures.trees_layout import PADDING, arrange
from analysis.results.estimates import Estimate, OverallEffect
from analysis.results.moderators import Moderator

SIZE = SIZES[1]


def test_boxes_do_not_overlap_and_hold_their_text():
    layout = arrange(TREE, PROTOCOL, SIZE)
    assert len(layout.boxes) == len(TREE.nodes)
    for box in layout.boxes:
        assert box.left >= 0
        assert box.left + layout.width <= WIDTH
        assert box.middle - box.height / 2 >= 0
        assert box.middle + box.height / 2 <= layout.height
        widths = [text_width(line.text, SIZE, bold=line.bold) for line in box.lines]
        assert max(widths) <= layout.width - 2 * PADDING
    for one in layout.boxes:
        for other in layout.boxes:
            if one.node.number < other.node.number and one.left == other.left:
                distance = abs(one.middle - other.middle)
                assert distance >= (one.height + other.height) / 2


def test_a_box_says_rule_trials_participants_effect_and_correction():
    texts = {
        box.node.number: [line.text for line in box.lines]
        for box in arrange(TREE, PROTOCOL, SIZE).boxes
    }
    assert texts[0] == ["Everybody", "k=3, n=600 v 400", "8.2 (6.2 to 10.2)", "split P=0.002"]
    assert texts[3] == ["Sex female", "k=3, n=180 v 120", "13.4 (11.4 to 15.4)", "corrected 12.1"]


def test_the_same_tree_gives_the_same_bytes():
    assert svg(trees.subgroup_tree(TREE, PROTOCOL)) == svg(trees.subgroup_tree(TREE, PROTOCOL))


def test_trees_without_a_split_are_left_out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = trees.draw_each([TREE, UNSPLIT], PROTOCOL, label="fig-tree")
    assert "{#fig-tree-ffbhr}" in shown.markdown
    assert "rmdq" not in shown.markdown
    assert "No tree has a split" in trees.draw_each([UNSPLIT], PROTOCOL, label="fig-x").markdown
    with pytest.raises(ResultError, match="no split"):
        trees.subgroup_tree(UNSPLIT, PROTOCOL)
    with pytest.raises(ResultError, match="No tree has a split"):
        trees_forest.subgroups_of_trees([UNSPLIT], PROTOCOL)


def test_alternative_texts_say_the_numbers():
    tree = trees.alt_text(TREE, PROTOCOL)
    assert "3 subgroups; the first split has P=0.002" in tree
    assert "FFbHR > 54.2: 600 participants, effect 6.5 (4.5 to 8.5)" in tree
    several = trees_forest.alt_text([TREE, UNSPLIT], PROTOCOL)
    assert "FFbHR ≤ 54.2 and sex female 13.4 (11.4 to 15.4)" in several
    path = trajectory.alt_text([PEEL, NOTHING], PROTOCOL)
    assert "in one panels" not in path
    assert "everybody 8.2; the box of 90%, 8.9; that of 31%" in path


def test_notes_name_what_is_missing_and_that_the_data_are_synthetic():
    for notes in (
        trees.notes(TREE, PROTOCOL),
        trees_forest.notes([TREE, UNSPLIT], PROTOCOL),
        trajectory.notes([PEEL, NOTHING], PROTOCOL),
    ):
        assert notes[-1] == PROTOCOL.data_note
    assert "Without a split: RMDQ." in trees_forest.notes([TREE, UNSPLIT], PROTOCOL)
    assert "EQ-5D: no trial has both arms of the comparison." in trajectory.notes(
        [PEEL, NOTHING], PROTOCOL
    )


def test_a_panel_for_each_search_with_boxes():
    figure = trajectory.trajectories([PEEL, NOTHING, PEEL], PROTOCOL)
    assert len(figure.axes) == 2
    assert figure.axes[0].get_xlim() == (1.0, 0.0)
    drawn = [list(line.get_ydata()) for line in figure.axes[0].lines]
    assert [13.6, 8.9] in drawn
    assert [12.9, 8.8] in drawn
    with pytest.raises(ResultError, match="No box"):
        trajectory.trajectories([NOTHING], PROTOCOL)


def estimate(value, low, high, reason=""):
    return Estimate(
        "MD", value, low, high, 1.0, None, 0.01, 0.95, 3, 90, 45, 45, 3, "normal", "y ~ treat",
        not_estimable=reason,
    )  # fmt: skip


def test_effects_of_24_points_are_stretched_to_100():
    found = OverallEffect(
        "rmdq", "short", "any", estimate(1.2, 0.6, 1.8), 0.1, None, None, "", 10.0, 2.5
    )
    none = replace(found, follow_up="mid", effect=estimate(None, None, None, "one trial only"))
    row = rescaled._overall_row(found, PROTOCOL)
    assert row.cells[4:] == ("5.0 (2.5 to 7.5)", "1.2 (0.6 to 1.8)")
    assert (row.mark.estimate, row.mark.low) == (pytest.approx(5), pytest.approx(2.5))
    assert rescaled._overall_row(none, PROTOCOL).cells[4:] == ("not estimable", "")
    assert len(rescaled.overall_forest([found, none], PROTOCOL)) == 1


def test_weak_moderators_are_hollow():
    rows = [
        Moderator("mcs", "mcs_baseline", "", estimate(0.1, 0, 0.2), 1.0, 0.2, 1.8, 0.01),
        Moderator("mcs", "sex", "male", estimate(1, -1, 3), 1.0, -1.0, 3.0, 0.15),
    ]
    made = [rescaled._moderator_row(row, PROTOCOL) for row in rows]
    assert [row.mark.shape for row in made] == ["square", "hollow"]
    assert [row.cells[0] for row in made] == ["Baseline SF-12/36 MCS", "Sex: male v female"]
    assert rescaled.moderator_forest(rows, PROTOCOL)
