"""The file of the eligible trials without participant data: what is read, and what is refused."""

import pytest

from analysis.problems import ProblemsError
from analysis.protocol import read_protocol
from analysis.trials.check import check_review
from analysis.trials.master import Master, build_master
from analysis.trials.without_ipd import read_without_ipd

FILE = "data/aggregate/others.csv"
NAMED = ("protocol.yml", "overall: {", "without_ipd: aggregate/others.csv\noverall: {")
TEXT = """\
trial,label,setting,participants,mean_age,pain_baseline,category,type,design,n,pain_short_n,\
pain_short_mean,pain_short_sd,status
beta,Beta 2002,"Clinic, rural",60,44.5,51.0,exercise,Mixed,Standardised,30,28,30.5,20.1,synthetic
beta,Beta 2002,"Clinic, rural",60,44.5,51.0,waiting,,,30,27,41.0,19.5,synthetic
gamma,Gamma 2003,,41.0,,,exercise,Yoga,,,,,,synthetic
"""


def write_text(write, text, *edits):
    return write(NAMED, *edits, extra={FILE: text})


def test_reads_trials_arms_and_scores(write, tmp_path):
    project = write_text(write, TEXT)
    found = build_master(project).without_ipd
    beta, gamma = found
    assert (beta.label, beta.setting, beta.participants) == ("Beta 2002", "Clinic, rural", 60)
    assert (beta.mean_age, beta.percent_female, beta.baselines) == (44.5, None, {"pain": 51.0})
    assert [arm.category for arm in beta.arms] == ["exercise", "waiting"]
    assert beta.arms[0].design == "Standardised"
    scores = beta.arms[1].scores["pain_short"]
    assert (scores.n, scores.mean, scores.sd) == (27, 41.0, 19.5)
    assert (gamma.participants, gamma.baselines, gamma.arms[0].n) == (41, {}, None)
    assert gamma.arms[0].scores == {}
    build_master(project).save(tmp_path / "saved")
    assert Master.load(tmp_path / "saved").without_ipd == found


def test_a_review_without_the_file_has_no_such_trials(write):
    project = write()
    protocol = read_protocol(project / "data/protocol.yml")
    assert read_without_ipd(project, protocol) == ()


BAD = {  # old text, new text: check, line, column, words
    "misspelt column": ("mean_age", "mean_agee", "unknown-column", None, "mean_agee", "'mean_age'"),
    "column twice": (",category,", ",type,", "column-twice", None, "type", "twice"),
    "column missing": (",label,", ",percent_female,", "missing-column", None, "", "'label'"),
    "category": ("waiting,,", "waitng,,", "wrong-value", 3, "category", "'waitng'"),
    "no number": ("41.0,19.5", "41.0,abc", "wrong-value", 3, "pain_short_sd", "from 0 to 100"),
    "beyond scale": ("30.5,20.1", "305,20.1", "wrong-value", 2, "pain_short_mean", "0 to 100"),
    "half a person": ("28,30.5", "28.5,30.5", "wrong-value", 2, "pain_short_n", "whole"),
    "nobody": ("gamma,Gamma 2003,,41.0", "gamma,Gamma 2003,,", "wrong-value", 4, "participants",
               "blank"),
    "no SD": ("41.0,19.5", "41.0,", "wrong-value", 3, "pain_short_sd", "all three"),
    "rows disagree": ("51.0,waiting", "52.0,waiting", "rows-disagree", 3, "pain_baseline",
                      "'51.0'"),
    "ragged": ("Yoga,,,", "Yoga,,,,", "ragged", 4, "", "14 fields"),
    "has data": ("gamma,", "alpha,", "trial-twice", None, "", "twice"),
    "has data by label": ("Gamma 2003", "Alpha 2001", "trial-twice", None, "", "trials/alpha"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gives_one_problem_at_its_place(name, write):
    old, new, check, line, column, words = BAD[name]
    assert TEXT.count(old) == 1
    (problem,) = check_review(write_text(write, TEXT.replace(old, new))).problems
    assert (problem.check, problem.line, problem.column) == (check, line, column)
    assert problem.file == FILE
    assert words in f"{problem.message} {problem.remedy}"


@pytest.mark.parametrize(
    ("content", "check"),
    [(None, "missing-file"), ("trial,label\n", "no-row"), (b"trial\n\xff\n", "encoding")],
)
def test_a_file_that_cannot_be_read(content, check, write):
    project = write(NAMED, extra={FILE: content})
    assert [problem.check for problem in check_review(project).problems] == [check]


def test_synthetic_rows_do_not_enter_a_real_review(write):
    real = ("protocol.yml", "data_status: synthetic", "data_status: real")
    project = write_text(write, TEXT, real)
    with pytest.raises(ProblemsError, match="synthetic") as error:
        build_master(project)
    assert [problem.line for problem in error.value.problems] == [2, 3, 4]


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("{sought: 3, not_obtained: {no answer: 2}}", ()),
        ("{sought: 4}", ("of 4 trials were sought, but 1", "2 gave none")),
        ("{not_obtained: {no answer: 1}}", ("counts 1 trials", "has 2 trials")),
    ],
)
def test_counts_of_the_search_agree_with_the_trials(search, words, write):
    section = ("protocol.yml", "interactions: {", f"search: {search}\ninteractions: {{")
    problems = check_review(write_text(write, TEXT, section)).problems
    assert [problem.check for problem in problems] == ["search-counts"] * bool(words)
    assert all(word in problems[0].message for word in words)
