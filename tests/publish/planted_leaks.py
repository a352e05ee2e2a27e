"""Leaks of every kind, planted one at a time into files that are otherwise fit to be shared."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from analysis.recognise import Known, comparable, windows

ROWS = (
    ("AP001", "44", "72.5", "28.4", "15", "33", "61", "M"),
    ("AP002", "31", "68.1", "30.8", "11", "47", "52", "F"),
    ("AP003", "57", "80.9", "25.2", "18", "21", "49", "F"),
    ("AP004", "63", "77.3", "22.6", "14", "39", "58", "M"),
    ("AP005", "29", "90.2", "27.1", "17", "44", "66", "F"),
    ("AP006", "48", "66.6", "24.9", "13", "28", "71", "M"),
)
KNOWN = Known(
    minimum=10,
    trials=12,
    identifiers=frozenset(row[0] for row in ROWS),
    id_columns=frozenset({"patnr"}),
    sequences=frozenset(
        run for line in (*ROWS, *zip(*ROWS, strict=True)) for run in windows(comparable(line))
    ),
    extremes={"94": "Age"},
    dominated={"412.3": "Days of sick leave"},
    sizes=frozenset({40, 38, 78}),
    private=("m.mustermann",),
)
HEADS = ("Characteristic", "n", "Value", "Missing, %")
FIT = (
    ("Female", "1204", "51.3%", "0.4"),
    ("Previous surgery", "<10", "n<10", "0.4"),
    ("Injection", "≥10", "n≥10", "0.4"),
    ("Age, mean", "2345", "45.7 (45.2 to 46.1)", "0.6"),
)


@dataclass(frozen=True, slots=True)
class Leak:
    """A leak: its files, the rule that finds it, words of the place and of the message."""

    files: dict[str, bytes]
    rule: str
    place: str
    message: str


def page(*, body: str = "", rows=FIT, heads=HEADS, script: str = "") -> bytes:
    """Write a page with a table and a figure, as it should be, and something more."""
    table = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f"""<!doctype html><html><head><meta name="author" content="The review team">
<title>A review</title></head><body><section id="results"><p>Twelve trials, 2345 participants, aged
45.7 years on average (interquartile range 38 to 53).</p>
<figure id="tbl-people"><figcaption>Participants.</figcaption><table><thead><tr>{head}</tr></thead>
<tbody>{table}</tbody></table></figure>
<figure id="fig-forest"><img alt="Twelve trials" src="{uri(picture(marks=12))}"></figure>
{body}</section><script>{script}</script></body></html>""".encode()


def cell(text: str) -> str:
    """Write a cell of a table."""
    return f"<td>{escape(text)}</td>"


NAMES = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="72" height="72"'
)


def picture(*, marks: int, words: str = "Overall") -> str:
    """Draw a picture as matplotlib does: letters as outlines, their words in comments."""
    dots = '<use xlink:href="#m1" x="1" y="2"/>' * marks
    letters = '<use xlink:href="#DejaVuSans-4f"/>' * 300
    return f'<svg {NAMES}><g id="t"><!-- {words} --><g>{letters}</g></g><g>{dots}</g></svg>'


def uri(svg: str) -> str:
    """Embed a picture."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def pdf(*, text: str = "Twelve trials", author: str = "", attached: bytes = b"") -> bytes:
    """Write a PDF of one page."""
    writer = PdfWriter()
    sheet = writer.add_blank_page(300, 300)
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"),
        NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })  # fmt: skip
    fonts = DictionaryObject({NameObject("/F1"): font})
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
    sheet[NameObject("/Contents")] = writer._add_object(stream)
    writer.add_metadata({"/Author": author or "The review team"})
    if attached:
        writer.add_attachment("participants.csv", attached)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def docx(parts: dict[str, str]) -> bytes:
    """Write what a Word file is: an archive of XML files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(
            "word/document.xml", "<w:document><w:p><w:t>A review</w:t></w:p></w:document>"
        )
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def _in_page(rule, place, message, **given) -> Callable[[], Leak]:
    return lambda: Leak({"supplement.html": page(**given)}, rule, place, message)


def _in_picture(rule, message, drawn) -> Callable[[], Leak]:
    shown = uri(f"<svg {NAMES}>{drawn}</svg>")
    body = f'<img alt="" src="{shown}">'
    return lambda: Leak({"supplement.html": page(body=body)}, rule, "#results, img src", message)


def _in(file, make, rule, place, message) -> Callable[[], Leak]:
    return lambda: Leak({file: make()}, rule, place, message)


ROW = " ".join(ROWS[0][1:])
SEARCH = json.dumps([{"title": "Results", "text": "Participant AP004 left the trial"}])
POINTS = json.dumps([3.1, -2.2] * 60)
AGES = json.dumps({"ages": [float(row[1]) for row in ROWS]})
CUSTOM = "<Properties><property><vt:lpwstr>/home/m/review</vt:lpwstr></property></Properties>"

LEAKS: dict[str, Callable[[], Leak]] = {
    "identifier in the text": _in_page(
        "identifier", "#results", "'AP003'", body="<p>as in AP003, who left</p>"
    ),
    "identifier in a comment": _in_page("identifier", "comment", "'AP001'", body="<!-- AP001 -->"),
    "identifier in the search index": _in_page(
        "identifier", "script", "'AP004'", script=f"const index = {SEARCH};"
    ),
    "identifier in a picture": _in_page(
        "identifier",
        "#results, img src",
        "'AP002'",
        body=f'<img alt="" src="{uri(picture(marks=2, words="AP002"))}">',
    ),
    "identifier in the text of a picture": _in_picture(
        "identifier", "'AP002'", '<text x="1" y="2">of <tspan>AP</tspan>002</text>'
    ),
    "identifier in letters placed one by one": _in_picture(
        "identifier",
        "'AP002'",
        "<text>\n"
        + "\n".join(f'<tspan x="{x}">{each}</tspan>' for x, each in ((1, "A"), (2, "P"), (4, "02")))
        + '\n<tspan x="3">0</tspan>\n</text>',
    ),
    "identifier in the name of a part of a picture": _in_picture(
        "identifier", "'AP002'", '<g aria-label="AP002"/>'
    ),
    "identifier in a script of a picture": _in_picture(
        "identifier", "'AP002'", "<script><![CDATA[show('AP002')]]></script>"
    ),
    "small number in the text of a picture": _in_picture(
        "small number", "'4 participants'", "<text>4&#32;participants</text>"
    ),
    "pixels in a picture": _in_picture(
        "unreadable", "pixels", '<image width="9" xlink:href="data:image/png;base64,iVBORw0KGgo="/>'
    ),
    "identifier in an alternative text": _in_page(
        "identifier", "img alt", "'AP005'", body='<img alt="The course of AP005">'
    ),
    "column of identifiers": _in_page(
        "identifier", "#tbl-people, table", "'PATNR'", heads=("PATNR", "n", "Value", "Missing, %")
    ),
    "row of a participant": _in_page("row", "#results", "44, 72.5, 28.4", body=f"<p>{ROW}</p>"),
    "row of a participant in a table": _in_page(
        "row",
        "#tbl-people, table",
        "31, 68.1",
        rows=(*FIT, ROWS[1][1:5], ROWS[1][1:]),
        heads=("a", "b", "c", "d", "e", "f", "g"),
    ),
    "column of a trial as data": _in_page("row", "script", "44, 31, 57", script=f"draw({AGES})"),
    "small number in a table": _in_page(
        "small number",
        "#tbl-people, table",
        "row 'Diabetes', column 'n': 4",
        rows=(*FIT, ("Diabetes", "4", "", "")),
    ),
    "small number in a sentence": _in_page(
        "small number",
        "#results",
        "'three participants'",
        body="<p>Only three participants died.</p>",
    ),
    "small number given away by a total": _in_page(
        "margin",
        "#tbl-people, table",
        "'<10'",
        heads=("Sex", "n"),
        rows=(("Male", "120"), ("Other", "<10"), ("Total", "123")),
    ),
    "two numbers given away by the smallest total that they can have": _in_page(
        "margin",
        "#tbl-people, table",
        "'<10'",
        heads=("Sex", "n"),
        rows=(("Male", "120"), ("Other", "<10"), ("Not stated", "≥10"), ("Total", "131")),
    ),
    "two small numbers given away by the largest total that they can have": _in_page(
        "margin",
        "#tbl-people, table",
        "'<10'",
        heads=("Sex", "n"),
        rows=(("Male", "120"), ("Other", "<10"), ("Not stated", "<10"), ("Total", "138")),
    ),
    "small number given away by a percentage": _in_page(
        "share", "#tbl-people, table", "'<10'", rows=(*FIT, ("Diabetes", "<10", "0.3%", "0"))
    ),
    "largest value in a sentence": _in_page(
        "extreme", "#results", "94 is an extreme of Age", body="<p>The oldest was 94 years.</p>"
    ),
    "largest value in a table": _in_page(
        "extreme",
        "table",
        "94 is an extreme",
        heads=("Characteristic", "n", "Mean", "Maximum"),
        rows=(("Age", "2345", "45.7", "94"),),
    ),
    "mean that one participant makes": _in_page(
        "dominance", "#results", "412.3 of Days of sick leave", body="<p>On average 412.3 days.</p>"
    ),
    "a mark for each participant": _in_page(
        "points",
        "#results, img src",
        "78 marks",
        body=f'<img alt="" src="{uri(picture(marks=78))}">',
    ),
    "a residual for each participant": _in_page(
        "points", "script", "a list of 120 numbers", script=f"const residuals = {POINTS};"
    ),
    "path of a machine": _in_page(
        "path", "comment", "/home/someone", body="<!-- made from /home/someone/trial.csv -->"
    ),
    "user name": _in_page(
        "user name",
        "meta content",
        "'m.mustermann'",
        body='<meta name="creator" content="m.mustermann">',
    ),
    "remains of a notebook": _in_page(
        "notebook",
        "#results",
        "the message of a failure",
        body="<pre>Traceback (most recent call last)</pre>",
    ),
    "printed data frame": _in_page(
        "notebook", "#results", "[812 rows x 9 columns]", body="<pre>[812 rows x 9 columns]</pre>"
    ),
    "picture of pixels": _in_page(
        "unreadable",
        "#results, img src",
        "pixels",
        body='<img alt="" src="data:image/png;base64,iVBORw0KGgo=">',
    ),
    "data embedded in a link": _in_page(
        "identifier",
        "a href",
        "'AP006'",
        body='<a href="data:text/csv,id%2Cage%0AAP006%2C48">get</a>',
    ),
    "identifier in a PDF": _in(
        "a.pdf", lambda: pdf(text="AP001 was excluded"), "identifier", "page 1", "'AP001'"
    ),
    "user name in a PDF": _in(
        "a.pdf", lambda: pdf(author="m.mustermann"), "user name", "metadata", "'m.mustermann'"
    ),
    "file attached to a PDF": _in(
        "a.pdf",
        lambda: pdf(attached=b"PATNR,AGE\nAP001,44\n"),
        "unreadable",
        "attachment participants.csv",
        "attached",
    ),
    "identifier in a file attached to a PDF": _in(
        "a.pdf",
        lambda: pdf(attached=b"PATNR,AGE\nAP001,44\n"),
        "identifier",
        "attachment participants.csv",
        "'AP001'",
    ),
    "comment in a Word file": _in(
        "a.docx",
        lambda: docx({"word/comments.xml": "<w:p><w:t>ask about AP002</w:t></w:p>"}),
        "identifier",
        "word/comments.xml",
        "'AP002'",
    ),
    "properties of a Word file": _in(
        "a.docx",
        lambda: docx({"docProps/custom.xml": CUSTOM}),
        "path",
        "docProps/custom.xml",
        "/home/m",
    ),
    "identifier in the released cut": _in(
        "data/releases/a/cut.json",
        lambda: b'{"left_out": ["AP003"]}',
        "identifier",
        "file",
        "'AP003'",
    ),
}
FIT_FILES = {"supplement.html": page(), "a.pdf": pdf(), "a.docx": docx({})}
