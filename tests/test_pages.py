"""The rendered pages: the same numbers in HTML, in PDF, in Word and in the stored results.

Pages are compared without spaces, since a PDF breaks its lines where it likes.
"""

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from wcag import violations_of

from analysis.formats import count, interval, p_value, with_interval
from analysis.publish.engine import render
from analysis.publish.external import external_loads
from analysis.results.build import build
from analysis.results.review import find_review

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = Path("examples", "periodontal-pregnancy")
SYNTHETIC = "Synthetic demonstration data"
FARTHEST = 700  # characters between two cells of a table: a page break with its headings
NOT_FOR_READERS = re.compile(
    r"\bnan\b|\?@|\bNone\b(?! of| has| declared|\.)|\bTrue\b|<function|np\.float"
    r"|\{python\}|Traceback|−0\.0+\b(?!\d)"
)


class _Text(HTMLParser):
    """Collects the text that a reader sees."""

    def __init__(self):
        super().__init__()
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        del attrs
        self.hidden += tag in {"style", "script", "annotation"}

    def handle_endtag(self, tag):
        self.hidden -= tag in {"style", "script", "annotation"}

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def text_of(html):
    parser = _Text()
    parser.feed(html)
    return "".join(parser.parts)


def bare(text):
    """Text without any space, with plain hyphens."""
    return re.sub(r"[\s\u00ad\u200b]", "", text).replace("\u2010", "-")


class Pages:
    """The rendered documents of one review."""

    def __init__(self, project):
        self.review = find_review(project)
        self.folder = project / "_output"
        self.html = {p.stem: p.read_text() for p in (project / "_output").glob("*.html")}
        self.pdf = {
            p.stem: [page.extract_text() for page in PdfReader(p).pages]
            for p in (project / "_output").glob("*.pdf")
        }
        self.word = {
            p.stem: "".join(each.text or "" for each in Document(p).element.iter(qn("w:t")))
            for p in (project / "_output").glob("*.docx")
        }

    def texts(self, document):
        """Give the whole text by format, without spaces."""
        return {
            "html": bare(text_of(self.html[document])),
            "pdf": bare("".join(self.pdf[document])),
            "docx": bare(self.word[document]),
        }


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """Copy what the documents are made from; results that are current are not computed again."""
    target = tmp_path_factory.mktemp("pages")
    for name in ("_quarto.yml", "manuscript.qmd", "supplement.qmd", "references.bib"):
        shutil.copy(ROOT / name, target)
    unwanted = shutil.ignore_patterns("_output", ".git", "render-*")
    for name in ("chapters", "assets", "data", "examples", "_build"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=unwanted)
    return target


def rendered(folder):
    build(find_review(folder))
    render(folder, engine="embedded", force=True)
    return Pages(folder)


@pytest.fixture(scope="session")
def paper(project):
    return rendered(project)


@pytest.fixture(scope="session")
def report(project):
    return rendered(project / EXAMPLE)


def stand_in_order(texts, expected, caption):
    """Assert that the table of this caption holds the expected pieces one after the other."""
    for form, text in texts.items():
        table = re.search(r"Table\d+:" + re.escape(bare(caption)), text)
        assert table, f"no table {caption!r} in the {form}"
        start = table.end()
        for piece in expected:
            found = text.find(bare(piece), start)
            assert found >= 0, f"{piece!r} is not in the {form} after {text[start - 60 : start]!r}"
            assert found - start < FARTHEST, f"{piece!r} is far from {text[start - 60 : start]!r}"
            start = found + len(bare(piece))


def overall_cells(effect, decimals):
    found = effect.effect
    places = 2 if found.measure == "OR" else decimals
    yield f"{found.trials} ({found.contrast_trials})"
    yield f"{count(found.participants)} ({count(found.treated)}/{count(found.controls)})"
    yield with_interval(found.estimate, found.ci_low, found.ci_high, places)
    yield p_value(found.p)
    if effect.prediction_low is not None:
        yield interval(effect.prediction_low, effect.prediction_high, places)


def interaction_cells(rows, decimals):
    """Give the cells of the interaction table, left to right and top to bottom."""
    for modifier in dict.fromkeys(row.modifier for row in rows):
        sides = [[r for r in rows if r.modifier == modifier and r.adjusted == a] for a in (0, 1)]
        several = len(sides[0]) > 1
        for first, *_ in sides:
            yield from (str(first.within.trials), count(first.within.participants))
            if several and first.joint_p is not None:
                yield p_value(first.joint_p)
            if not several:
                yield from estimate_cells(first.within, decimals)
        for pair in zip(*sides, strict=True) if several else ():
            for row in pair:
                yield from estimate_cells(row.within, decimals)


def estimate_cells(found, decimals):
    if found.estimate is None:
        yield "Not estimable"
    else:
        yield with_interval(found.estimate, found.ci_low, found.ci_high, decimals)
        yield p_value(found.p)


def test_overall_effects_of_the_paper(paper):
    review = paper.review
    decimals = {name: plan.decimals for name, plan in review.protocol.outcomes.items()}
    cells = [
        cell
        for effect in review.all_overall()
        if effect.follow_up == "short"
        for cell in overall_cells(effect, decimals[effect.outcome])
    ]
    assert len(cells) >= 16
    stand_in_order(paper.texts("manuscript"), cells, "Overall effects of exercise therapy")


def test_interactions_of_the_paper(paper):
    rows = paper.review.interactions("pain", "short")
    cells = list(interaction_cells(rows, 2))
    assert len(cells) >= 2 * 4 * len(paper.review.protocol.modifiers)
    caption = "Interaction of exercise therapy with each modifier: pain"
    stand_in_order(paper.texts("manuscript"), cells, caption)


def test_participants_of_the_paper(paper):
    people = paper.review.participants()
    cells = [f"All (n={count(people.n)})"]
    for row in people.everyone:
        cells += [count(level.n) for level in row.levels] or [count(row.n)]
    stand_in_order(paper.texts("manuscript"), cells, "Participants at baseline")
    for text in paper.texts("manuscript").values():
        assert f"{people.n_treated}exercise,{people.n_controls}comparison" in text


def test_every_trial_is_named_with_its_participants(paper):
    cells = [
        piece for row in paper.review.trials() for piece in (row.country, count(row.participants))
    ]
    stand_in_order({"html": paper.texts("manuscript")["html"]}, cells, "Trials with individual")
    for text in paper.texts("manuscript").values():
        for row in paper.review.trials():
            assert bare(row.label) in text


def test_the_abstract_tells_what_the_results_tell(paper):
    effect = paper.review.overall("pain", "short", "untreated").effect
    said = bare(f"{effect.estimate:.1f}, 95% CI".replace("-", "−"))
    for text in paper.texts("manuscript").values():
        assert said in text[: text.index("Introduction", text.index("Background"))]


def test_synthetic_data_are_called_so_everywhere(paper):
    note = paper.review.protocol.data_note
    for document, pages in paper.pdf.items():
        for number, page in enumerate(pages, start=1):
            assert SYNTHETIC in page, f"{document}.pdf, page {number}"
        html = paper.html[document]
        assert SYNTHETIC in text_of(html)
        tables = html.split("<table")[1:]
        assert tables
        for table in tables:
            assert bare(note) in bare(text_of("<table" + table))
        whole = bare("".join(pages))
        assert whole.count(bare(note)) >= len(tables)


@pytest.mark.parametrize("which", ["paper", "report"])
def test_nothing_on_a_page_is_not_for_readers(which, request):
    pages = request.getfixturevalue(which)
    assert pages.html
    assert pages.html.keys() == pages.pdf.keys() == pages.word.keys()
    for document, html in pages.html.items():
        assert external_loads(html) == []
        for text in (text_of(html), "\n".join(pages.pdf[document]), pages.word[document]):
            found = NOT_FOR_READERS.search(text)
            assert found is None, text[max(0, found.start() - 80) : found.end() + 40]


@pytest.mark.parametrize(("which", "after"), [("paper", "manuscript"), ("report", "report")])
def test_html_pdf_and_word_tell_the_same_figures(which, after, request):
    texts = request.getfixturevalue(which).texts(after)
    with_ci = re.compile(r"95%CI(−?[\d.]+to−?[\d.]+)")
    found = {form: sorted(with_ci.findall(text)) for form, text in texts.items()}
    assert found["html"] == found["pdf"] == found["docx"]
    assert len(found["html"]) >= 3


PUBLISHED = [  # N Engl J Med 2006;355:1885-94: pages 1888 to 1890
    "Randomised, number Treatment during pregnancy 413 413 Reproduced",
    "Randomised, number Treatment after delivery 410 410 Reproduced",
    "Treatment during pregnancy 407 407 Reproduced",
    "Treatment after delivery 405 405 Reproduced",
    "Preterm birth, events Treatment during pregnancy 49 49 Reproduced",
    "Preterm birth, events Treatment after delivery 52 52 Reproduced",
    "Preterm live birth, events Treatment during pregnancy 44 44 Reproduced",
    "Preterm live birth, events Treatment after delivery 38 38 Reproduced",
    "Spontaneous abortion or stillbirth, events Treatment during pregnancy 5 5 Reproduced",
    "Spontaneous abortion or stillbirth, events Treatment after delivery 14 14 Reproduced",
    "mean Treatment during pregnancy 3239 3238 Close",
    "mean Treatment after delivery 3258 3259 Close",
    "P value All 0.64 0.61 Close",
]


def test_published_figures_of_the_real_trial(report):
    stand_in_order(report.texts("report"), PUBLISHED, "Published figures")
    for text in report.texts("report").values():
        assert bare("published 3239, here 3238") in text
        assert bare("published 0.64, here 0.61") in text


def test_effects_of_the_real_trial(report):
    review = report.review
    cells = [
        cell
        for effect in review.all_overall()
        for cell in overall_cells(effect, review.protocol.outcomes[effect.outcome].decimals)
    ]
    stand_in_order(report.texts("report"), cells, "Overall effects of periodontal treatment")
    caption = "Interaction of periodontal treatment with each modifier: "
    rows = review.interactions("probing_depth", "visit5")
    stand_in_order(report.texts("report"), interaction_cells(rows, 3), f"{caption}mean probing")
    rows = review.interactions("preterm", "birth")
    stand_in_order(report.texts("report"), interaction_cells(rows, 2), f"{caption}preterm birth")


@pytest.mark.browser
@pytest.mark.parametrize(
    ("which", "document", "look"),
    [
        ("paper", "manuscript", (390, "dark")),
        ("paper", "supplement", (1300, "light")),
        ("report", "report", (390, "light")),
    ],
)
def test_accessible_to_everyone(browser, request, which, document, look):
    width, scheme = look
    folder = request.getfixturevalue(which).folder
    path = folder / f"{document}.html"
    assert violations_of(browser, path, width=width, scheme=scheme) == ([], width)


@pytest.mark.parametrize("which", ["paper", "report"])
def test_pictures_of_effects_say_estimate_interval_and_side(which, request):
    said = 0
    for html in request.getfixturevalue(which).html.values():
        for alt in re.findall(r'<img[^>]*\salt="([^"]*)"', html):
            assert alt.strip()
            if re.match(r"(Part \d of \d\. )?(Forest plot|Curves) of", alt):
                said += 1
                assert re.search(r"(difference|ratio) −?[\d.]+, 95% CI −?[\d.]+ to −?[\d.]+, ", alt)
                assert re.search(r"(crosses|lies entirely (below|above)) no effect \(", alt)
    assert said >= 2
