"""Searches for subgroups as small results whose numbers are known, for tables, figures, words."""

from pathlib import Path

from analysis.protocol import read_protocol
from analysis.results.subgroup_search import (
    Candidate,
    Choice,
    Corrected,
    Effect,
    Elsewhere,
    Found,
    Honest,
    Limit,
    PeelSearch,
    Question,
    TreeNode,
    TreeSearch,
)

PROTOCOL = read_protocol(
    Path(__file__).parents[1] / "examples/therapist-delivered-care/data/protocol.yml"
)
ASKED = Question("ffbhr", "short", "any")
DISABLED = Limit("ffbhr_baseline", "at most", 54.167)
ABLE = Limit("ffbhr_baseline", "above", 54.167)
WOMEN = Limit("sex", "in", None, ("female",))


def effect(value, half=2.0, p=0.001):
    """An estimate with a symmetric interval."""
    return Effect(value, value - half, value + half, p)


def corrected(value):
    """A corrected value: the three ways agree."""
    return Corrected(value, value, value)


def honest(inside, outside):
    """Corrected effects inside and outside."""
    away = Elsewhere(3, 3, 3, 2, effect(inside - 1), effect(outside), effect(inside - outside, 3.0))
    return Honest(
        0.9,
        corrected(inside),
        corrected(outside),
        corrected(inside - outside),
        away,
        (Choice("age", "below", 0.5),),
    )


def found(rule, share, inside, outside, *, after=None, half=2.0):
    """A subgroup of 1000 participants; `after` gives the corrected effects."""
    return Found(
        rule=tuple(rule),
        share=share,
        n=round(1000 * share),
        treated=round(600 * share),
        controls=round(400 * share),
        trials=3,
        effect=effect(inside, half),
        rest=effect(outside, half),
        difference=effect(inside - outside, half),
        honest=honest(*after) if after else None,
    )


EVERYBODY = Found((), 1.0, 1000, 600, 400, 3, effect(8.2))
TREE = TreeSearch(
    asked=ASKED,
    participants=1000,
    trials=3,
    overall=effect(8.2),
    bootstrap=20,
    chosen={"ffbhr_baseline": 1.0, "sex": 0.25},
    notes=("How it was done.",),
    nodes=(
        TreeNode(0, None, 0, EVERYBODY, (1, 2), 0.0001, 0.002),
        TreeNode(1, 0, 1, found([DISABLED], 0.4, 12.5, 6.5), (3, 4), 0.001, 0.03),
        TreeNode(
            2, 0, 1, found([ABLE], 0.6, 6.5, 12.5, after=(6.8, 11.0)), ends="no admissible split"
        ),
        TreeNode(3, 1, 2, found([DISABLED, WOMEN], 0.3, 13.4, 6.4, after=(12.1, 7.0))),
        TreeNode(4, 1, 2, found([DISABLED, ABLE], 0.1, 9.0, 8.0, after=(8.5, 8.1))),
    ),
    candidates=(Candidate("ffbhr_baseline", DISABLED, effect(6.0), 0.0001, 0.002, 15),),
    global_p=0.01,
    permutations=100,
)
UNSPLIT = TreeSearch(
    asked=Question("rmdq", "short", "psychological_usual"),
    participants=990,
    trials=3,
    overall=effect(1.28, 0.4),
    nodes=(TreeNode(0, None, 0, EVERYBODY, ends="no split below the threshold"),),
    global_p=0.4,
    permutations=100,
)
AGE = Limit("age", "below", 54.0)
NEARLY = Limit("ffbhr_baseline", "below", 58.333)
PEEL = PeelSearch(
    asked=ASKED,
    participants=1000,
    trials=3,
    overall=effect(8.2),
    bootstrap=6,
    chosen={"age": 1.0, "ffbhr_baseline": 1.0},
    left_out={"anxiety": "it has three levels"},
    boxes=(
        (0.3, found([AGE, NEARLY], 0.31, 13.6, 7.0, after=(12.9, 7.2))),
        (0.9, found([Limit("mcs_baseline", "below", 62.0)], 0.9, 8.9, 2.0, after=(8.8, 4.0))),
    ),
    not_reached={"0.1": "no smaller box has enough participants"},
)
NOTHING = PeelSearch(
    asked=Question("eq5d", "short", "any"),
    participants=0,
    trials=0,
    overall=Effect(None, None, None),
    not_searched="no trial has both arms of the comparison",
)
