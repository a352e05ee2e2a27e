"""Pages of Word: their size, numbered lines, head and foot, and sections that lie on their side."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph

WIDTH, HEIGHT = Cm(21.0), Cm(29.7)
SIDES, TOP, EDGE = Cm(2.0), Cm(2.3), Cm(1.1)
SMALL = 8.5  # points, of head and foot

Element = Any  # lxml's elements carry no types


def set_page(document: WordDocument) -> None:
    """Make a document A4, upright, its lines numbered from first to last.

    Parameters
    ----------
    document
        A document of one section.
    """
    section = document.sections[0]
    section.page_width, section.page_height = WIDTH, HEIGHT
    section.left_margin = section.right_margin = SIDES
    section.top_margin = section.bottom_margin = TOP
    section.header_distance = section.footer_distance = EDGE
    line = f'<w:lnNumType {nsdecls("w")} w:countBy="1" w:distance="240" w:restart="continuous"/>'
    document.element.body.sectPr.find(qn("w:pgMar")).addnext(parse_xml(line))


def furnish(document: WordDocument, *, title: str, note: str) -> None:
    """Write head and foot of the pages.

    Parameters
    ----------
    document
        A document of one section.
    title
        Short title, at the left of the head.
    note
        What every page must say, at the right of the head in bold.
    """
    section = document.sections[0]
    head, foot = section.header.paragraphs[0], section.footer.paragraphs[0]
    head.alignment = None if title else WD_ALIGN_PARAGRAPH.RIGHT
    if title:
        stops, right = head.paragraph_format.tab_stops, WD_TAB_ALIGNMENT.RIGHT
        stops.add_tab_stop(WIDTH - SIDES - SIDES, alignment=right)
        _add(head, f"{title}\t")
    _add(head, note, bold=True)
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for each in (head, foot):
        _leave_unnumbered(each)
    for text, field in (("", "PAGE"), (" of ", "NUMPAGES")):
        _add(foot, text)
        _add_field(foot, field)


def _add(paragraph: Paragraph, text: str, *, bold: bool = False) -> None:
    if text:
        run = paragraph.add_run(text)
        run.font.size, run.font.bold = Pt(SMALL), bold


def _leave_unnumbered(paragraph: Paragraph) -> None:
    """Keep a line of head or foot out of the count, as Word does unasked, but not LibreOffice."""
    properties = paragraph.paragraph_format.element.get_or_add_pPr()
    properties.insert(
        int(properties.find(qn("w:pStyle")) is not None),
        parse_xml(f"<w:suppressLineNumbers {nsdecls('w')}/>"),
    )


def _add_field(paragraph: Paragraph, name: str) -> None:
    run = f'<w:r><w:rPr><w:sz w:val="{round(2 * SMALL)}"/></w:rPr><w:t>1</w:t></w:r>'
    field = f'<w:fldSimple {nsdecls("w")} w:instr=" {name} ">{run}</w:fldSimple>'
    paragraph.paragraph_format.element.append(parse_xml(field))


def without_line_numbers(document: WordDocument, spacing: float) -> None:
    """Take line numbers and wide spacing out of a document, such as a supplement.

    Parameters
    ----------
    document
        The document; its sections are whole already.
    spacing
        Of the lines of the text.
    """
    for number in list(document.element.body.iter(qn("w:lnNumType"))):
        number.getparent().remove(number)
    document.styles["Body Text"].paragraph_format.line_spacing = spacing


def lay_sections(document: WordDocument) -> None:
    """Complete the marks that `blocks.lua` put around landscape divs.

    Sections without content fall away, so that no page stays empty. A mark moves into the paragraph
    before it, which saves a line on a full page. Every section gets margins, head and foot of the
    last, turned where it lies on its side.

    Parameters
    ----------
    document
        The document as pandoc wrote it.
    """
    body = document.element.body
    final = body.sectPr
    filled = False
    for element in list(body):
        mark = _mark(element)
        if mark is None:
            filled = filled or element is not final
        elif not filled:
            body.remove(element)
        else:
            _place(element, _section(final, mark))
            filled = False
    if not filled:
        _end_on_side(body, final)


def _mark(element: Element) -> Element | None:
    """Return the section properties of a paragraph that is nothing but a mark."""
    if element.tag != qn("w:p") or len(element) != 1:
        return None
    found: Element | None = element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}")
    return found


def _section(final: Element, mark: Element) -> Element:
    section = deepcopy(final)
    size = mark.find(qn("w:pgSz"))
    if size is not None and size.get(qn("w:orient")) == "landscape":
        _turn(section)
    return section


def _turn(section: Element) -> None:
    size = section.find(qn("w:pgSz"))
    width, height = size.get(qn("w:w")), size.get(qn("w:h"))
    size.set(qn("w:w"), height)
    size.set(qn("w:h"), width)
    size.set(qn("w:orient"), "landscape")


def _place(element: Element, section: Element) -> None:
    before = element.getprevious()
    if before is not None and before.tag == qn("w:p") and not _has_section(before):
        before.get_or_add_pPr().append(section)
        element.getparent().remove(element)
    else:
        element.find(qn("w:pPr")).replace(element.find(f"{qn('w:pPr')}/{qn('w:sectPr')}"), section)


def _has_section(paragraph: Element) -> bool:
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None


def _end_on_side(body: Element, final: Element) -> None:
    """Let the last section with content be the last of the document."""
    for section in reversed(list(_sections(body))):
        size, last = section.find(qn("w:pgSz")), final.find(qn("w:pgSz"))
        final.replace(last, deepcopy(size))
        section.getparent().remove(section)
        return


def _sections(body: Element) -> Iterator[Element]:
    yield from body.iterfind(f"{qn('w:p')}/{qn('w:pPr')}/{qn('w:sectPr')}")
