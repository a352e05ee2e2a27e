"""Quarto itself: how it is called and read, and, where it is installed, that both engines agree."""

import re
import shutil

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from small_projects import SETTINGS, write_project, write_sample
from test_publish_engine import fake_quarto
from test_publish_pages import html_text

from analysis.errors import RenderError
from analysis.publish.engine import render
from analysis.publish.progress import RenderProblemsError

WRITES = """
import os
name, folder = sys.argv[2], Path(sys.argv[4])
folder.mkdir(parents=True, exist_ok=True)
for each in ["paper", "other"] if name == "." else [Path(name).stem]:
    (folder / f"{each}.html").write_text(f"{sys.argv[1:3]} {os.environ['QUARTO_PYTHON']}")
"""
PROJECT = {
    "_quarto.yml": SETTINGS.replace("[paper.qmd]", "[paper.qmd, other.qmd]"),
    "paper.qmd": "A.\n",
    "other.qmd": "B.\n",
}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bin").mkdir()
    return write_project(tmp_path / "project", PROJECT)


def use(monkeypatch, folder, script):
    monkeypatch.setenv("QUARTO", fake_quarto(folder.parent / "bin", "1.11.0", script))


def test_outputs_are_collected(folder, monkeypatch):
    use(monkeypatch, folder, WRITES)
    report = render(folder)
    assert report.engine.name == "quarto"
    assert [path.relative_to(folder).as_posix() for path in report.outputs] == [
        "_output/paper.html",
        "_output/other.html",
    ]
    assert "['render', '.']" in report.outputs[0].read_text()
    assert render(folder).up_to_date
    (folder / "other.qmd").write_text("C.\n")
    assert set(render(folder).changes) == {"other.qmd"}
    assert "['render', 'other.qmd']" in report.outputs[1].read_text()


BOTH = SETTINGS + "  docx: {}\n"


@pytest.mark.parametrize(
    ("settings", "documents", "called"),
    [
        (BOTH.replace("[paper.qmd]", "[paper.qmd, other.qmd]"), None, "['render', '.']"),
        (BOTH, ["paper.qmd"], "['render', '.']"),
        (SETTINGS[: SETTINGS.index("format:")] + "format: {docx: {}}\n", None, None),
    ],
)
def test_word_files_are_not_quartos(tmp_path, monkeypatch, settings, documents, called):
    (tmp_path / "bin").mkdir()
    files = {"_quarto.yml": settings, "paper.qmd": "One.\n", "other.qmd": "Two.\n"}
    folder = write_project(tmp_path / "project", files)
    says = WRITES.replace("{sys.argv[1:3]}", "{sys.argv[1:3]} {sys.argv[sys.argv.index('--to'):]}")
    use(monkeypatch, folder, says if called else "sys.exit('Quarto is not needed')")
    report = render(folder, documents=documents)
    words = [path for path in report.outputs if path.suffix == ".docx"]
    texts = [docx.Document(str(path)).paragraphs[-1].text for path in words]
    assert texts == ["One.", "Two."][: len(texts)]
    pages = [path.read_text() for path in report.outputs if path.suffix == ".html"]
    assert len(words) == (len(pages) or 1)
    assert all(f"{called} ['--to', 'html']" in page for page in pages)


@pytest.mark.parametrize(
    ("script", "error", "says"),
    [
        ("print('WARN: Unable to resolve crossref @fig-x')", RenderProblemsError, "@fig-x"),
        (
            "print('[WARNING] Citeproc: citation lost2020 not found')",
            RenderProblemsError,
            "lost2020",
        ),
        ("print('NameError: lost', file=sys.stderr); sys.exit(1)", RenderError, "NameError: lost"),
        ("", RenderError, "did not write paper.html"),
    ],
)
def test_failures(folder, monkeypatch, script, error, says):
    use(monkeypatch, folder, (WRITES if script else "") + script)
    with pytest.raises(error, match=re.escape(says)):
        render(folder)
    assert not (folder / "_output").exists()


@pytest.mark.quarto
@pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not installed")
def test_both_engines_say_the_same(tmp_path):
    words = {}
    for engine in ("quarto", "embedded"):
        report = render(write_sample(tmp_path / engine), engine=engine)
        (page,) = [path for path in report.outputs if path.name == "paper.html"]
        text = html_text(page)
        start = text.index("The pooled effect was")
        body = text[start : text.index("Meta-Analysis of Individual Participant Data", start)]
        words[engine] = re.findall(r"[\w.%−-]+", body)
    assert len(words["embedded"]) > 100
    assert words["quarto"] == words["embedded"]


@pytest.mark.quarto
@pytest.mark.skipif(shutil.which("quarto") is None, reason="Quarto is not installed")
def test_word_files_beside_pages_of_quarto_are_what_a_journal_accepts(tmp_path):
    folder = write_sample(tmp_path)
    settings = folder / "_quarto.yml"
    settings.write_text(settings.read_text("utf-8") + "  docx: {}\n", encoding="utf-8")
    report = render(folder, engine="quarto", documents=["paper.qmd"])
    assert {path.suffix for path in report.outputs} == {".html", ".pdf", ".docx"}
    (path,) = [path for path in report.outputs if path.suffix == ".docx"]
    document = docx.Document(str(path))
    assert len(document.tables) >= 2
    for table in document.tables:
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None
    assert WD_ORIENT.LANDSCAPE in {each.orientation for each in document.sections}
    for section in document.sections:
        assert section._sectPr.find(qn("w:lnNumType")) is not None
    styles = [each.style.name for each in document.paragraphs]
    assert {"Table Caption", "Image Caption"} <= set(styles)
