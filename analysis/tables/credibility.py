"""Appendix E: the credibility of claimed modifiers, question by question."""

from collections.abc import Sequence

from great_tables import GT

from analysis.formats import DASH, MINUS, p_text, p_value
from analysis.protocol import Protocol
from analysis.results.credibility import CLAIMED, Credibility
from analysis.tables.contrasts import outcome_title
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

QUESTIONS = {
    "within": ("Comparison within {many}, not between them?", "Within"),
    "similar": ("Similar from {one} to {one}?", "Similar"),
    "between_trials": ("If between {many}: how many?", "Trials"),
    "direction": ("Direction hypothesised beforehand, and right?", "Prior"),
    "chance": ("Chance an unlikely explanation?", "Chance"),
    "tests": ("Few modifiers tested, or their number allowed for?", "Tests"),
    "random": ("Random-effects model?", "Model"),
    "cut_points": ("If continuous: free of arbitrary cut-points?", "Cut-points"),
}
MARKS = {
    "definitely reduced": MINUS * 2,
    "probably reduced": MINUS,
    "probably increased": "+",
    "definitely increased": "++",
    "": "NA",
}
NONE = f"No interaction has P<{CLAIMED:.2f}"
ANSWERED = ("within", "similar", "direction", "tests", "random")
WIDTHS = {"modifier": "17%", "within": "19%", "similar": "20%", "direction": "14%", "tests": "14%"}


def credibility_summary_table(rows: Sequence[Credibility], protocol: Protocol) -> GT:
    """Lay out one row per claimed modifier, with a mark for each question and the rating."""
    cells = [_summary(row, protocol) for row in rows] or [
        dict.fromkeys(("p", *QUESTIONS, "rating"), DASH) | {"outcome": "", "modifier": NONE}
    ]
    table = (
        table_of(cells, rowname_col="modifier", groupname_col="outcome", name="iceman")
        .tab_stubhead("Modifier")
        .cols_label(
            {"p": "P value", "rating": "Credibility", **{k: v[1] for k, v in QUESTIONS.items()}}
        )
        .cols_align("right", ["p"])
        .cols_align("center", list(QUESTIONS))
        .cols_width(
            {"modifier": "21%", "p": "7%", "rating": "12%"} | dict.fromkeys(QUESTIONS, "7.5%")
        )
        .cols_width({"modifier": "24%", "p": "7%", "rating": "11%", **_shares()})
    )
    return finished(table, protocol, notes=[_key(protocol), _rule()])


def _shares() -> dict[str, str]:
    """Share what is left of the width between the questions."""
    return dict.fromkeys(QUESTIONS, f"{58 / len(QUESTIONS):.4g}%")


def credibility_table(rows: Sequence[Credibility], protocol: Protocol) -> GT:
    """Lay out the answers to the questions that differ between claimed modifiers."""
    one, many = protocol.unit
    asked = {key: QUESTIONS[key][0].format(one=one, many=many) for key in ANSWERED}
    cells = [
        {
            "group": outcome_title(protocol, row.outcome, row.follow_up),
            "modifier": f"{protocol.modifiers[row.modifier].label} ({p_text(row.p)})",
            **{item.key: item.answer for item in row.items if item.key in asked},
        }
        for row in rows
    ] or [{"group": "", "modifier": NONE, **dict.fromkeys(asked, DASH)}]
    table = (
        table_of(cells, rowname_col="modifier", groupname_col="group", name="iceman-items")
        .tab_stubhead("Modifier")
        .cols_label({**asked})
        .cols_width(WIDTHS)
    )
    return finished(table, protocol)


def _summary(row: Credibility, protocol: Protocol) -> dict[str, str]:
    return {
        "outcome": outcome_title(protocol, row.outcome, row.follow_up),
        "modifier": protocol.modifiers[row.modifier].label,
        "p": p_value(row.p),
        **{item.key: MARKS[item.grade] for item in row.items},
        "rating": row.rating.capitalize(),
    }


def _key(protocol: Protocol) -> str:
    """Say what the marks and the short names of the questions mean."""
    one, many = protocol.unit
    marks = "; ".join(f"{mark}={grade or 'not applicable'}" for grade, mark in MARKS.items())
    names = " ".join(
        f"{short}: {question[:1].lower()}{question[1:]}".format(one=one, many=many)
        for question, short in QUESTIONS.values()
    )
    return f"What each answer does to the credibility: {marks}. {names}"


def _rule() -> str:
    return (
        f"Interactions with P<{CLAIMED:.2f}; questions of ICEMAN in own words. Credibility by the "
        "rule of that form, as a proposal: very low when no answer increases it; at most low with "
        "two answers that definitely reduce it; at most moderate with one, or with an answer that "
        "probably reduces it. Similarity is graded by I² (below 25%, below 50%)."
    )
