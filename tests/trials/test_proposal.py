"""Proposing a mapping: names, times, scales and codes, files put in place, questions answered."""

import csv
import shutil

import numpy as np
import pytest
from small_review import PROTOCOL

from analysis.errors import StorageError, TrialError
from analysis.protocol import read_protocol
from analysis.trials.check import check_review
from analysis.trials.proposal.matching import fit
from analysis.trials.proposal.place import place_trial
from analysis.trials.proposal.questions import answered, choices, questions_in
from analysis.trials.proposal.scales import recognise
from analysis.trials.proposal.times import take_apart, weeks_of
from analysis.trials.proposal.words import words_of

FIRST, LAST = 1, 40


@pytest.fixture
def review(tmp_path):
    (tmp_path / "data" / "trials").mkdir(parents=True)
    (tmp_path / "data" / "protocol.yml").write_text(PROTOCOL, encoding="utf-8")
    return tmp_path


@pytest.fixture
def protocol(review):
    return read_protocol(review / "data" / "protocol.yml")


def sent(folder, columns, name="beta2002.csv", **dialect):
    """Write a file of 40 participants: column → function of the participant's number."""
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, **dialect)
        writer.writerow(columns)
        for number in range(FIRST, LAST + 1):
            writer.writerow([value(number) for value in columns.values()])
    return path


WIDE = {
    "Study ID": lambda n: f"B{n:02d}",
    "Treatment": lambda n: ("Exercise classes", "Waiting list")[n % 2],
    "Age": lambda n: 20 + n,
    "Sex": lambda n: "mf"[n % 2],
    "Pain VAS baseline": lambda n: (7 * n) % 100,
    "Pain VAS 3 months": lambda n: (5 * n) % 99 if n % 9 else -9,
    "Pain VAS w52": lambda n: (3 * n) % 98,
    "TSK": lambda n: 17 + n,
}


@pytest.mark.parametrize(
    ("names", "weeks"),
    [
        (["x_0", "x_3m", "x_6m"], [0, 13, 26]),
        (["x_base", "x_4wk", "x_12mo"], [0, 4, 52]),
        (["x_T0", "x_T3", "x_T6", "x_T12"], [0, 13, 26, 52]),
        (["x_T0", "x_T1", "x_T2"], [0, None, None]),
        (["x1", "x2", "x4"], [0, None, None]),
        (["x_0", "x_4", "x_8", "x_12"], [0, None, None, None]),
        (["pre_x", "post_x"], [0, None]),
        (["x BL", "x V3"], [0, None]),
        (["Schmerz Eintritt", "Schmerz 3 Monate"], [0, 13]),
        (["x_uge11", "x_2y"], [11, 104]),
    ],
)
def test_times_in_names(names, weeks):
    times = [take_apart(name).time for name in names]
    found = weeks_of(times)
    assert [found[time][0] for time in times] == weeks


@pytest.mark.parametrize(
    ("name", "phrase", "least", "most"),
    [
        ("sickLeave", "sick leave", 1, 1),
        ("Leave, sick", "sick leave", 1, 1),
        ("SICKLEAV", "sick leave", 0.8, 0.8),
        ("gen_health", "general health", 0.8, 0.8),
        ("total pain score", "pain", 1, 1),
        ("age_of_onset", "age", 0.3, 0.6),
        ("dosage", "age", 0, 0),
        ("ge", "geburtsdatum", 0, 0),
        ("kidney_function", "function", 0.3, 0.6),
    ],
)
def test_how_a_name_fits_a_phrase(name, phrase, least, most):
    assert least <= fit(words_of(name), words_of(phrase)) <= most


@pytest.mark.parametrize(
    ("concept", "name", "values", "instrument", "confidence"),
    [
        ("pain", "pain", np.repeat(np.arange(11), 2), "NRS", "medium"),
        ("pain", "pain", np.arange(0, 10, 0.1), "VAS (cm)", "medium"),
        ("pain", "pain_vas", np.arange(95), "VAS (mm)", "high"),
        ("pain", "pain", np.arange(61), None, "low"),
        ("pain", "pain", np.arange(0, 301, 7), None, "low"),
        ("pain", "pain", np.arange(5), None, "low"),
        ("function", "rmdq", np.arange(24), "RMDQ", "high"),
        ("function", "rmdq", np.arange(17), None, "low"),
        ("function", "f", np.arange(25), "RMDQ", "medium"),
        ("function", "f", np.arange(0, 98, 2), "ODI", "medium"),
        ("function", "f", np.arange(0, 10, 0.1), None, "low"),
        (None, "f", np.arange(25), None, "low"),
    ],
)
def test_scales_are_recognised_or_left_open(concept, name, values, instrument, confidence):
    found = recognise(concept, [words_of(name)], values.astype(float))
    assert (found.value.name if found.value else None, found.confidence) == (instrument, confidence)


def test_a_proposal_is_whole_and_its_open_questions_are_problems_with_lines(review, protocol):
    placed = place_trial([sent(review, WIDE)], review, protocol)
    text = placed.mapping.read_text(encoding="utf-8")
    for line in (
        "participant: Study ID",
        "label: Beta 2002",
        "exercise_classes: {label: Exercise classes, category: exercise}",
        "waiting_list: {label: Waiting list, category: waiting}",
        "instrument: {name: VAS (mm), range: [0, 100], higher: worse, step: 1}",
        "- {weeks: 13, column: Pain VAS 3 months}",
        "- {weeks: 52, column: Pain VAS w52}",
        "missing: ['', '-9']",
        "sex: {column: Sex, codes: {f: female, m: male}}",
    ):
        assert line in text
    found = {(p.check, p.line) for p in check_review(review).problems}
    asked = questions_in(text)
    assert found == {("unanswered", question.line) for question in asked}
    assert {question.name for question in asked} == {"citation.authors", "country", "setting"}


def test_answers_take_the_place_of_the_questions_and_the_trial_has_no_problem(review, protocol):
    columns = {**WIDE, "Pain VAS post": lambda n: n}
    del columns["Pain VAS 3 months"]
    columns["Treatment"] = lambda n: 1 + n % 2
    columns["Sex"] = lambda n: 1 + n % 2
    mapping = place_trial([sent(review, columns)], review, protocol).mapping
    text = mapping.read_text(encoding="utf-8")
    given = {
        "citation.authors": 'Beta B, "et al"',
        "country": "Nowhere: north",
        "arms.arm_1.category": "exercise",
        "arms.arm_2.category": "waiting",
        "arms.arm_1.label": "Training",
        "modifiers.sex.codes.1": "male",
        "modifiers.sex.codes.2": "female",
        "outcomes.pain.measurements.2.weeks": "10",
    }
    while asked := questions_in(text):
        text = answered(text, asked[0], given.pop(asked[0].name, "Clinic"), protocol)
    mapping.write_text(text, encoding="utf-8")
    report = check_review(review)
    assert (given, report.problems, report.participants) == ({}, (), 40)


@pytest.mark.parametrize(
    ("key", "answer", "said"),
    [
        ("category", "exercize", "expected exercise, waiting, found 'exercize'"),
        ("weeks", "soon", "expected a number, found 'soon'"),
        ("range", "0", "expected two numbers as 0 24, found '0'"),
        ("higher", "up", "expected worse, better"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(key, answer, said, protocol):
    text = {
        "category": "arms:\n  a: {category: '?'}\n",
        "weeks": "outcomes:\n  pain: {measurements: [{weeks: '?'}]}\n",
        "range": "outcomes:\n  pain: {instrument: {range: '?'}}\n",
        "higher": "outcomes:\n  pain: {instrument: {higher: '?'}}\n",
    }[key]
    with pytest.raises(TrialError, match=said):
        answered(text, questions_in(text)[0], answer, protocol)


def test_a_range_is_written_as_two_numbers_and_levels_are_offered(protocol):
    text = "outcomes:\n  pain: {instrument: {range: '?'}}\n"
    found = answered(text, questions_in(text)[0], "0-24", protocol)
    assert found == "outcomes:\n  pain: {instrument: {range: [0, 24]}}\n"
    text = "modifiers:\n  sex: {codes: {1: '?'}}\n"
    assert choices(questions_in(text)[0], protocol) == ("male", "female")


def test_a_trial_that_is_there_is_left_as_it_is(review, protocol):
    path = sent(review, WIDE)
    mapping = place_trial([path], review, protocol).mapping
    mine = mapping.read_bytes().replace(b"'?'", b'"mine"', 1).replace(b"\n", b"\r\n")
    mapping.write_bytes(mine)
    assert place_trial([path], review, protocol).what == "kept"
    assert place_trial([mapping.parent / path.name], review, protocol).trial == "beta2002"
    changed = sent(review, {**WIDE, "Age": lambda n: 30 + n})
    before = (mapping.parent / path.name).read_bytes()
    with pytest.raises(TrialError, match=r"another beta2002\.csv"):
        place_trial([changed], review, protocol)
    assert (mapping.parent / path.name).read_bytes() == before
    assert place_trial([changed], review, protocol, replace=True).what == "copied"
    assert (mapping.parent / path.name).read_bytes() == changed.read_bytes()
    assert mapping.read_bytes() == mine


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("beta.csv", b"", "no content"),
        ("beta.xlsx", b"no workbook", "not a complete"),
        ("beta.sav", b"no data", "not a complete"),
        ("beta.docx", b"words", "cannot be read"),
        ("beta.csv", b"a,b\n1,2\n1,2\n", "tells the participants apart"),
        ("beta.csv", b"id,a\n1,2\n3\n", "row"),
        ("beta.csv", b'id,a\n1,"' + b"x" * 140_000, "quotation mark"),
        ("beta.csv", b"\x00\x01\r\r\x02,", "binary|header"),
        ("trial.yml", b"label: x", "found a mapping"),
        ("\u00bf.csv", b"id,a\n1,2\n", "--name"),
    ],
)
def test_a_file_that_cannot_be_used_leaves_no_folder(review, protocol, name, content, said):
    path = review / name
    path.write_bytes(content)
    with pytest.raises(TrialError, match=said):
        place_trial([path], review, protocol)
    assert list((review / "data" / "trials").iterdir()) == []


def test_nothing_is_left_when_writing_fails(review, protocol, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    path = sent(review, WIDE)
    monkeypatch.setattr("analysis.files.move", full)
    with pytest.raises(StorageError):
        place_trial([path], review, protocol)
    assert list((review / "data" / "trials").iterdir()) == []


def test_two_files_long_and_wide_are_joined(review, protocol):
    visits = review / "visits.csv"
    rows = [
        f"{n};{week};{(7 * n + i) % 11}"
        for n in range(1, 41)
        for i, week in enumerate(("bl", "w12"))
    ]
    visits.write_text("\n".join(["patient;visit;pain", *rows]) + "\n", encoding="utf-8")
    people = sent(
        review,
        {"patient_id": lambda n: n, "arm": lambda n: "AB"[n % 2], "age": lambda n: 20 + n},
        delimiter="\t",
        name="people.tsv",
    )
    placed = place_trial([visits, people], review, protocol, name="gamma2003")
    text = placed.mapping.read_text(encoding="utf-8")
    assert "- {path: people.tsv}" in text
    entry = "path: visits.csv, delimiter: ;, participant: patient, layout: long, visit: visit"
    assert f"{entry}, visits: {{bl: 0, w12: 12}}}}" in text
    assert "column: pain\n" in text


def test_names_that_only_contain_a_word_are_not_taken_for_it(review, protocol):
    columns = {
        "id": lambda n: n,
        "group": lambda n: n % 2,
        "age_of_onset": lambda n: 10 + n,
        "painting_hours": lambda n: n % 11,
        "pain_free_walking_distance": lambda n: n,
        "fear_of_flying": lambda n: n,
        "sexual_orientation": lambda n: 1 + n % 2,
    }
    text = place_trial([sent(review, columns)], review, protocol).mapping.read_text("utf-8")
    assert "outcomes: '?'" in text
    assert "modifiers:" not in text
    assert "- 'age_of_onset' as age" in text


def test_names_and_codes_of_any_kind_make_a_mapping_that_can_be_read(review, protocol):
    columns = {
        "id": lambda n: n,
        "gr\u0007oup: # {x}": lambda n: n,
        "group": lambda n: ("?", "- a: b", "\u00b2", "no")[n % 4],
        "sex": lambda n: ("'m", '"f\n#', "010", "yes")[n % 4],
        "": lambda n: n,
        "pain_bl": lambda n: n % 11,
    }
    mapping = place_trial([sent(review, columns)], review, protocol).mapping
    assert {p.check for p in check_review(review).problems} == {"unanswered"}
    assert questions_in(mapping.read_text(encoding="utf-8"))


def test_a_proposal_is_the_same_every_time(review, protocol):
    path = sent(review, WIDE)
    first = place_trial([path], review, protocol).mapping
    text = first.read_bytes()
    shutil.rmtree(first.parent)
    assert place_trial([path], review, protocol).mapping.read_bytes() == text
