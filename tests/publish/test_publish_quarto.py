"""Quarto itself: how it is called and read, and, where it is installed, that both engines agree."""

import re
import shutil

import pytest
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
