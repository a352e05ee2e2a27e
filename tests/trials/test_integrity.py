"""Published figures: the real trial against its publication, and each rule on the small review."""

from pathlib import Path

import pytest

from analysis.trials.master import build_master

EXAMPLE = Path(__file__).parents[2] / "examples/periodontal-pregnancy"

# Michalowicz 2006, N Engl J Med 355:1885, as quoted in the example's trial.yml: label, arm,
# statistic → published figure, and whether the public data give the same.
OPT = {
    ("Randomised", "Treatment during pregnancy", "n"): (413, "reproduced"),
    ("Randomised", "Treatment after delivery", "n"): (410, "reproduced"),
    ("Women with a known end of pregnancy", "Treatment during pregnancy", "n"): (407, "reproduced"),
    ("Women with a known end of pregnancy", "Treatment after delivery", "n"): (405, "reproduced"),
    ("Preterm birth", "Treatment during pregnancy", "events"): (49, "reproduced"),
    ("Preterm birth", "Treatment after delivery", "events"): (52, "reproduced"),
    ("Preterm birth", "Treatment during pregnancy", "percent"): (12.0, "reproduced"),
    ("Preterm birth", "Treatment after delivery", "percent"): (12.8, "reproduced"),
    ("Preterm live birth", "Treatment during pregnancy", "events"): (44, "reproduced"),
    ("Preterm live birth", "Treatment after delivery", "events"): (38, "reproduced"),
    ("Spontaneous abortion or stillbirth", "Treatment during pregnancy", "events"): (
        5,
        "reproduced",
    ),
    ("Spontaneous abortion or stillbirth", "Treatment after delivery", "events"): (
        14,
        "reproduced",
    ),
    ("Birth weight (g)", "Treatment during pregnancy", "mean"): (3239, "close"),
    ("Birth weight (g)", "Treatment after delivery", "mean"): (3258, "close"),
    ("Birth weight", "all", "p"): (0.64, "close"),
}


@pytest.fixture(scope="module")
def opt(tmp_path_factory):
    project = tmp_path_factory.mktemp("review")
    (project / "data").symlink_to(EXAMPLE / "data")
    return build_master(project)


def test_opt_against_its_publication(opt):
    rows = opt.integrity.to_dict("records")
    found = {
        (row["label"], row["arm"], row["statistic"]): (row["published"], row["verdict"])
        for row in rows
    }
    assert found == OPT
    given = {row["statistic"]: row["reproduced"] for row in rows}
    # SOURCE.txt of the data: 3259 g in the control arm and P = 0.61
    assert (round(given["mean"]), round(given["p"], 2)) == (3259, 0.61)


def test_opt_is_accounted_for(opt):
    assert len(opt.participants) == 823
    assert opt.participants["cluster_label"].value_counts().to_dict() == {
        "Minnesota": 247,
        "Kentucky": 211,
        "Mississippi": 192,
        "New York": 173,
    }
    assert opt.participants.isna().sum().to_dict() | {"race": 8, "bmi": 73, "tobacco": 26} == (
        opt.participants.isna().sum().to_dict()
    )
    assert opt.participants["previous_preterm"].value_counts().to_dict() == {"no": 746, "yes": 77}
    preterm = opt.exclusions.query("outcome == 'preterm'")
    assert preterm["reason"].value_counts().to_dict() == {
        "lost to follow-up before the end of pregnancy": 9,
        "elective abortion": 2,
    }


# On the small review. Pain (NRS) at 12 weeks: 4, 5 in the training arm (101, 102) and 7, 6 in the
# waiting arm (104, 105); 106 withdrew. Mean 4.5, SD 0.7071.
FIGURES = {
    "{statistic: n, value: 3, arm: trained}": (3, "reproduced"),
    "{statistic: n, value: 6}": (6, "reproduced"),
    "{statistic: n, value: 2, arm: trained, outcome: pain, weeks: 12}": (2, "reproduced"),
    "{statistic: n, value: 3, arm: waited, where: {status: 2}}": (1, "discrepant"),
    "{statistic: n, value: 2, modifier: sex, level: female}": (2, "reproduced"),
    "{statistic: mean, value: 4.5, decimals: 1, arm: trained, outcome: pain, weeks: 12}": (
        4.5,
        "reproduced",
    ),
    "{statistic: mean, value: 4.45, decimals: 2, arm: trained, outcome: pain, weeks: 12}": (
        4.5,
        "close",
    ),
    "{statistic: mean, value: 4.42, decimals: 2, arm: trained, outcome: pain, weeks: 12}": (
        4.5,
        "discrepant",
    ),
    "{statistic: sd, value: 0.7, decimals: 1, arm: trained, outcome: pain, weeks: 12}": (
        0.70710678,
        "reproduced",
    ),
    "{statistic: sd, value: 0.75, decimals: 2, arm: trained, outcome: pain, weeks: 12}": (
        0.70710678,
        "close",
    ),
    "{statistic: sd, value: 1.5, decimals: 1, arm: trained, outcome: pain, weeks: 12}": (
        0.70710678,
        "discrepant",
    ),
    # t = 2 / sqrt(0.5 (1/2 + 1/2)) = 2.828 on 2 degrees of freedom
    "{statistic: p, value: 0.106, decimals: 3, outcome: pain, weeks: 12}": (
        0.10557281,
        "reproduced",
    ),
    "{statistic: p, value: 0.12, decimals: 2, outcome: pain, weeks: 12}": (0.10557281, "close"),
    "{statistic: p, value: 0.04, decimals: 2, outcome: pain, weeks: 12}": (
        0.10557281,
        "discrepant",
    ),
    "{statistic: events, value: 1, arm: waited, outcome: surgery}": (1, "reproduced"),
    "{statistic: percent, value: 33.3, decimals: 1, arm: trained, outcome: surgery}": (
        33.3333333,
        "reproduced",
    ),
    "{statistic: percent, value: 40, arm: trained, outcome: surgery}": (33.3333333, "discrepant"),
    "{statistic: percent, value: 36, arm: trained, outcome: surgery}": (33.3333333, "close"),
    "{statistic: percent, value: 60, modifier: sex, level: male}": (60, "reproduced"),
    "{statistic: mean, value: 55, modifier: age}": (55, "reproduced"),
    # surgery 1 of 3 and 1 of 1 (106 withdrew, 104 excluded): chi-square 4/3 on 1 degree of freedom
    "{statistic: p, value: 0.25, decimals: 2, outcome: surgery}": (0.24821308, "reproduced"),
}
TOLERANCE = 1e-7  # the expected values are written with eight decimals


def figures(write, *entries):
    text = "published:\n" + "".join(f"  - {entry}\n" for entry in entries) + "exclusions:\n"
    return build_master(write(("trial.yml", "exclusions:\n", text))).integrity


def test_every_rule(write):
    found = figures(write, *FIGURES)
    for (entry, (value, verdict)), row in zip(
        FIGURES.items(), found.to_dict("records"), strict=True
    ):
        assert (row["reproduced"], row["verdict"]) == (
            pytest.approx(value, abs=TOLERANCE),
            verdict,
        ), entry
        assert row["difference"] == pytest.approx(value - row["published"], abs=TOLERANCE)


NOT_COMPUTABLE = {
    "{statistic: mean, value: 1, outcome: pain}": "several assessments: give weeks",
    "{statistic: mean, value: 1, outcome: pain, weeks: 13}": "the data hold no such assessment",
    "{statistic: mean, value: 1}": "name an outcome or a modifier",
    "{statistic: mean, value: 1, modifier: sex}": "categories have no mean; name a level",
    "{statistic: mean, value: 1, modifier: fear}": "nobody has a value",
    "{statistic: mean, value: 1, modifier: pain_start}": (
        "a baseline score: name the outcome and weeks: 0"
    ),
    "{statistic: percent, value: 1, modifier: age}": (
        "a percentage needs a binary outcome or a level"
    ),
    "{statistic: p, value: 1, modifier: age, where: {group: 1}}": (
        "P compares two arms, the data have 1"
    ),
}


def test_what_cannot_be_computed_says_why(write):
    found = figures(write, *NOT_COMPUTABLE)
    assert found["verdict"].tolist() == [
        f"not computable: {why}" for why in NOT_COMPUTABLE.values()
    ]
    assert found["reproduced"].isna().all()
