"""What a reader finds in the rendered HTML and PDF."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader
from small_projects import write_sample

from analysis.publish.disclosure_html import DATA_URI, decoded
from analysis.publish.engine import render
from analysis.publish.external import external_loads


def plain(text: str) -> str:
    """Text with single spaces and without the soft hyphens of the PDF."""
    return " ".join(text.replace("\u00ad", "").replace("\u2010", "-").split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.skip = 0

    def handle_starttag(self, tag, attrs):
        del attrs
        self.skip += tag in {"style", "script", "annotation"}

    def handle_endtag(self, tag):
        self.skip -= tag in {"style", "script", "annotation"}

    def handle_data(self, data):
        if not self.skip:
            self.parts.append(data)


def html_text(path: Path) -> str:
    reader = _Text()
    reader.feed(path.read_text(encoding="utf-8"))
    return plain("".join(reader.parts))


def pdf_text(path: Path) -> str:
    return plain("\n".join(page.extract_text() for page in PdfReader(path).pages))


@pytest.fixture(scope="session")
def texts(paper):
    html, pdf = paper.outputs[0], paper.outputs[1]
    return {"html": html_text(html), "pdf": pdf_text(pdf)}


IN_BOTH = [
    "Effects of drug X: a meta-analysis",
    "A subtitle",
    "Anna O’Brien1,2",
    "5 January 2026",
    "It has two paragraphs.",
    "Keywords: meta-analysis; individual participant data",
    "Synthetic demonstration data",
    "1.1 Model",
    "The pooled effect was −10.7 (95% CI −14.1 to −7.4) in 27 trials, a*b_c<d[e and raw markdown.",
    "Code stays: `{python} lost`.",
    "See Figure 1, 1, Fig 1, Table 1, Table 2, Section 1.1, Equation 1, Table A1 and Figure A1.",
    "Registered as CRD42 with 33 trials sought and fallback.",
    "Figure 1: Forest plot of drug X",
    "Table 1: A pipe table",
    "Table 2: A wide table.",
    "Table A1: An appendix table.",
    "Figure A1: An appendix figure.",
    "A footnote with",
    "A deviation",
    "From protocol to paper.",
    "Hidden at first.",
    "Arm exercise",
    "printed text",
    "lost()",
    "ZeroDivisionError: division by zero",
    "Written by a cell in a list.",
    "# shown, not run: `{python} lost` {{< video x >}} @fig-nowhere",
    "Meta-analysis of Individual Participant Data",
]


@pytest.mark.parametrize("kind", ["html", "pdf"])
@pytest.mark.parametrize("sentence", IN_BOTH)
def test_text(texts, kind, sentence):
    found = texts[kind].replace("'", "’") if "’" in sentence else texts[kind]
    assert sentence.lower() in found.lower()


@pytest.mark.parametrize(
    ("sentence", "kinds"),
    [
        ("Only in HTML.", {"html"}),
        ("Only in print.", {"pdf"}),
        ("Only in Word.", set()),
        ("A note to ourselves", set()),
        ("Column number 3", {"html"}),
        ("Col 3", {"pdf"}),
        ("WORD", set()),
        ("Banner of the project", {"html"}),
        ("Header of the project", {"pdf"}),
        (":::", set()),
        ("{=", set()),
    ],
)
def test_text_of_one_format(texts, sentence, kinds):
    assert {kind for kind, text in texts.items() if sentence in text} == kinds


def test_page_loads_nothing(paper):
    for path in paper.outputs:
        if path.suffix == ".html":
            assert external_loads(path.read_text(encoding="utf-8")) == []


def test_page_is_accessible(paper):
    html = paper.outputs[0].read_text(encoding="utf-8")
    assert '<html lang="en-GB">' in html
    assert 'href="#content"' in html
    images = re.findall(r"<img [^>]*>", html)
    assert len(images) == 2
    assert 'alt="Two trials and &quot;pooled&quot;, all below zero."' in html
    assert 'alt="A black box"' in html
    headings = re.findall(r"<(h\d)", html)
    assert headings.count("h1") == 1
    assert {"h2", "h3"} <= set(headings)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(ids)
    assert re.search("name=.from-header.", html)
    assert 'href="paper.pdf" download' in html


def test_pdf_is_archivable_and_tagged(paper):
    for path in paper.outputs:
        if path.suffix == ".pdf":
            catalogue = PdfReader(path).trailer["/Root"]
            xmp = catalogue["/Metadata"].get_data().decode()
            assert catalogue["/MarkInfo"]["/Marked"]
            assert "/StructTreeRoot" in catalogue
            assert "<pdfaid:part>2</pdfaid:part>" in xmp
            assert "<pdfaid:conformance>B</pdfaid:conformance>" in xmp
            assert str(catalogue["/Lang"]).startswith("en")


def test_pdf_pages(paper):
    pdf = PdfReader(paper.outputs[1])
    texts = [plain(page.extract_text()) for page in pdf.pages]
    count = len(pdf.pages)
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Effects of drug X: a meta-analysis"
    assert pdf.metadata.author == "Anna O'Brien, Seán Müller"
    for number, text in enumerate(texts, 1):
        assert "Synthetic demonstration data" in text
        assert f"{number} of {count}" in text
    wide = [
        page
        for page, text in zip(pdf.pages, texts, strict=True)
        if "Col 3" in text and "2.000" in text
    ]
    assert len(wide) >= 2, "a long table breaks, and repeats its header"
    assert all(page.mediabox.width > page.mediabox.height for page in wide)


def test_fonts_are_embedded_and_ours(paper):
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[-1]
        for page in PdfReader(paper.outputs[1]).pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert fonts
    assert all(re.match("Libertinus|DejaVu|NewCM|STIX", font) for font in fonts), fonts


def test_words_of_figures_are_text_on_every_machine(paper):
    page, pdf = paper.outputs[0].read_text(encoding="utf-8"), PdfReader(paper.outputs[1])
    pictures = [decoded(uri).decode() for uri in DATA_URI.finditer(page) if "svg" in uri[1]]
    forest = next(each for each in pictures if ">Mean difference</text>" in each)
    assert "@font-face{font-family:'DejaVu Sans'" in forest
    assert any("Mean difference" in plain(each.extract_text()) for each in pdf.pages)


def test_rendering_twice_gives_the_same_bytes(paper, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    again = render(write_sample(tmp_path), engine="embedded")
    for first, second in zip(paper.outputs, again.outputs, strict=True):
        assert first.read_bytes() == second.read_bytes(), first.name
