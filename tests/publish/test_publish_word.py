"""Word files of the embedded engine, read part by part: what Word and a journal need."""

import io
import re
import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from lxml import etree
from small_projects import SETTINGS, problems_of, write_project, write_sample

from analysis.publish.embedded.word_reference import reference_document
from analysis.publish.engine import render

SOFFICE = shutil.which("soffice")
ROOT = Path(__file__).resolve().parents[2]
WORD_ONLY = SETTINGS[: SETTINGS.index("format:")] + "format: {docx: {}}\n"
A4 = (21.0, 29.7)  # cm
# ECMA-376, part 1: sections 17.3.1.26, 17.3.2.28, 17.6.17, 17.4.60; what is used here.
ORDERS = {
    "pPr": "pStyle keepNext keepLines numPr suppressLineNumbers pBdr tabs spacing ind jc sectPr",
    "rPr": "rStyle rFonts b bCs i iCs strike color sz szCs vertAlign lang",
    "sectPr": "headerReference footerReference footnotePr type pgSz pgMar lnNumType cols titlePg",
    "tblPr": "tblStyle tblW jc tblInd tblBorders tblLayout tblCellMar tblLook tblDescription",
}
EXAMPLES = ("individualized-exercise", "periodontal-pregnancy", "therapist-delivered-care")


@pytest.fixture(scope="module", autouse=True)
def _time():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
        yield


def sample(folder, formats):
    """Render the sample paper, with its Word file."""
    write_sample(folder)
    settings = folder / "_quarto.yml"
    settings.write_text(settings.read_text("utf-8") + "  docx: {}\n", encoding="utf-8")
    return render(folder, engine="embedded", documents=["paper.qmd"], formats=formats).outputs


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Render the sample paper as a page and for Word."""
    return sample(tmp_path_factory.mktemp("word"), ["html", "docx"])


@pytest.fixture(scope="module")
def path(outputs):
    """Path of the sample paper."""
    return next(each for each in outputs if each.suffix == ".docx")


@pytest.fixture(scope="module")
def page(outputs):
    """Text of the same paper as a page."""
    return next(each for each in outputs if each.suffix == ".html").read_text("utf-8")


@pytest.fixture
def document(path):
    """Open the sample paper."""
    return Document(str(path))


def written(folder, text, **files):
    """Render a document without cells for Word, and open it."""
    project = write_project(folder, {"_quarto.yml": WORD_ONLY, "paper.qmd": text, **files})
    (output,) = render(project, engine="embedded").outputs
    return Document(str(output))


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def texts(element):
    return "".join(each.text or "" for each in element.iter(qn("w:t")))


def instructions(document):
    simple = [e.get(qn("w:instr")) for e in document.element.body.iter(qn("w:fldSimple"))]
    return [*simple, *(e.text for e in document.element.body.iter(qn("w:instrText")))]


def captions(document):
    names = {"Table Caption", "Image Caption"}
    return [each for each in document.paragraphs if each.style.name in names]


def test_every_part_is_xml_and_tells_no_path_and_no_user(path):
    for name, content in parts(path).items():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(content)
            words = content.decode("utf-8")
            assert str(path.parent.parent) not in words
            assert "ipdbook" not in words.lower()


def test_properties_stand_in_the_order_that_word_wants(path):
    for name, content in parts(path).items():
        if name.startswith("word/") and name.endswith(".xml"):
            for element in etree.fromstring(content).iter(*(qn(f"w:{each}") for each in ORDERS)):
                order = ORDERS[etree.QName(element).localname].split()
                names = [etree.QName(each).localname for each in element]
                known = [each for each in names if each in order]
                assert known == sorted(known, key=order.index), name


def test_properties_say_what_it_is(document):
    about = document.core_properties
    assert about.title == "Effects of drug X: a meta-analysis"
    assert about.author == "Anna O'Brien; Seán Müller"
    assert (about.language, about.last_modified_by) == ("en-GB", "")
    assert about.created.isoformat()[:10] == about.modified.isoformat()[:10] == "2026-01-01"


def test_two_builds_in_two_places_give_the_same_bytes(path, tmp_path):
    (again,) = sample(tmp_path, ["docx"])
    assert again.read_bytes() == path.read_bytes()


def test_captions_have_the_numbers_of_the_page(document, page):
    labels = re.findall(r'<span class="caption-label">([^<]+)</span>', page)
    found = [texts(each._p).replace("\xa0", " ") for each in captions(document)]
    assert len(labels) == len(found) == 5
    for label, text in zip(labels, found, strict=True):
        assert text.startswith(label.replace("\xa0", " "))


def test_numbers_of_captions_are_fields_that_count_as_they_say(document):
    counts = {}
    for each in captions(document):
        (field,) = each._p.iter(qn("w:fldSimple"))
        name = re.fullmatch(r" SEQ (\w+) \\\* ARABIC ", field.get(qn("w:instr")))[1]
        counts[name] = counts.get(name, 0) + 1
        assert texts(field) == str(counts[name])
    assert counts == {"Figure": 1, "Table": 2, "Table_A": 1, "Figure_A": 1}


def test_references_are_fields_that_lead_to_captions_and_read_as_on_the_page(document, page):
    marks = [e.get(qn("w:name")) for e in document.element.body.iter(qn("w:bookmarkStart"))]
    named = [i.split()[1] for i in instructions(document) if i.split()[0] == "REF"]
    assert len(named) == 8
    assert set(named) <= set(marks)
    assert len(set(marks)) == len(marks)
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]{0,39}", each) for each in marks)
    (sentence,) = [each for each in document.paragraphs if "Code stays" in texts(each._p)]
    shown = re.search(r"See .*? Registered", re.sub(r"<[^>]+>", "", page), re.DOTALL)[0]
    assert " ".join(shown.split()) in " ".join(texts(sentence._p).split())


@pytest.mark.parametrize(
    ("label", "crossref", "shown"),
    [
        ("fig-" + "long-" * 12 + "a", "", "Figure 1"),
        ("fig-short", "  fig-prefix: Fig.\n", "Fig. 1"),
        ("fig-short", "  fig-title: Chart\n  fig-prefix: chart\n", "chart 1"),
    ],
)
def test_labels_of_any_length_and_other_words_keep_their_fields(tmp_path, label, crossref, shown):
    float_ = f"::: {{#{label}}}\n\n![](/picture.svg){{fig-alt=A}}\n\nIt.\n\n:::\n\nSee @{label}.\n"
    settings = WORD_ONLY.replace("crossref:\n", f"crossref:\n{crossref}")
    document = written(tmp_path, float_, **{"_quarto.yml": settings})
    (instruction,) = [each for each in instructions(document) if "REF" in each]
    marks = [e.get(qn("w:name")) for e in document.element.body.iter(qn("w:bookmarkStart"))]
    assert instruction.split()[1] in marks
    assert max(map(len, marks)) <= 40
    assert texts(document.paragraphs[-1]._p).replace("\xa0", " ") == f"See {shown}."


def test_bookmarks_are_numbered_apart_and_closed(document):
    starts, ends = (
        [e.get(qn("w:id")) for e in document.element.body.iter(qn(f"w:{name}"))]
        for name in ("bookmarkStart", "bookmarkEnd")
    )
    assert len(set(starts)) == len(starts)
    assert sorted(starts) == sorted(ends)


def test_sections_are_a4_numbered_and_turned_for_wide_tables(document):
    sections = list(document.sections)
    assert [each.orientation for each in sections] == [
        WD_ORIENT.PORTRAIT,
        WD_ORIENT.LANDSCAPE,
        WD_ORIENT.PORTRAIT,
    ]
    for each in sections:
        sides = (each.page_width.cm, each.page_height.cm)
        turned = each.orientation == WD_ORIENT.LANDSCAPE
        assert sides[::-1] if turned else sides == pytest.approx(A4, abs=0.01)
        assert texts(each.header._element) == "Synthetic demonstration data"
    properties = list(document.element.body.iter(qn("w:sectPr")))
    numbers = [each.find(qn("w:lnNumType")).get(qn("w:restart")) for each in properties]
    assert numbers == ["continuous"] * 3
    fields = sections[0].footer._element.iter(qn("w:fldSimple"))
    assert [each.get(qn("w:instr")).strip() for each in fields] == ["PAGE", "NUMPAGES"]


def test_figures_have_300_dots_per_inch_and_say_what_they_show(document):
    drawings = list(document.element.body.iter(qn("wp:inline")))
    alts = [each.find(qn("wp:docPr")).get("descr") for each in drawings]
    assert alts == ['Two trials and "pooled", all below zero.', "A black box"]
    figure, (blip,) = drawings[0], drawings[0].iter(qn("a:blip"))
    picture = document.part.related_parts[blip.get(qn("r:embed"))].blob
    (pixels,) = struct.unpack(">I", picture[16:20])
    inches = int(figure.find(qn("wp:extent")).get("cx")) / 914400
    assert pixels / inches >= 299  # more when a figure wider than the text was made to fit


def test_tables_are_native_and_equations_are_equations(document):
    assert [each.cell(0, 0).text for each in document.tables] == ["Item", "WORD", "a"]
    assert len(list(document.element.body.iter(qn("m:oMath")))) == 1
    words = "\n".join(each.text for each in document.paragraphs)
    assert "Only in Word." in words
    assert "Only in print." in words
    assert "Only in HTML." not in words


def test_affiliations_stand_below_the_authors(document):
    found = [each.text for each in document.paragraphs if each.style.name == "Author"]
    assert found == ["Anna O'Brien1,2", "Seán Müller2", "1One University", "2Two Institute"]


def test_a_supplement_can_do_without_line_numbers(tmp_path):
    plain = written(tmp_path / "a", "---\ntitle: A\nline-numbers: false\n---\n\nText.\n")
    numbered = written(tmp_path / "b", "---\ntitle: A\n---\n\nText.\n")
    spacings = []
    for document, lines in ((plain, 0), (numbered, 1)):
        assert len(list(document.element.body.iter(qn("w:lnNumType")))) == lines
        spacings.append(document.styles["Body Text"].paragraph_format.line_spacing)
    assert spacings[0] < spacings[1]


WIDE = "::: {.landscape}\nWide.\n:::\n\n"


@pytest.mark.parametrize(
    ("text", "turned"),
    [
        ("Text.\n\n" + WIDE + WIDE + "Text.\n", [False, True, True, False]),
        (WIDE + "Text.\n", [True, False]),
        ("Text.\n\n" + WIDE, [False, True]),
        ("Text.\n", [False]),
    ],
)
def test_no_section_is_empty(tmp_path, text, turned):
    document = written(tmp_path, "---\nnumber-sections: false\n---\n\n" + text)
    found = [each.orientation == WD_ORIENT.LANDSCAPE for each in document.sections]
    assert found == turned
    assert all(each.text for each in document.paragraphs)


def test_hostile_names_stay_text(tmp_path):
    bad = "</w:t><w:instrText>&'] *x* `y` {z}"
    front = f'---\ntitle: "{bad}"\nauthor: "{bad}"\nkeywords: ["{bad}"]\n---\n\n'
    figure = '![](/picture.svg){fig-alt="<a> & \'b\' \\"c\\""}\n'
    document = written(tmp_path, front + figure)
    assert document.core_properties.author == bad
    assert not list(document.element.body.iter(qn("w:instrText")))
    assert bad in {each.text for each in document.paragraphs if each.style.name == "Author"}
    (drawing,) = document.element.body.iter(qn("wp:docPr"))
    assert drawing.get("descr") == "<a> & 'b' \"c\""


def test_a_journals_own_reference_document_decides(tmp_path):
    journal = Document(io.BytesIO(reference_document(note="Journal")))
    journal.sections[0].page_width = journal.sections[0].page_height
    project = write_project(
        tmp_path,
        {"_quarto.yml": WORD_ONLY.replace("{}", "{reference-doc: j.docx}"), "paper.qmd": "A.\n"},
    )
    journal.save(str(project / "j.docx"))
    (output,) = render(project, engine="embedded").outputs
    section = Document(str(output)).sections[0]
    assert section.page_width == section.page_height
    assert texts(section.header._element) == "Journal"


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("{reference-doc: lost.docx}", "the file lost.docx, which does not exist"),
        ("{reference-dok: a.docx}", "Did you mean 'reference-doc'?"),
    ],
)
def test_problems_are_named(tmp_path, setting, says):
    settings = WORD_ONLY.replace("{}", setting)
    (problem,) = problems_of(
        write_project(tmp_path, {"_quarto.yml": settings, "paper.qmd": "A.\n"})
    )
    assert says in problem


@pytest.mark.parametrize("folder", [".", *(f"examples/{name}" for name in EXAMPLES)])
def test_reference_documents_in_the_repository_are_what_the_code_makes(folder):
    read = yaml.safe_load((ROOT / folder / "_quarto.yml").read_text("utf-8"))
    made = zipfile.ZipFile(io.BytesIO(reference_document(note=read.get("running-note", ""))))
    kept = parts(ROOT / folder / read["format"]["docx"]["reference-doc"])
    assert {name: made.read(name) for name in made.namelist()} == kept


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("target", ["pdf", "odt"])
def test_libreoffice_opens_it(path, tmp_path, target):
    place = f"-env:UserInstallation={(tmp_path / 'office').as_uri()}"
    command = [SOFFICE, "--headless", place, "--convert-to", target, "--outdir", tmp_path, path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "Error" not in done.stdout + done.stderr
    made = tmp_path / f"paper.{target}"
    if target == "odt":
        content = etree.fromstring(parts(made)["content.xml"])
        tables = [e for e in content.iter() if e.tag.endswith("}table")]
        assert len(tables) == len(Document(str(path)).tables)
    else:
        assert made.read_bytes().startswith(b"%PDF-")
