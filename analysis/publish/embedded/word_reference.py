"""The reference document: how manuscripts look in Word, for both engines.

It is pandoc's own, set the way journals want a manuscript: A4, Times New Roman 12 pt, wide line
spacing, black headings, captions and references with single spacing, tables between three rules.
`python -m analysis.publish.embedded.word_reference assets/reference.docx "Running note"` writes it
for Quarto; the embedded engine makes it anew for every document.
"""

import io
import subprocess
import sys
from functools import cache
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from analysis.errors import RenderError
from analysis.publish.embedded.pandoc import pandoc_path
from analysis.publish.embedded.word_pages import furnish, set_page
from analysis.publish.embedded.word_zip import same_bytes

FONT, BODY = "Times New Roman", 12.0
WIDE, SINGLE = 1.8, 1.0  # lines; journals ask for double spacing, which Word counts generously
BLACK = RGBColor(0, 0, 0)
# Size in points, bold, italic, space before and after in points, kept with what follows.
HEADINGS: dict[str, tuple[float, bool, bool, float, float]] = {
    "Heading 1": (15, True, False, 18, 6),
    "Heading 2": (13, True, False, 14, 4),
    "Heading 3": (12, True, True, 12, 4),
    "Heading 4": (12, False, True, 10, 4),
}
SINGLE_SPACED = {
    "Title": (18, 0, 6),
    "Subtitle": (13, 0, 6),
    "Author": (12, 6, 4),
    "Date": (11, 0, 12),
    "Abstract Title": (12, 12, 4),
    "Caption": (10.5, 6, 6),
    "Table Caption": (10.5, 12, 4),
    "Image Caption": (10.5, 4, 14),
    "Bibliography": (11, 0, 4),
    "Compact": (11, 2, 2),
    "Footnote Text": (10, 0, 2),
    "Captioned Figure": (11, 10, 4),
    "Figure": (11, 10, 4),
}
TABLE_BORDERS = f"""<w:tblBorders {nsdecls("w")}>
<w:top w:val="single" w:sz="8" w:space="0" w:color="auto"/>
<w:bottom w:val="single" w:sz="8" w:space="0" w:color="auto"/></w:tblBorders>"""


@cache
def reference_document(*, title: str = "", note: str = "") -> bytes:
    """Make the reference document.

    Parameters
    ----------
    title, note
        What the head of every page says: a short title at the left, and at the right a note, such
        as "Synthetic demonstration data".

    Returns
    -------
    bytes
        The same at every call.
    """
    command = [pandoc_path(), "--print-default-data-file", "reference.docx"]
    done = subprocess.run(command, capture_output=True, check=True)
    document = Document(io.BytesIO(done.stdout))
    _set_text(document)
    for name, look in HEADINGS.items():
        _set_heading(_style(document, name), look)
    for name, (size, before, after) in SINGLE_SPACED.items():
        _set_single(_style(document, name), size, before, after)
    _set_details(document)
    set_page(document)
    furnish(document, title=title, note=note)
    stream = io.BytesIO()
    document.save(stream)
    return same_bytes(stream.getvalue())


def _style(document: WordDocument, name: str) -> ParagraphStyle:
    found = next((each for each in document.styles if each.name == name), None)
    if not isinstance(found, ParagraphStyle):
        raise RenderError(f"The reference document of pandoc has no style {name!r}. Update pandoc.")
    return found


def _set_font(style: ParagraphStyle, size: float) -> None:
    style.font.name = FONT
    style.font.size = Pt(size)
    style.font.color.rgb = BLACK
    fonts = style.element.get_or_add_rPr().find(qn("w:rFonts"))
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:cs"), FONT)


def _set_text(document: WordDocument) -> None:
    _set_font(_style(document, "Normal"), BODY)
    body = _style(document, "Body Text")
    body.paragraph_format.space_before = Pt(0)
    body.paragraph_format.space_after = Pt(8)
    body.paragraph_format.line_spacing_rule = WD_LINE_SPACING.MULTIPLE
    body.paragraph_format.line_spacing = WIDE
    language = document.styles.element.find(".//" + qn("w:lang"))
    language.set(qn("w:val"), "en-GB")


def _set_heading(style: ParagraphStyle, look: tuple[float, bool, bool, float, float]) -> None:
    size, style.font.bold, style.font.italic, before, after = look
    _set_single(style, size, before, after)
    style.paragraph_format.keep_with_next = True


def _set_single(style: ParagraphStyle, size: float, before: float, after: float) -> None:
    _set_font(style, size)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.paragraph_format.line_spacing = SINGLE


def _set_details(document: WordDocument) -> None:
    _leave_title_plain(document)
    numbers = document.styles.add_style("line number", WD_STYLE_TYPE.CHARACTER)
    numbers.font.name, numbers.font.size = FONT, Pt(9)
    for name in ("Title", "Subtitle", "Author", "Date"):
        _style(document, name).paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    for name in ("Caption", "Table Caption", "Image Caption"):
        _style(document, name).font.italic = False
    _style(document, "Table Caption").paragraph_format.keep_with_next = True
    _style(document, "Captioned Figure").paragraph_format.keep_with_next = True
    abstract = _style(document, "Abstract").paragraph_format
    abstract.keep_with_next, abstract.line_spacing = False, WIDE
    _set_font(_style(document, "Abstract"), BODY)
    _style(document, "Abstract Title").paragraph_format.alignment = WD_ALIGN_PARAGRAPH.LEFT
    equation = document.styles.add_style("Numbered Equation", WD_STYLE_TYPE.PARAGRAPH)
    equation.base_style = _style(document, "Body Text")
    equation.paragraph_format.tab_stops.add_tab_stop(Cm(8.5), alignment=WD_TAB_ALIGNMENT.CENTER)
    equation.paragraph_format.tab_stops.add_tab_stop(Cm(17), alignment=WD_TAB_ALIGNMENT.RIGHT)
    references = _style(document, "Bibliography").paragraph_format
    references.left_indent, references.first_line_indent = Cm(0.9), Cm(-0.9)
    references.tab_stops.add_tab_stop(Cm(0.9))
    table = next(each.element for each in document.styles if each.name == "Table")
    properties = table.find(qn("w:tblPr"))
    properties.find(qn("w:tblInd")).addnext(parse_xml(TABLE_BORDERS))


def _leave_title_plain(document: WordDocument) -> None:
    """Leave only the title itself bold, and its letters at their usual distance."""
    for name in ("Title", "Subtitle", "Author", "Date"):
        style = _style(document, name)
        style.font.bold = name == "Title"
        for spacing in style.element.rPr.findall(qn("w:spacing")):
            style.element.rPr.remove(spacing)


if __name__ == "__main__":
    Path(sys.argv[1]).write_bytes(reference_document(note=" ".join(sys.argv[2:])))
