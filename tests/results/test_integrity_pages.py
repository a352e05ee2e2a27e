"""Pages print what was found and decided, never who is concerned."""

import pandas as pd
import pytest
from synthetic_master import protocol

from analysis.results.integrity import in_words, review_integrity
from analysis.results.verdicts import ReviewIntegrity
from analysis.tables import (
    integrity_checks_table,
    integrity_findings_table,
    integrity_table,
)
from analysis.trials.integrity.catalogue import CHECKS
from analysis.trials.integrity.checked import Checked, Severity, of_test, passed, raised, unable
from analysis.trials.integrity.run import to_frame
from analysis.trials.mapping import TrialMapping
from analysis.trials.master import Master
from analysis.wording import checks_sentence

WHO = ("zebra-1", "zebra-2", "zebra-3")
WHY = "twins, as the trial confirmed"


def checked() -> tuple[Checked, ...]:
    texts = {"expected": "nobody with 47.11", "found": "47.11"}
    return (
        raised("patterns-repeated-records", Severity.SERIOUS, rows=WHO, **texts),
        raised("plausibility-extremes", Severity.NOTABLE, about="pain@13", rows=WHO, **texts),
        of_test("missing-baseline", 1e-9, strong=Severity.SERIOUS, weak=Severity.NOTABLE, **texts),
        passed("dates-order"),
        unable("internal-sums", "no columns"),
    )


@pytest.fixture
def integrity() -> ReviewIntegrity:
    plan, mapping = plan_and_mapping()
    checks = to_frame(iter(checked())).assign(trial="alpha")
    empty = pd.DataFrame(columns=["trial"])
    return review_integrity(
        Master(plan, {"alpha": mapping}, empty, empty, empty, empty, checks=checks)
    )


def plan_and_mapping():

    decisions = {"patterns-repeated-records": {"resolved": WHY, "date": "2026-11-22"}}
    mapping = TrialMapping.model_validate(
        {
            "label": "Alpha 2001",
            "citation": {"key": "a", "authors": "A", "year": 2001},
            "country": "Nowhere",
            "setting": "Clinic",
            "files": [{"path": "a.csv"}],
            "participant": "id",
            "arm": {"column": "group"},
            "arms": {"trained": {"label": "Training", "category": "exercise"}},
            "outcomes": {},
            "integrity": {"decisions": decisions},
        }
    )
    return protocol(), mapping


def test_a_result_counts_and_decides(integrity):
    (one,) = integrity.trials
    assert (one.count("serious"), one.count("notable"), one.resolved) == (1, 1, 1)
    assert (one.made, one.unable) == (
        (
            "patterns-repeated-records",
            "plausibility-extremes",
            "missing-baseline",
            "dates-order",
        ),
        {"internal-sums": "no columns"},
    )
    assert integrity.tests == 1


def test_no_table_says_who_is_concerned_or_what_they_had(integrity):
    plan, _ = plan_and_mapping()
    tables = (integrity_table, integrity_findings_table, integrity_checks_table)
    pages = [table(integrity, plan).as_raw_html() for table in tables]
    for page in pages:
        assert not any(who in page for who in (*WHO, "47.11"))
    assert f"{WHY} (2026-11-22)" in pages[1]
    assert "&lt;10" in pages[1]
    assert "&lt;0.001" in pages[1]
    assert all(check.title in pages[2] for check in CHECKS.values())
    assert "1 of 1" in pages[2]


def test_tables_without_findings_say_so():
    plan, _ = plan_and_mapping()
    page = integrity_findings_table(ReviewIntegrity((), 0), plan).as_raw_html()
    assert "Nothing was found" in page


def test_the_sentence_counts_what_remained(integrity):
    assert checks_sentence(integrity) == (
        "The integrity of the data was checked in the trial (4 checks, as far as the data "
        "allowed). One serious finding and one notable finding remained; one had been resolved by "
        "the team."
    )
    assert checks_sentence(ReviewIntegrity((), 0)) == "No integrity check was made."


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ("", ""),
        ("pain@0", "Pain, baseline"),
        ("pain@13", "Pain, week 13"),
        ("age", "Age"),
        ("randomised-n-trained", "randomised-n-trained"),
    ],
)
def test_subjects_have_the_labels_of_the_protocol(about, words):
    plan, _ = plan_and_mapping()
    label = {"Pain": plan.outcomes["pain"].label, "Age": plan.modifiers["age"].label}
    for short, long in label.items():
        words = words.replace(short, long)
    assert in_words(about, plan) == words
