"""The team's decisions, the level over all tests, and what each check needs to be made."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests
from typer.testing import CliRunner

from analysis.cli import app
from analysis.problems import ProblemsError
from analysis.trials.check import check_review
from analysis.trials.integrity.allocation import runs_test
from analysis.trials.integrity.baseline import whitened
from analysis.trials.integrity.catalogue import CHECKS, DOMAINS, domain
from analysis.trials.integrity.checked import Checked, Severity, of_test, raised
from analysis.trials.integrity.correlations import weaker
from analysis.trials.integrity.judge import STRONG, WEAK, judge
from analysis.trials.integrity.report import check_integrity
from analysis.trials.integrity.run import from_frame, to_frame
from analysis.trials.mapping import TrialMapping
from analysis.trials.master import build_master

EXACT = 1e-9  # the same formula in two places


def trial(**integrity):
    """Give the mapping of a trial with this section `integrity`."""
    return TrialMapping.model_validate(
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
            "integrity": integrity,
        }
    )


def judged(*checked, **integrity):
    """Judge one trial with these checks."""
    frame = to_frame(iter(checked)).assign(trial="alpha")
    (one,) = judge(frame, {"alpha": trial(**integrity)})
    return one


TWICE = raised(
    "patterns-repeated-records",
    Severity.SERIOUS,
    expected="nobody twice",
    found="1 pair",
    rows=[101, 102],
)
FIXED = {"resolved": "twins, as the trial confirmed", "date": "2026-11-22"}


def test_an_open_finding_is_in_the_verdict():
    one = judged(TWICE)
    assert one.verdict == (
        "1 serious finding in 1 check: do not use the trial before it is explained; "
        "no questions for the trial team."
    )
    assert [f.rows for f in one.open(Severity.SERIOUS)] == [("101", "102")]


def test_a_decision_closes_the_finding():
    one = judged(TWICE, decisions={"patterns-repeated-records": FIXED})
    assert one.open(Severity.SERIOUS) == ()
    assert one.verdict.startswith("Nothing serious found in 1 check; no questions")
    decision = one.findings[0].decision
    assert decision is not None
    assert (decision.resolved, decision.date) == (FIXED["resolved"], date(2026, 11, 22))
    assert one.idle == {}


@pytest.mark.parametrize(
    ("decisions", "still_open", "why"),
    [
        ({"patterns-repeated-records": FIXED | {"rows": [101, 102]}}, 0, None),
        ({"patterns-repeated-records": FIXED | {"rows": [101]}}, 1, "concerns other participants"),
        ({"patterns-repeated-records/pain@13": FIXED}, 1, "no such finding any more"),
        ({"dates-order": FIXED}, 1, "no such finding any more"),
    ],
)
def test_a_decision_covers_what_it_names_and_no_more(decisions, still_open, why):
    one = judged(TWICE, decisions=decisions)
    assert len(one.open(Severity.SERIOUS)) == still_open
    if why is None:
        assert one.idle == {}
    else:
        assert why in one.idle[next(iter(decisions))]


def test_an_unknown_check_in_a_decision_is_a_problem_with_its_line(write):
    section = (
        "integrity:\n  decisions:\n"
        "    patterns-repeated-record: {resolved: why, date: 2026-11-22}\nexclusions:\n"
    )
    with pytest.raises(ProblemsError) as error:
        build_master(write(("trial.yml", "exclusions:\n", section)))
    (problem,) = error.value.problems
    assert problem.check == "unknown-check"
    assert problem.remedy == "Did you mean 'patterns-repeated-records'?"
    assert problem.line is not None


def test_check_notes_an_idle_decision(write):
    decision = "dates-order: {resolved: why, date: 2026-11-22}"
    section = f"integrity:\n  decisions:\n    {decision}\nexclusions:\n"
    report = check_review(write(("trial.yml", "exclusions:\n", section)))
    assert report.problems == ()
    (note,) = [note for note in report.notes if note.check == "idle-decision"]
    assert "no such finding any more" in note.message


def test_a_column_that_the_section_names_must_exist(write):
    section = "integrity: {site: centre}\nexclusions:\n"
    with pytest.raises(ProblemsError) as error:
        build_master(write(("trial.yml", "exclusions:\n", section)))
    (problem,) = error.value.problems
    assert (problem.check, problem.line is not None) == ("unknown-column", True)


TEST = {"strong": Severity.SERIOUS, "weak": Severity.NOTABLE, "expected": "", "found": ""}


def test_the_level_is_that_of_all_tests_of_the_review():
    p = [1e-6, 2e-4, 0.004, 0.03, 0.2, 0.5, 0.9, *[0.95] * 13]
    found = judged(
        *(of_test("missing-follow-up", x, about=str(i), **TEST) for i, x in enumerate(p))
    )
    holm, discovery = (multipletests(p, method=name)[1] for name in ("holm", "fdr_bh"))
    assert {f.about: f.severity for f in found.findings} == {
        str(i): Severity.SERIOUS if holm[i] <= STRONG else Severity.NOTABLE
        for i in range(len(p))
        if holm[i] <= STRONG or discovery[i] <= WEAK
    }
    assert len({f.severity for f in found.findings}) == 2


@pytest.mark.parametrize("tests", [1, 30, 800])
def test_strong_evidence_is_rare_without_faults(tests):
    """In 400 reviews without faults, strong evidence in at most 1 %, weak in at most 5 %."""
    rng = np.random.default_rng(tests)
    reviews = 400
    strong = weak = 0
    for _ in range(reviews):
        p = rng.random(tests)
        strong += p.min() * tests <= STRONG
        weak += multipletests(p, method="fdr_bh")[1].min() <= WEAK
    # Four standard errors of a share above its bound.
    for share, bound in ((strong / reviews, STRONG), (weak / reviews, WEAK)):
        assert share <= bound + 4 * np.sqrt(bound * (1 - bound) / reviews)


def test_the_catalogue_and_the_checks_agree(write):
    report = check_integrity(write())
    (one,) = report.trials
    assert set(one.made) | set(one.unable) == set(CHECKS)
    assert not set(one.made) & set(one.unable)
    assert {domain(check) for check in CHECKS} == set(DOMAINS)
    assert all(check.action and check.title for check in CHECKS.values())


def test_a_table_of_checks_gives_the_same_checks_back():
    checked = (TWICE, of_test("missing-baseline", 0.25, **TEST), Checked("dates-order", unable="x"))
    assert repr(from_frame(to_frame(iter(checked)))) == repr(checked)


def test_json_and_the_console_name_the_participants(write):
    lines = ["id,group,age,sex,pain0,pain12,pain52,mob0,mob10,op,status"]
    lines += [
        f"{n},{1 + n % 2},{20 + n},1,{n % 9},{n % 7},{n % 5},{n},{30 - n},n,1" for n in range(30)
    ]  # mobility after ten weeks is computed from that before
    text = "\n".join(lines) + "\n"
    project = write(extra={"data/trials/alpha/alpha.csv": text})
    done = CliRunner().invoke(app, ["integrity", "alpha", "--json", "--project", str(project)])
    content = json.loads(done.stdout)
    (found,) = content["trials"]
    assert {"trial", "verdict", "checks", "not_checked", "findings"} <= set(found)
    serious = [f for f in found["findings"] if f["severity"] == "serious"]
    assert "correlations-too-strong" in {f["id"].partition("/")[0] for f in serious}
    assert done.exit_code == 1
    assert all(f["action"] and f["id"].partition("/")[0] in CHECKS for f in found["findings"])
    shown = CliRunner().invoke(app, ["integrity", "alpha", "--project", str(project)])
    assert found["verdict"] in shown.stdout
    for finding in serious:
        assert finding["id"] in shown.stdout


def test_an_unknown_trial_names_the_nearest(write):
    done = CliRunner().invoke(app, ["integrity", "alpah", "--project", str(write())])
    assert done.exit_code == 1
    assert "Did you mean 'alpha'?" in str(done.exception)


# Wald and Wolfowitz: two kinds, 2 n1 n2 / n + 1 runs expected,
# variance 2 n1 n2 (2 n1 n2 - n) / (n^2 (n - 1)).
@pytest.mark.parametrize("sizes", [(5, 5), (12, 30), (200, 100)])
def test_runs_of_two_kinds_are_those_of_wald_and_wolfowitz(sizes):
    a, b = sizes
    arms = np.random.default_rng(1).permutation(np.repeat([0, 1], sizes))
    runs, mean, z = runs_test(arms)
    n, both = a + b, 2 * a * b
    assert mean == pytest.approx(both / n + 1, abs=EXACT)
    variance = both * (both - n) / (n**2 * (n - 1))
    assert z == pytest.approx((runs - mean) / variance**0.5, abs=EXACT)


def test_runs_of_three_kinds_have_the_moments_of_random_orders():
    rng = np.random.default_rng(3)
    arms = np.repeat([0, 1, 2], [7, 10, 13])
    z = [runs_test(rng.permutation(arms))[2] for _ in range(4000)]
    assert np.mean(z) == pytest.approx(0, abs=4 / 4000**0.5)
    assert np.var(z) == pytest.approx(1, abs=4 * (2 / 4000) ** 0.5)


def test_whitened_columns_are_free_of_correlations():
    rng = np.random.default_rng(5)
    x = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 5))
    z = whitened(np.column_stack([x, np.ones(40)]))
    assert z.shape == (40, 3)
    assert np.cov(z.T) == pytest.approx(np.eye(3), abs=EXACT)


def test_a_correlation_is_compared_within_arms():
    rng = np.random.default_rng(9)
    x, y = pd.Series(rng.normal(size=200)), pd.Series(rng.normal(size=200))
    arms = pd.Series(["a", "b"] * 100)
    shift = (arms == "b") * 10.0
    p, r = weaker(x + shift, y + shift, 0.3, arms)
    assert abs(r) < 0.2
    assert p < 0.01
    assert weaker(x + shift, y + shift, 0.3)[0] == 1.0
