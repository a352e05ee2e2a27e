"""The guide runs: every command of its tutorial, and its reference from the product itself."""

from pathlib import Path

import pytest
from typer.testing import CliRunner
from wcag import violations_of

import analysis.models
import analysis.pooling
import analysis.subgroups
from analysis.cli import app

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def page():
    done = CliRunner().invoke(
        app, ["render", "--project", str(DOCS), "--engine", "embedded", "--force"]
    )
    assert done.exit_code == 0, done.output
    return (DOCS / "_output" / "guide.html").read_text(encoding="utf-8")


def test_the_tutorial_shows_what_the_commands_print(page):
    for said in ("is proposed", "No problem in 5 trials", "Came in: Gudavalli 2006", "passed"):
        assert said in page


def test_the_reference_has_every_command(page):
    for command in app.registered_commands:
        name = command.name or command.callback.__name__.replace("_", "-")
        assert f"ipdbook {name}" in page


@pytest.mark.parametrize("room", [analysis.models, analysis.pooling, analysis.subgroups])
def test_the_reference_has_every_exported_name(page, room):
    assert [name for name in room.__all__ if f"<code>{name}" not in page] == []
    assert "</code>: </li>" not in page


def test_every_part_is_there_once(page):
    for part in ("Tutorial", "How to", "Explanation", "Reference"):
        assert page.count(f"{part}</h2>") == 1


def test_the_pdf_is_made(page):
    assert page
    assert (DOCS / "_output" / "guide.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.browser
def test_the_guide_is_accessible_to_everyone(page, browser):
    assert page
    path = DOCS / "_output" / "guide.html"
    assert violations_of(browser, path, width=390, scheme="dark") == ([], 390)
