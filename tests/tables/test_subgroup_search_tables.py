"""Tables of the searches for subgroups: cells that follow the results."""

from dataclasses import replace

from search_cases import NOTHING, PEEL, PROTOCOL, TREE, UNSPLIT

from analysis.results.estimates import Estimate, OverallEffect, TrialArmRow, TrialRow
from analysis.results.subgroup_search_use import uses_of
from analysis.tables import show
from analysis.tables.subgroup_search import (
    thresholds_table,
    tree_subgroups_table,
    use_table,
)
from analysis.tables.subgroup_search_honest import choices_table, honesty_table
from analysis.tables.subgroup_search_plan import arms_table, candidates_table, pairs_table


def cells(table):
    """Rows of the body as dicts, without spaces that do not break."""
    return [
        {k: v.replace("\N{NO-BREAK SPACE}", " ") for k, v in row.items()}
        for row in table._tbl_data.to_pylist()
    ]


def test_thresholds_stand_under_their_covariates():
    table = thresholds_table(PEEL, PROTOCOL)
    first, second = cells(table)
    assert first["age"] == "54"
    assert first["ffbhr_baseline"] == "58.3"
    assert first["mcs_baseline"] == "–"
    assert (first["size"], first["effect"], first["corrected"]) == (
        "31",
        "13.6 (11.6 to 15.6)",
        "12.9",
    )
    assert (second["difference"], second["corrected_difference"]) == ("6.9 (4.9 to 8.9)", "4.8")
    text = show(table).markdown
    assert "Anxiety: not peeled, it has three levels." in text
    assert "No box of 10%: no smaller box has enough participants." in text
    assert PROTOCOL.data_note in text


def test_subgroups_stand_below_everybody_apparent_beside_corrected():
    rows = cells(tree_subgroups_table([TREE, UNSPLIT], PROTOCOL))
    assert [row["rule"] for row in rows] == [
        "Everybody", "FFbHR ≤ 54.2 and sex female", "FFbHR ≤ 54.2 and FFbHR > 54.2",
        "FFbHR > 54.2", "No subgroup: everybody",
    ]  # fmt: skip
    assert rows[1]["effect"] == "13.4 (11.4 to 15.4)"
    assert (rows[1]["optimism"], rows[1]["plus"]) == ("12.1", "12.1")
    assert (rows[1]["difference"], rows[1]["difference_plus"]) == ("7.0 (5.0 to 9.0)", "5.1")
    assert show(tree_subgroups_table([TREE], PROTOCOL)).markdown


def test_use_gives_size_corrected_effects_and_the_decision():
    (tree, box) = cells(use_table(uses_of([TREE], [PEEL, NOTHING], 0.3, PROTOCOL), PROTOCOL))
    assert (tree["share"], tree["inside"], tree["outside"], tree["worthwhile"]) == (
        "30", "12.1", "7.0", "10.0",
    )  # fmt: skip
    assert box["decision"] == "Subgroup only"


def test_corrections_stand_side_by_side():
    uses = uses_of([TREE], [PEEL], 0.3, PROTOCOL)
    inside, gain, *_ = cells(honesty_table(uses, PROTOCOL))
    assert inside["group"].endswith("FFbHR ≤ 54.2 and sex female (tree)")
    assert (inside["apparent"], inside["optimism"], inside["out"], inside["plus"]) == (
        "13.4 (11.4 to 15.4)", "12.1", "12.1", "12.1",
    )  # fmt: skip
    assert (inside["elsewhere"], inside["trials"]) == ("11.1 (9.1 to 13.1)", "3")
    assert (gain["plus"], gain["elsewhere"], gain["trials"]) == ("5.1", "5.1 (2.1 to 8.1)", "2")
    alone = replace(uses[0].group, honest=replace(uses[0].group.honest, elsewhere=None))
    (row, _) = cells(honesty_table([replace(uses[0], group=alone)], PROTOCOL))
    assert (row["elsewhere"], row["trials"]) == ("–", "–")


def test_choices_of_trees_are_of_any_split_and_of_boxes_of_one_size():
    tree, box = cells(choices_table([TREE, UNSPLIT], [PEEL, NOTHING], 0.3, PROTOCOL))
    assert (tree["found"], tree["chosen"]) == ("90", "FFbHR (100), sex (25)")
    assert box["method"] == "Box of 30%"
    assert box["chosen"] == "Age (50), FFbHR (0)"


def test_candidates_of_every_tree():
    (row,) = cells(candidates_table([TREE, UNSPLIT], PROTOCOL))
    assert (row["split"], row["splits"], row["adjusted"], row["any"]) == (
        "FFbHR ≤ 54.2", "15", "0.002", "0.01",
    )  # fmt: skip


def test_every_arm_has_a_line_and_the_largest_trial_comes_first():
    def trial(name, n):
        arms = (TrialArmRow("Exercise", "active_physical", n), TrialArmRow("Sham TENS", "sham", n))
        return TrialRow(
            name, name, "key", "Nowhere", "", 2 * n, None, None, 1, 1, (), {}, {}, {}, (), arms=arms
        )

    rows = cells(arms_table([trial("Small", 20), trial("Large", 50)], PROTOCOL))
    large, small = "Large, Nowhere (n=100)", "Small, Nowhere (n=40)"
    assert [row["trial"] for row in rows] == [large, large, small, small]
    assert [row["n"] for row in rows] == ["50", "50", "20", "20"]
    assert rows[1]["group"] == "Sham"


def test_pairs_name_their_own_treatment():
    found = Estimate(
        "MD", 1.5, 0.5, 2.5, 0.5, None, 0.01, 0.95, 3, 990, 500, 490, 3, "normal", "y ~ treat"
    )
    none = Estimate(
        "MD", None, None, None, None, None, None, 0.95, 1, 9, 5, 4, 1, "", "",
        not_estimable="one trial only",
    )  # fmt: skip
    about = (0.1, None, None, "", 10.0, 2.5)
    table = pairs_table(
        [
            OverallEffect("rmdq", "short", "sham_usual", none, *about),
            OverallEffect("rmdq", "short", "psychological_usual", found, *about),
        ],
        PROTOCOL,
    )
    (row,) = cells(table)
    assert row["pair"] == "Psychological treatment v usual care"
    assert (row["effect"], row["worthwhile"]) == ("1.5 (0.5 to 2.5)", "2.5")
    assert "Not estimable: one other (one trial only)." in show(table).markdown
