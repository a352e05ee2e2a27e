"""`ipdbook` on the review of published results: check, build, render, and what the pages say."""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner
from wcag import violations_of

from analysis.cli import app
from analysis.formats import with_interval
from analysis.publish.external import external_loads
from analysis.results.aggregate_review import open_aggregate_review

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = Path("examples", "individualized-exercise")
NOT_FOR_READERS = re.compile(
    r"\bnan\b|\?@|\bNone of the\b|<function|np\.float|\{python\}|Traceback|−0\.0+\b(?!\d)"
)


class Text(HTMLParser):
    """Collects the text that a reader sees."""

    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        del attrs
        self.hidden += tag in {"style", "script"}

    def handle_endtag(self, tag):
        self.hidden -= tag in {"style", "script"}

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def bare(text):
    """Text without any space, with plain hyphens."""
    return re.sub(r"[\s\u00ad\u200b]", "", text).replace("\u2010", "-")


def run(*arguments):
    done = CliRunner().invoke(app, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    target = tmp_path_factory.mktemp("published")
    unwanted = shutil.ignore_patterns("_output", "_build")
    shutil.copy(ROOT / "references.bib", target)
    shutil.copytree(ROOT / "assets", target / "assets")
    shutil.copytree(ROOT / EXAMPLE, target / EXAMPLE, ignore=unwanted)
    assert "58 trials" in run("check", "--project", target / EXAMPLE)
    assert "22 computed" in run("render", "--project", target / EXAMPLE, "--engine", "embedded")
    return target / EXAMPLE


def test_both_formats_show_the_stored_numbers(project):
    html = (project / "_output" / "report.html").read_text(encoding="utf-8")
    parser = Text()
    parser.feed(html)
    pages = [page.extract_text() for page in PdfReader(project / "_output" / "report.pdf").pages]
    assert not external_loads(html)
    assert all(bare("Synthetic trials: an ipdbook example") in bare(page) for page in pages)
    review = open_aggregate_review(project)
    plots = len(set(re.findall(r'data-plot="(fig-[^"]+)"', html)))  # each with a table of its rows
    assert plots == 8
    for text, tables_of_plots in ((" ".join(parser.parts), plots), (" ".join(pages), 0)):
        assert not NOT_FOR_READERS.search(text)
        dense = bare(text)
        for each in (*review.syntheses(), *review.sensitivity()):
            numbers = each.pooled.estimate, each.pooled.ci_low, each.pooled.ci_high
            assert bare(with_interval(*numbers, 2)) in dense
            assert bare(with_interval(*each.re_expressed, 2)) in dense
        notes = dense.count(bare("no number here is about any real trial"))
        assert notes == 18 + 5 + tables_of_plots  # figures and tables


def test_nothing_changed_nothing_done(project):
    output = run("render", "--project", project, "--engine", "embedded")
    assert "all 22 are current" in output
    assert "nothing changed" in output
    assert "synthesis-pain-short-active: current" in run("build", "--explain", "--project", project)


def test_bad_input_is_named_without_a_traceback(project, tmp_path):
    shutil.copytree(project / "data", tmp_path / "data")
    path = tmp_path / "data" / "arms.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",VAS,", ",VAS,zero", 1))
    done = CliRunner().invoke(app, ["build", "--project", str(tmp_path)])
    assert done.exit_code == 1
    assert "data/arms.csv, column 'scale_low': 'zero0' is no number" in str(done.exception)


def test_the_sheet_is_generated_anew(project, tmp_path):
    shutil.copytree(project / "data", tmp_path / "data")
    (tmp_path / "data" / "arms.csv").unlink()
    run("demo", tmp_path)
    made = (tmp_path / "data" / "arms.csv").read_bytes()
    assert made == (ROOT / EXAMPLE / "data" / "arms.csv").read_bytes()


@pytest.mark.browser
def test_pages_are_accessible_to_everyone(project, browser):
    path = project / "_output" / "report.html"
    assert violations_of(browser, path, width=390, scheme="light") == ([], 390)
