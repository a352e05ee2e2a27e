"""The page in a browser: it loads nothing, and its parts work, also without scripts."""

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(open_page, paper):
    """Open the sample paper."""
    return lambda width=1300, **options: open_page(paper.outputs[0], width=width, **options)


def test_search(visit):
    page = visit()
    page.keyboard.press("/")
    page.keyboard.type("pooled EFFECT")
    assert page.text_content("#hit-count") == "1 found"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert "pooled effect" in page.text_content(".found")
    page.fill("#search", "muller")
    assert page.locator("#hits mark").first.text_content() == "Müller"


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("a[role=doc-biblioref]", "Riley"),
        ("a.crossref[href='#fig-forest']", "Forest plot of drug X"),
        ("a.crossref[href='#tbl-pipe']", "Trials"),
        ("a.crossref[href='#sec-model']", "Model"),
        ("a.footnote-ref", "A footnote with"),
    ],
)
def test_cards(visit, link, says):
    page = visit()
    card = page.locator("#card")
    assert card.is_hidden()
    page.locator(f"main {link}").first.hover()
    assert says in " ".join(card.text_content().split())
    page.keyboard.press("Escape")
    assert card.is_hidden()
    page.locator(f"main {link}").first.focus()
    assert card.is_visible()
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def background(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("scripts", [True, False])
def test_theme(visit, scripts):
    page = visit(color_scheme="light", java_script_enabled=scripts)
    light = background(page)
    page.locator("#theme").check()
    dark = background(page)
    assert light != dark
    assert (
        visit(color_scheme="dark").evaluate("getComputedStyle(document.body).backgroundColor")
        == dark
    )
    if scripts:
        page.reload()
        assert background(page) == dark, "the choice is kept"


def test_active_section_and_deep_links(visit):
    page = visit()
    page.locator("#contents a", has_text="Results").click()
    current = page.locator("#contents [aria-current]", has_text="Results")
    current.wait_for()
    assert page.url.endswith("#sec-results")
    anchors = page.locator("main .anchor")
    assert anchors.count() >= 5


@pytest.mark.parametrize("scripts", [True, False])
def test_phone(visit, scripts):
    page = visit(390, java_script_enabled=scripts)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for figure in ("#tbl-wide", "#fig-forest"):
        box = page.locator(f"{figure} [class$=-scroll]")
        assert box.evaluate("e => e.scrollWidth > e.clientWidth")
        assert box.evaluate("e => getComputedStyle(e).overflowX") == "auto"
        if scripts:
            assert page.locator(f"{figure} .scroll-hint").is_visible()
    assert page.locator("#contents").is_hidden()
    page.locator("#menu").check()
    assert page.locator("#contents").is_visible()
    for text in ("Synthetic demonstration data", "Download PDF"):
        assert page.get_by_text(text).first.is_visible()


def test_keyboard(visit):
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_without_scripts_nothing_is_offered_that_does_not_work(visit):
    page = visit(java_script_enabled=False)
    assert page.locator("#search").is_hidden()
    assert page.locator("main img").first.is_visible()
    assert page.locator("#contents a", has_text="Methods").is_visible()


def test_print(visit):
    page = visit()
    page.emulate_media(media="print")
    assert page.locator("#contents").is_hidden()
    assert page.locator(".pdf").is_hidden()
    assert page.get_by_text("Synthetic demonstration data").first.is_visible()
