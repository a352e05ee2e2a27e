"""Tables that are sorted and filtered, plots that are pointed at, choices, links, copies, print."""

import io

import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.browser

PAIN, SIDES, PARTS = "#tbl-pain-short", "#tbl-sides", "#tbl-parts"


@pytest.fixture
def visit(open_page, answers):
    """Open the page that answers."""
    return lambda **options: open_page(answers.outputs[0], **options)


def labels(page, table):
    """Labels of the rows that are shown, in their order."""
    rows = page.locator(f"{table} tbody tr:visible th[scope=row]")
    return [text.strip() for text in rows.all_inner_texts()]


AS_MADE = ["Age, per year", "Sex", "female", "male", "Work <b>status</b>", "Smoker", "Pet"]
AS_MADE += ["=Formula"]


@pytest.mark.parametrize(
    ("column", "up", "down"),
    [
        (
            "n",
            ["Pet", "=Formula", "Work <b>status</b>", "Smoker", "Age, per year", *AS_MADE[1:4]],
            [*AS_MADE[1:4], "Age, per year", "Smoker", "Work <b>status</b>", "=Formula", "Pet"],
        ),
        (
            "Interaction MD (95% CI)",
            [AS_MADE[7], AS_MADE[4], *AS_MADE[1:4], AS_MADE[0], "Smoker", "Pet"],
            ["Smoker", AS_MADE[0], *AS_MADE[1:4], AS_MADE[4], AS_MADE[7], "Pet"],
        ),
        (
            "P value",
            [AS_MADE[4], "Smoker", *AS_MADE[1:4], AS_MADE[7], AS_MADE[0], "Pet"],
            [AS_MADE[0], AS_MADE[7], *AS_MADE[1:4], "Smoker", AS_MADE[4], "Pet"],
        ),
        (
            "Modifier",
            ["=Formula", "Age, per year", "Pet", *AS_MADE[1:4], "Smoker", "Work <b>status</b>"],
            ["Work <b>status</b>", "Smoker", *AS_MADE[1:4], "Pet", "Age, per year", "=Formula"],
        ),
    ],
)
def test_sorting_keeps_levels_with_their_modifier(visit, column, up, down):
    page = visit()
    assert labels(page, SIDES) == AS_MADE
    head = page.locator(f"{SIDES} thead").get_by_role("button", name=column, exact=True)
    rules = (
        "[...document.querySelectorAll('#tbl-sides tbody tr')].map(r => r.className.split(' ')[0])"
    )
    before = page.evaluate(rules)[0]
    for order, direction in ((up, "ascending"), (down, "descending")):
        head.press("Enter")
        assert labels(page, SIDES) == order
        assert page.locator(f"{SIDES} th[aria-sort]").get_attribute("aria-sort") == direction
        assert page.evaluate(rules)[0] == before, "the rule below the labels stays"
    page.locator(f"{SIDES} .ipd-bar").get_by_role("button", name="Reset").click()
    assert labels(page, SIDES) == AS_MADE
    assert page.locator(f"{SIDES} th[aria-sort]").count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "left", "said"),
    [
        ("Rows with", "SEX", AS_MADE[1:4], "1 of 6 rows"),
        ("Rows with", "reference", AS_MADE[1:4], "1 of 6 rows"),
        ("Rows with", "<b>", [AS_MADE[4]], "1 of 6 rows"),
        ("Rows with", "nothing", [], "0 of 6 rows"),
        ("P at most", "0.001", [AS_MADE[4], "Smoker"], "2 of 6 rows"),
        ("P at most", "0.0009", [], "0 of 6 rows"),  # "<0.001" may be more than this
        ("P at most", "0.04", [*AS_MADE[1:6]], "3 of 6 rows"),
    ],
)
def test_filters(visit, field, typed, left, said):
    page = visit()
    bar = page.locator(f"{SIDES} .ipd-bar")
    bar.get_by_label(field).fill(typed)
    assert labels(page, SIDES) == left
    assert bar.get_by_role("status").inner_text() == said
    page.emulate_media(media="print")
    assert labels(page, SIDES) == AS_MADE, "in print every row is there"
    assert bar.is_hidden()


def test_parts_of_a_table(visit):
    page = visit()
    head = page.locator(f"{PARTS} thead").get_by_role("button", name="P value")
    head.click()
    assert labels(page, PARTS) == ["Sex", "Age", "Sex", "Age"], "each part is sorted on its own"
    page.locator(f"{PARTS} .ipd-bar").get_by_label("Part").select_option("Function")
    assert labels(page, PARTS) == ["Sex", "Age"]
    assert page.locator(f"{PARTS} [scope=rowgroup]:visible").all_inner_texts() == ["Function"]
    assert page.locator(f"{PAIN} .ipd-bar").count() == 0, "a short table is left alone"


def test_a_row_of_a_plot_is_read_out_by_pointer(visit):
    page = visit()
    plot = page.locator("#fig-plot .ipd-plot")
    out = page.locator("#fig-plot .ipd-readout")
    row = page.locator("#fig-plot-row-3")
    box = plot.bounding_box()
    at = [float(row.get_attribute(name)) / 100 for name in ("data-top", "data-height")]
    plot.hover(position={"x": 20, "y": box["height"] * (at[0] + at[1] / 2)})
    said = out.inner_text()
    for part in ("Age 0: Level 02", "Trials: 7", "Mean difference: 2.0", "Interaction P: 0.04"):
        assert part in said
    assert "no effect (0): crosses it" in said
    light, box = page.locator("#fig-plot .ipd-light").bounding_box(), plot.bounding_box()
    assert light["y"] - box["y"] == pytest.approx(box["height"] * at[0], abs=1)
    assert page.locator("#fig-plot-row-3").is_hidden()
    out.get_by_role("link").click()
    assert row.is_visible()
    assert page.url.endswith("#fig-plot-row-3")
    row.get_by_role("link", name="Model 1").click()
    model = page.locator("#fig-plot-model-1").inner_text()
    for part in ("y ~ treat", "REML", "Left out: 20 age missing", "A variance is zero"):
        assert part in model


def test_a_plot_by_keyboard(visit):
    page = visit()
    plots, outs = page.locator(".ipd-plot"), page.locator(".ipd-readout")
    assert plots.count() == outs.count() == page.locator("main img").count() >= 2
    page.locator("#fig-plot .ipd-tools a").focus()
    page.keyboard.press("Shift+Tab")
    assert "Level 00" in outs.nth(0).inner_text()
    page.keyboard.press("ArrowDown")
    assert "Level 01" in outs.nth(0).inner_text()
    page.keyboard.press("Escape")
    assert "Point at a row" in outs.nth(0).inner_text()
    plots.last.focus()
    page.keyboard.press("End")
    assert outs.last.inner_text().startswith("τ²=1.0")
    page.keyboard.press("ArrowUp")
    assert "Overall" in outs.last.inner_text()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector('tr:target').cells[0].textContent") == "Overall"


def shown_choices(page):
    return [each.get_attribute("id") for each in page.locator(".choice figure.float:visible").all()]


TABLES = ["tbl-pain-short", "tbl-pain-long", "tbl-function-short"]
PLOTS = ["fig-pain", "fig-function"]
EVERYTHING = TABLES + PLOTS


def test_choices(visit):
    page = visit()
    bar = page.locator(".chooser").first.locator(".ipd-bar")
    assert shown_choices(page) == EVERYTHING
    bar.get_by_label("Outcome").select_option("Function")
    assert shown_choices(page) == ["tbl-function-short", *PLOTS]
    assert page.locator("#sec-pain").is_hidden()
    assert bar.is_visible(), "although the section that it was written in is out"
    page.locator("#contents a[href='#sec-results']").click()
    page.locator("#contents [aria-current][href='#sec-results']").wait_for()
    assert bar.get_by_role("status").inner_text() == "1 of 3 shown"
    bar.get_by_label("Follow-up").select_option("Long term")
    assert shown_choices(page) == ["tbl-pain-long", *PLOTS], "what cannot be is not left empty"
    assert bar.get_by_label("Outcome").input_value() == "All"
    page.emulate_media(media="print")
    assert shown_choices(page) == EVERYTHING
    page.emulate_media(media="screen")
    page.locator("a.crossref[href='#tbl-pain-short']").click()
    assert shown_choices(page) == ["tbl-pain-short", "tbl-function-short", *PLOTS]
    bar.get_by_label("Outcome").select_option("Function")
    page.locator("#contents a[href='#sec-pain']").click()
    assert page.locator("#sec-pain").is_visible(), "a link to a section that is out brings it back"
    bar.get_by_role("button", name="Show all").click()
    assert shown_choices(page) == EVERYTHING


def test_plots_are_chosen_on_their_own_by_keyboard_and_by_link(visit, answers):
    page = visit()
    bar = page.locator("#sec-plots .chooser .ipd-bar")
    assert "Show figures for" in bar.inner_text()
    field = bar.get_by_label("Outcome")
    field.focus()
    page.keyboard.press("ArrowDown")
    assert field.input_value() == "Pain"
    assert shown_choices(page) == [*TABLES, "fig-pain"]
    page.keyboard.press("ArrowDown")
    assert shown_choices(page) == [*TABLES, "fig-function"]
    page.locator("#fig-function .ipd-plot").focus()
    page.keyboard.press("End")
    assert page.locator("#fig-function .ipd-readout").inner_text().startswith("τ²=1.0")
    page.goto(f"{answers.outputs[0].as_uri()}#fig-pain-row-2")
    page.locator("#fig-pain-row-2").wait_for(state="visible")
    assert shown_choices(page) == [*TABLES, "fig-pain"]
    assert field.input_value() == "Pain"


def test_links_open_what_they_lead_to(visit, answers):
    page = visit()
    page.goto(f"{answers.outputs[0].as_uri()}#fig-plot-model-2")
    page.reload()
    model = page.locator("#fig-plot-model-2")
    model.wait_for(state="visible")
    assert "y ~ 1" in model.inner_text()
    tools = page.locator(f"{SIDES} .ipd-tools a")
    assert tools.get_attribute("href") == "#tbl-sides"
    assert tools.get_attribute("aria-label") == "Link to Table 1"
    assert page.locator("figure.float .ipd-tools a").count() == page.locator("figure.float").count()


COPIED = [
    "Table 1: Interactions on two sides.",
    "Modifier\tUnadjusted\t\t",
    "\tn\tInteraction MD (95% CI)\tP value",
    "Age, per year\t3081\t0.08 (−0.04 to 0.21)\t0.18",
]


@pytest.mark.parametrize("clipboard", [True, False])
def test_copies(visit, clipboard):
    allowed = ["clipboard-read", "clipboard-write"]
    page = visit(permissions=allowed if clipboard else [])
    if not clipboard:  # as in a browser that has none, or a frame that may not use it
        page.evaluate(
            """() => {
              navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
              document.execCommand = () => {
                window.copied = document.activeElement.value;
                return true;
              };
            }"""
        )
    button = page.locator(SIDES).get_by_role("button", name="Copy table: Table 1")
    button.click()
    page.locator(SIDES).get_by_text("Copied").wait_for()
    read = "navigator.clipboard.readText()" if clipboard else "window.copied"
    lines = page.evaluate(read).splitlines()
    assert lines[: len(COPIED)] == COPIED
    assert any(line.startswith("'=Formula\t70") for line in lines), "no formula for a spreadsheet"
    page.locator(SIDES).get_by_role("button", name="Copy link to Table 1").click()
    page.wait_for_function(f"async () => (await {read}).endsWith('#tbl-sides')")


def test_without_scripts_everything_is_there(visit):
    page = visit(java_script_enabled=False)
    assert shown_choices(page) == EVERYTHING
    assert labels(page, SIDES) == AS_MADE
    assert page.locator(".ipd-bar, .ipd-tools, .ipd-readout, .ipd-sort").count() == 0
    assert page.locator("main img").count() >= 2
    page.locator("#fig-plot-rows summary").click()
    assert page.locator("#fig-plot-row-1").is_visible()
    assert "y ~ treat" in page.locator("#fig-plot-model-1").inner_text()


def test_paper_copy(visit):
    page = visit()
    page.locator(".chooser").first.get_by_label("Outcome").select_option("Function")
    text = "".join(
        each.extract_text() for each in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    )
    for there in ("Pain at long term.", "Function at short term.", "Work <b>status</b>"):
        assert there in " ".join(text.split())
    for gone in ("Copy table", "P at most", "Point at a row", "Show tables"):
        assert gone not in text


@pytest.mark.parametrize("width", [1300, 390])
def test_nothing_is_wider_than_the_page(visit, width):
    page = visit(width=width)
    page.locator("#fig-plot-rows summary").click()
    page.locator("#fig-plot .ipd-plot").hover(position={"x": 60, "y": 100})
    assert page.evaluate("document.documentElement.scrollWidth") == width
