"""Reading cannot leave the project, run anything, or fill the memory without a word.

The limits are lowered by their variable, so that no test needs a large file.
"""

import json
import os
import pickle
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from analysis.problems import ProblemsError
from analysis.protocol import read_protocol
from analysis.publish.embedded.titleblock import included_files
from analysis.publish.engine import render
from analysis.trials.limits import VARIABLE
from analysis.trials.mapping import DataFile
from analysis.trials.raw import UnreadableError
from analysis.trials.readers import read_file

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        (LAUGHS, "aliases stand for more than 200000 values", 6),
        ("a: &a [*a]\n", "an alias stands inside what it names", 1),
        ("title: x\na: &a\n  b: {c: *a}\n", "an alias stands inside what it names", 2),
        ("a: " + "[" * 60 + "]" * 60, "nested more than 50 deep", 1),
        ("a: " + "[" * 20_000 + "]" * 20_000, "nested more than 50 deep", 1),
        (f"a: {'9' * 5000}\n", "a number has 5000 digits", 1),
        ("title: '{{< include /etc/passwd >}}'\n", "'{{', which Quarto would read", 1),
        ("a: !!python/object/apply:os.system ['true']\n", "could not determine a constructor", 1),
        ("a: !!python/name:os.system\n", "could not determine a constructor", 1),
    ],
)
def test_yaml_that_grows_or_runs_is_a_problem_with_its_line(tmp_path, text, message, line):
    path = tmp_path / "protocol.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_protocol(path)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.line == line
    assert problem.remedy


def test_yaml_of_many_megabytes_is_not_read(tmp_path):
    path = tmp_path / "protocol.yml"
    path.write_bytes(b"# " + b"x" * 5_000_001)
    with pytest.raises(ProblemsError, match="5 MB, expected at most 5 MB"):
        read_protocol(path)


def test_aliases_of_moderate_size_are_fine(tmp_path):
    path = tmp_path / "protocol.yml"
    path.write_text("title: &t Review\nregistration: *t\n", encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        read_protocol(path)
    assert {each.check for each in caught.value.problems} == {"missing-key"}


def sparse(path: Path) -> None:
    """Write a workbook of two cells, the second far out."""
    pd.DataFrame({"id": [1], "age": [2]}).to_excel(path, index=False)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = next(each for each in parts if each.startswith("xl/worksheets/"))
    far = b'<row r="1048576"><c r="XFD1048576" t="n"><v>1</v></c></row></sheetData>'
    parts[name] = parts[name].replace(b"</sheetData>", far)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts.items():
            archive.writestr(each, content)


def bomb(path: Path) -> None:
    """Write a workbook of a few kilobytes that unpacks to three megabytes."""
    pd.DataFrame({"id": [1]}).to_excel(path, index=False)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/a.bin", b"\0" * 3_000_000)


def rows(number: int) -> pd.DataFrame:
    return pd.DataFrame({"id": range(number), "age": 1.0})


LARGE = {
    "a.csv": (lambda path: path.write_text("id,age\n" + "1,2\n" * 300_000), "the file has 1 MB"),
    "a.xlsx": (bomb, "the workbook unpacks to 3 MB"),
    "far.xlsx": (sparse, "1048576 rows, about 171799 MB"),
    "a.sav": (lambda path: pyreadstat.write_sav(rows(90_000), path, compress=True), "90000 rows"),
    "a.parquet": (lambda path: rows(90_000).to_parquet(path), "90000 rows, about 2 MB"),
    "wide.csv": (lambda path: path.write_text(",".join(map(str, range(20_001))) + "\n1\n"),
                 "20001 columns, expected at most 20000"),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch, name):
    monkeypatch.setenv(VARIABLE, "1")
    make, message = LARGE[name]
    make(tmp_path / name)
    with pytest.raises(UnreadableError) as caught:
        read_file(tmp_path, DataFile(path=name), columns=["id"])
    assert caught.value.check == "too-large"
    assert message in caught.value.message


def test_the_limit_can_be_raised(tmp_path, monkeypatch):
    rows(90_000).to_parquet(tmp_path / "a.parquet")
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(UnreadableError, match=rf"set {VARIABLE}=2 and"):
        read_file(tmp_path, DataFile(path="a.parquet"), columns=["id"])
    monkeypatch.setenv(VARIABLE, "2")
    assert len(read_file(tmp_path, DataFile(path="a.parquet"), columns=["id"]).rows) == 90_000
    monkeypatch.setenv(VARIABLE, "much")
    with pytest.raises(UnreadableError, match="expected a whole number of megabytes"):
        read_file(tmp_path, DataFile(path="a.parquet"), columns=["id"])


@dataclass
class Bad:
    """Would make a file when it is unpickled."""

    path: str

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.parametrize("name", ["a.pkl", "a.csv", "a.xlsx", "a.sav", "a.parquet", "a.xlsm"])
def test_a_pickle_or_a_macro_under_any_name_is_not_run(tmp_path, name):
    made = tmp_path / "made"
    (tmp_path / name).write_bytes(pickle.dumps(Bad(str(made))))
    with pytest.raises(UnreadableError):
        read_file(tmp_path, DataFile(path=name), columns=["id"])
    assert not made.exists()


OUTSIDE = ("../secret.csv", "x/../../secret.csv", "{root}/secret.csv", "link.csv", "to/secret.csv")


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_trial_reads_nothing_outside_its_folder(tmp_path, path):
    (tmp_path / "secret.csv").write_text("id,age\n1,2\n")
    folder = tmp_path / "trial"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (folder / "to").symlink_to(tmp_path)
    with pytest.raises(UnreadableError, match="leads out of the trial's folder"):
        read_file(folder, DataFile(path=path.format(root=tmp_path)), columns=["id"])


PUBLISHED = "{file: ../x.csv, label: a, own_label: b, names: {age: Age}}"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("interactions:", "without_ipd: ../secret.csv\ninteractions:"),
        ("interactions:", "without_ipd: /etc/passwd\ninteractions:"),
        ("interactions:", f"published_interactions: {PUBLISHED}\ninteractions:"),
    ],
)  # fmt: skip
def test_the_protocol_names_files_below_data(small_review, old, new):
    path = small_review / "data" / "protocol.yml"
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ProblemsError, match="a path below data"):
        read_protocol(path)


STYLE = Path(__file__).parents[1] / "assets" / "bmj.csl"
SETTINGS = "project: {render: [paper.qmd], execute-dir: project}\nformat: {html: {toc: true}}\n"


@pytest.mark.parametrize(
    ("document", "settings", "message"),
    [
        ("{{< include ../secret.txt >}}", "", "the included file ../secret.txt lies outside"),
        ("{{< include /link.txt >}}", "", "the included file /link.txt lies outside"),
        ("x", "bibliography: ../secret.bib\n", "the file ../secret.bib, which lies outside"),
        ("x", "include-in-header: ../secret.txt\n", "the file ../secret.txt, which lies outside"),
        ("x", "csl: link.csl\n", "the file link.csl, which lies outside"),
        ("![A dot](../dot.svg)", "", "the image '../dot.svg' lies outside the project"),
    ],
)
def test_a_document_reads_nothing_outside_its_project(tmp_path, document, settings, message):
    project = tmp_path / "project"
    project.mkdir()
    for name in ("secret.txt", "secret.bib", "dot.svg"):
        (tmp_path / name).write_text("<svg/>", encoding="utf-8")
    (project / "link.txt").symlink_to(tmp_path / "secret.txt")
    (project / "link.csl").symlink_to(STYLE)
    (project / "_quarto.yml").write_text(SETTINGS + settings, encoding="utf-8")
    text = f"---\ntitle: T\n---\n\n{document}\n"
    (project / "paper.qmd").write_text(text, encoding="utf-8")
    with pytest.raises(ProblemsError) as caught:
        render(project, engine="embedded")
    assert any(message in each.message for each in caught.value.problems), caught.value.problems


def test_results_are_kept_as_json_not_as_programmes(small_review):
    from analysis.results.build import build
    from analysis.results.review import find_review

    build(find_review(small_review))
    kept = [path for path in (small_review / "_build").rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} <= {".json", ".parquet", ""}
    read = [json.loads(path.read_text("utf-8")) for path in kept if path.suffix == ".json"]
    assert len(read) > 5


def test_an_example_may_use_the_bibliography_of_its_repository(tmp_path):
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "shared.bib").write_text("", encoding="utf-8")
    example = tmp_path / "examples" / "one"
    example.mkdir(parents=True)
    named = {"bibliography": ["../../shared.bib", "../../../elsewhere.bib"]}
    (tmp_path.parent / "elsewhere.bib").write_text("", encoding="utf-8")
    problems = included_files(example, named, "html")[2]
    assert [each.check for each in problems] == ["outside-file"]
    assert "../../../elsewhere.bib" in problems[0].message
