"""WCAG 2.2 AA by axe-core, the keyboard, and PDF/UA-1."""

import re

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from wcag import violations

EVERYTHING_OPEN = "for (const each of document.querySelectorAll('details')) each.open = true"


NOT_REACHED = """
  [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter(each => !each.dataset.reached && each.checkVisibility({ visibilityProperty: true }))
    .map(each => each.outerHTML.slice(0, 100))"""
REACHED = """() => {
  const now = document.activeElement;
  if (now === document.body) return [null, true];
  now.dataset.reached = 'yes';
  const line = each => getComputedStyle(each).outlineStyle;
  const marked = [now, now.parentElement].some(each => line(each) !== 'none');
  return [now.outerHTML.slice(0, 100), marked];
}"""


@pytest.mark.browser
@pytest.mark.parametrize(
    ("which", "width", "scheme"),
    [
        ("answers", 1300, "light"),
        ("answers", 1300, "dark"),
        ("answers", 390, "light"),
        ("answers", 390, "dark"),
        ("paper", 1300, "dark"),
        ("paper", 390, "light"),
    ],
)
def test_no_violation_of_wcag(open_page, request, which, width, scheme):
    page = open_page(request.getfixturevalue(which).outputs[0], width=width, color_scheme=scheme)
    page.evaluate(EVERYTHING_OPEN)
    assert violations(page) == []
    if which == "answers":  # also in use: sorted, filtered, chosen, a row read out
        page.locator("#tbl-sides .ipd-sort").first.click()
        page.locator("#tbl-sides input").first.fill("sex")
        page.locator("#fig-plot .ipd-plot").hover(position={"x": 60, "y": 100})
        page.locator(".chooser select").first.select_option("Pain")
        assert violations(page) == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1300, 390])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(open_page, answers, width):
    page = open_page(answers.outputs[0], width=width)
    page.evaluate(EVERYTHING_OPEN)
    wanted = page.evaluate(f"{NOT_REACHED}.length")
    assert wanted > 50
    for _ in range(2 * wanted):
        page.keyboard.press("Tab")
        where, is_marked = page.evaluate(REACHED)
        if where is None:
            break
        assert is_marked, f"the focus cannot be seen on {where}"
    assert page.evaluate(NOT_REACHED) == []


def elements(node, seen=None):
    """Structure elements below a node of the tag tree."""
    seen = seen if seen is not None else set()
    for child in _children(node.get_object().get("/K")):
        if isinstance(child, DictionaryObject) and "/S" in child and id(child) not in seen:
            seen.add(id(child))
            yield child
            yield from elements(child, seen)


def _children(kids):
    kids = kids.get_object() if kids is not None else []
    return [each.get_object() for each in (kids if isinstance(kids, list) else [kids])]


@pytest.mark.parametrize("which", ["paper", "answers"])
def test_pdf_ua(request, which):
    outputs = [each for each in request.getfixturevalue(which).outputs if each.suffix == ".pdf"]
    for path in outputs:
        pdf = PdfReader(path)
        root = pdf.trailer["/Root"]
        xmp = root["/Metadata"].get_data().decode()
        assert re.search(r"pdfuaid:part(>|=\")1", xmp), "declares PDF/UA-1"
        assert re.search(r"pdfaid:part(>|=\")2", xmp), "and PDF/A-2 as well"
        assert pdf.metadata.title
        assert root["/ViewerPreferences"]["/DisplayDocTitle"] is not None
        assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
        assert root["/Lang"] == "en-GB"
        assert bool(root["/MarkInfo"]["/Marked"])
        tags = list(elements(root["/StructTreeRoot"]))
        names = [str(each["/S"]) for each in tags]
        assert {"/H1", "/P", "/Table", "/TH", "/TD", "/Figure", "/Caption"} <= set(names) or (
            path.stem == "supplement"
        )
        for figure in (each for each in tags if each["/S"] == "/Figure"):
            assert str(figure.get("/Alt", "")).strip(), f"a figure of {path.name} says nothing"
