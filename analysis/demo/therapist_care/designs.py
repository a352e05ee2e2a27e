"""The 19 trials of Hee 2021, Table 1: arms, and what each synthetic trial measures and how.

Names, countries, arms and their groups are those of the publication. The participants that Table 1
gives add up to 9611, those of Table 2 to 9328; the synthetic files hold 9328, each trial about 3%
fewer than Table 1 says. The sizes of the arms are not published; they are chosen so that the
controls are 3573 (Table 2). Which trial
used which outcome is known in part only (FFbHR in three trials, RMDQ in fourteen); the rest, the
follow-ups and the average participant are assumptions.
"""

from dataclasses import dataclass

WEEKS = {"short": 12, "mid": 26, "long": 52}
DEMOGRAPHIC = ("ethnicity", "smoking", "employment", "bmi")


@dataclass(frozen=True, slots=True)
class Design:
    """One trial.

    Parameters
    ----------
    key, name, citation
        Folder, name in Table 1, key in the bibliography.
    sizes
        Participants of each arm, in the order of Table 1.
    age, female
        Mean age and share of women.
    outcomes
        Keys of the outcomes measured.
    modifiers
        Keys of what was measured at baseline beside age, sex and the outcomes.
    style
        Name of the format of its file (see `formats`).
    follow_ups
        Keys of the follow-ups.
    """

    key: str
    name: str
    citation: str
    sizes: tuple[int, ...]
    age: float
    female: float
    outcomes: tuple[str, ...]
    modifiers: tuple[str, ...] = ()
    style: str = "english"
    follow_ups: tuple[str, ...] = ("short", "mid", "long")


SF = ("pcs", "mcs")
PSYCHOLOGY = ("anxiety", "catastrophising", "coping")

DESIGNS = (
    Design(
        "witt", "Witt", "witt2006", (1560, 1450), 53.0, 0.59,
        ("ffbhr", *SF), style="german", follow_ups=("short", "mid"),
    ),
    Design(
        "ukbeam", "UK BEAM", "ukbeam2004", (310, 342, 317, 321), 43.0, 0.56,
        ("rmdq", "pain", *SF, "eq5d"), ("employment", "catastrophising"),
        follow_ups=("short", "long"),
    ),
    Design(
        "haake", "Haake", "haake2007", (385, 376, 376), 50.0, 0.60,
        ("ffbhr", "pain", *SF), ("bmi",), "german", ("short", "mid"),
    ),
    Design(
        "best", "BeST", "lamb2010", (459, 220), 54.0, 0.60,
        ("rmdq", "pain", *SF, "eq5d"), ("ethnicity", "employment", *PSYCHOLOGY), "long_names",
    ),
    Design(
        "keele", "Keele", "hay2005", (193, 193), 41.0, 0.53,
        ("rmdq", "pain"), ("smoking", "employment", "anxiety", "coping"),
        follow_ups=("short", "long"),
    ),
    Design(
        "brinkhaus", "Brinkhaus", "brinkhaus2006", (140, 78, 72), 58.5, 0.68,
        ("ffbhr", "pain", *SF), ("bmi",), "german",
    ),
    Design(
        "dufour", "Dufour", "dufour2010", (136, 138), 41.0, 0.56,
        ("rmdq", "pain", *SF), ("smoking", "employment", "bmi"), "stata",
    ),
    Design(
        "pengel", "Pengel", "pengel2007", (61, 61, 61, 69), 50.0, 0.50,
        ("rmdq", "pain", *SF), ("anxiety", "coping"), follow_ups=("short", "long"),
    ),
    Design(
        "yacbac", "YACBAC", "thomas2006", (155, 79), 43.0, 0.60,
        ("pain", *SF, "eq5d"), ("ethnicity", "employment"), "long_names", ("short", "long"),
    ),
    Design(
        "hancock", "Hancock", "hancock2007", (115, 118), 41.0, 0.44,
        ("rmdq", "pain"), (), "numbered", ("short",),
    ),
    Design(
        "vonkorff_bia", "Von Korff BIA", "vonkorff2005", (119, 115), 50.0, 0.63,
        ("rmdq", "pain"), ("ethnicity", "employment", "anxiety", "catastrophising"), "spss",
    ),
    Design(
        "hullexpro", "HullExPro", "carr2005", (113, 114), 42.0, 0.57,
        ("rmdq", "eq5d"), ("ethnicity", "employment"), "english", ("short", "long"),
    ),
    Design(
        "vonkorff_sc2", "Von Korff SC2", "moore2000", (109, 112), 50.0, 0.53,
        ("rmdq", "pain"), ("ethnicity", "employment", "coping"), "spss",
    ),
    Design(
        "smeets", "Smeets", "smeets2006", (51, 56, 59, 50), 42.0, 0.48,
        ("rmdq", "pain"), ("smoking", "employment", "catastrophising"), "dutch", ("short", "long"),
    ),
    Design(
        "cecchi", "Cecchi", "cecchi2010", (67, 67, 67), 59.0, 0.67,
        ("rmdq", "pain"), ("smoking", "bmi"), "excel",
    ),
    Design(
        "york_bp", "York BP", "moffett1999", (85, 97), 42.0, 0.57,
        ("rmdq", "pain", "eq5d"), ("smoking", "employment"), "numbered",
    ),
    Design(
        "macedo", "Macedo", "macedo2012", (83, 83), 49.0, 0.60,
        ("rmdq", "pain"), ("smoking", "bmi"), "excel",
    ),
    Design(
        "carlsson", "Carlsson", "carlsson2001", (32, 17), 50.0, 0.66,
        ("pain",), (), "numbered", ("short", "mid"),
    ),
    Design(
        "kennedy", "Kennedy", "kennedy2008", (24, 23), 46.0, 0.52,
        ("rmdq", "pain"), (), "english", ("short",),
    ),
)  # fmt: skip

CATEGORIES = {
    "Control": "usual_care",
    "Sham control": "sham",
    "Active physical": "active_physical",
    "Passive physical": "passive_physical",
    "Psychological": "psychological",
    "Combination": "combination",
}
