"""YAML into models: what is wrong is named with its line and the nearest right key."""

from pathlib import Path

import pytest
from pydantic import Field

from analysis.problems import Problem, ProblemsError, shown_rows
from analysis.yaml_file import Frozen, key_lines, read_yaml


class Part(Frozen):
    """A model inside a model."""

    weeks: float
    label: str = ""


class Whole(Frozen):
    """A model of every kind of value."""

    title: str
    value: object = None
    parts: dict[str, Part] = Field(default_factory=dict)
    rows: tuple[Part, ...] = ()


class Needing(Frozen):
    """A model that needs at least one row."""

    rows: tuple[Part, ...] = Field(min_length=1)


def read(path: Path, text: str | bytes, model: type = Whole):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_yaml(path, model, shown_as="data/x.yml", trial="alpha")


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("true", True),
        ("1", 1),
        ("-9", -9),
        ("010", 10),
        ("08", 8),
        ("12:30", "12:30"),
        ("1_000", "1_000"),
        ("2.50", 2.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("2001-02-03", "2001-02-03"),
        ("0x1F", "0x1F"),
        ("null", None),
        ("''", ""),
    ],
)
def test_scalars_mean_what_they_look_like(scalar, value, tmp_path):
    found = read(tmp_path / "x.yml", f"title: t\nvalue: {scalar}\n").value
    assert found == value
    assert type(found) is type(value)


BAD = {
    "unknown key": (
        "title: t\nparts:\n  a:\n    weeks: 1\n    lable: x\n",
        ("unknown-key", 5, "unknown key 'parts.a.lable'", "Did you mean 'label'?"),
    ),
    "unknown key unlike any other": (
        "title: t\nzzz: 1\n",
        ("unknown-key", 2, "'zzz'", "Known keys here: parts, rows, title, value."),
    ),
    "missing key": ("value: 1\n", ("missing-key", 1, "'title' is missing", "Add it")),
    "missing key in a list": (
        "title: t\nrows:\n  - {weeks: 1}\n  - {label: x}\n",
        ("missing-key", 4, "'rows.1.weeks'", "Add it"),
    ),
    "wrong value": (
        "title: t\nrows:\n  - weeks: soon\n",
        ("wrong-value", 3, "found 'soon'", "Correct"),
    ),
    "no text": (
        "title: [a]\n",
        ("wrong-value", 1, "title: expected text, found a list.", "Correct"),
    ),
    "key twice": ("title: t\nvalue: 1\ntitle: u\n", ("key-twice", 3, "'title'", "Keep one")),
    "not YAML": ("title: t\n  value: 1\n", ("yaml", 2, "not valid YAML", "indentation")),
    "tab": ("title:\n\t- t\n", ("yaml", 2, "not valid YAML", "indentation")),
    "control character": ("title: \0\n", ("yaml", None, "not valid YAML", "indentation")),
    "strange tag": ("title: !secret t\n", ("yaml", 1, "not plain YAML", "quotes")),
    "list as key": ("title: t\nvalue: {[1]: 2}\n", ("yaml", 2, "not plain YAML", "quotes")),
    "not UTF-8": (b"title: \xfc\n", ("encoding", None, "byte 7", "UTF-8")),
    "list": (
        "- a\n",
        ("wrong-value", 1, "expected keys with their values, found a list.", "Correct"),
    ),
    "empty": ("", ("missing-key", None, "'title'", "Add it")),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file(name, tmp_path):
    text, (check, line, says, remedy) = BAD[name]
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path / "x.yml", text)
    (problem,) = caught.value.problems
    assert (problem.check, problem.line) == (check, line)
    assert (problem.file, problem.trial) == ("data/x.yml", "alpha")
    assert says in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize(("text", "says"), [
    ("rows: []\n", "rows: expected at least one, found none."),
    ("rows:\n", "rows: expected a list, found nothing."),
    ("rows: {weeks: 1}\n", "rows: expected a list, found keys with their values."),
    ("rows: [{weeks: soon}]\n", "rows.0.weeks: expected a number, found 'soon'."),
    ("rows: [4]\n", "rows.0: expected keys with their values, found 4."),
])  # fmt: skip
def test_a_wrong_kind_of_value_is_told_in_the_words_of_the_guide(text, says, tmp_path):
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path / "x.yml", text, Needing)
    assert [problem.message for problem in caught.value.problems] == [says]


def test_all_problems_come_at_once(tmp_path):
    with pytest.raises(ProblemsError) as caught:
        read(tmp_path / "x.yml", "titel: t\nrows: [{weeks: a}, {weeks: b}]\n")
    found = [(problem.check, problem.line) for problem in caught.value.problems]
    assert sorted(found) == [
        ("missing-key", 1),
        ("unknown-key", 1),
        ("wrong-value", 2),
        ("wrong-value", 2),
    ]


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(ProblemsError, match="the file does not exist"):
        read_yaml(tmp_path / "none.yml", Whole, shown_as="none.yml")
    assert key_lines(tmp_path / "none.yml") == {}


def test_models_are_frozen(tmp_path):
    whole = read(tmp_path / "x.yml", "title: t\n")
    with pytest.raises(ValueError, match="frozen"):
        whole.title = "u"


def test_lines_of_keys(tmp_path):
    path = tmp_path / "x.yml"
    path.write_text("title: t\nrows:\n  - weeks: 1\n  - {weeks: 2, label: x}\n")
    lines = key_lines(path)
    assert lines["title",] == 1
    assert lines["rows", 0, "weeks"] == 3
    assert lines["rows", 1, "label"] == 4


def test_a_problem_as_one_line():
    rows = tuple(str(number) for number in range(12))
    problem = Problem("a.csv", "found 9.", "Correct it.", column="age", rows=rows)
    assert str(problem) == (
        "a.csv, column 'age': found 9. Rows: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more. Correct it."
    )
    assert Problem("t.yml", "x", "y", line=3).place == "t.yml:3"


@pytest.mark.parametrize(
    ("count", "end"), [(0, ""), (1, "0"), (10, "9"), (11, "9 and 1 more"), (99, "9 and 89 more")]
)
def test_at_most_ten_rows_are_named(count, end):
    assert shown_rows([str(number) for number in range(count)]).endswith(end)


@pytest.mark.parametrize("question", ['"?"', "'?'", "?", "?  # weeks after randomisation"])
def test_an_open_question_is_a_problem_with_its_line_and_no_value(question, tmp_path):
    with pytest.raises(ProblemsError) as raised:
        read(tmp_path / "x.yml", f"title: t\nparts:\n  a:\n    weeks: {question}\n")
    assert [(p.check, p.line) for p in raised.value.problems] == [("unanswered", 4)]


def test_open_questions_stand_beside_the_other_problems(tmp_path):
    text = 'title: "?"\nparts:\n  a: {weeks: "?", label: "?"}\n  b: {weeks: x}\n'
    with pytest.raises(ProblemsError) as raised:
        read(tmp_path / "x.yml", text)
    found = [(p.check, p.line, p.message.split(":")[0]) for p in raised.value.problems]
    assert found == [
        ("unanswered", 1, "title"),
        ("unanswered", 3, "parts.a.weeks"),
        ("unanswered", 3, "parts.a.label"),
        ("wrong-value", 4, "parts.b.weeks"),
    ]


def test_a_question_in_a_list_does_not_make_the_list_too_short(tmp_path):
    with pytest.raises(ProblemsError) as raised:
        read(tmp_path / "x.yml", 'rows:\n  - {weeks: "?"}\n', Needing)
    assert [(p.check, p.line) for p in raised.value.problems] == [("unanswered", 2)]


def test_a_question_mark_may_be_a_code_for_a_missing_value(tmp_path):
    assert read(tmp_path / "x.yml", 'title: t\nvalue: ["?"]\n').value == ["?"]
