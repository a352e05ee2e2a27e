"""Take any file apart that may be shared: pages, PDFs, Word and Excel files, archives, data."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DecodedStreamObject, EncodedStreamObject, NameObject

from analysis.publish.disclosure_html import read_html
from analysis.publish.disclosure_parts import Part, Table
from analysis.publish.disclosure_svg import read_svg

PICTURES = {"png", "jpg", "jpeg", "gif", "webp", "bmp", "tiff"}
PACKED = {"docx", "xlsx", "zip", "pptx", "odt"}
TEXT = {
    "txt",
    "md",
    "csv",
    "tsv",
    "css",
    "js",
    "bib",
    "cff",
    "yml",
    "yaml",
    "script",
    "typ",
    "sha256",
}
DEEPEST = 6  # files in files
LARGEST = 500_000_000  # bytes that an archive may unpack to
PIECE = 10  # text objects of a PDF
_TEXT_OBJECT = re.compile(rb"\bBT\b.*?\bET\b", re.DOTALL)
_OPENING = re.compile(r"[\[{]")
_SPOKEN = re.compile(r"\b(?:descr|title|Target|author|w:author)=\"([^\"]*)\"")


def read_parts(path: Path, name: str) -> Iterator[Part]:
    """Take a file apart, and every file embedded in it.

    Parameters
    ----------
    path
        The file.
    name
        What it is called in messages.

    Yields
    ------
    Part
        One for each text, table, picture, comment, script, piece of metadata; and one, with the
        reason, for what cannot be read.
    """
    yield from _parts(path.read_bytes(), _kind(path.name), name, "", 0)


def _kind(name: str) -> str:
    return Path(name).suffix.lower().lstrip(".")


def _parts(data: bytes, kind: str, file: str, within: str, depth: int) -> Iterator[Part]:
    place = _place(within)
    reader = next((read for read, kinds, start in _READERS if _is(data, kind, kinds, start)), None)
    if depth > DEEPEST:
        yield Part(file, place, opaque="files are nested too deeply")
    elif reader is not None:
        yield from reader(data, file, within, depth)
    elif kind in PICTURES:
        yield Part(file, place, opaque="a picture made of pixels cannot be read")
    elif kind in TEXT or _is_text(data):
        yield from _plain(_text(data), kind, file, place)
    else:
        yield Part(file, place, opaque=f"a file of the kind {kind or 'unknown'!r} cannot be read")


def _is(data: bytes, kind: str, kinds: set[str], start: bytes) -> bool:
    return kind in kinds or bool(start and data.startswith(start))


def _place(within: str) -> str:
    return within.rstrip(", ") or "file"


def _svg(data: bytes, file: str, within: str, _depth: int) -> Iterator[Part]:
    yield from read_svg(_text(data), file, _place(within))


def _text(data: bytes) -> str:
    return data.decode("utf-8", errors="replace")


def _is_text(data: bytes) -> bool:
    try:
        return "\0" not in data.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _page(data: bytes, file: str, within: str, depth: int) -> Iterator[Part]:
    for each in read_html(_text(data), file, within):
        if isinstance(each, Part):
            yield each
        else:
            place, kind, content = each
            kind = kind.rpartition("/")[2].removeprefix("x-").replace("plain", "txt")
            yield from _parts(content, kind, file, f"{place}, ", depth + 1)


def _plain(text: str, kind: str, file: str, place: str) -> Iterator[Part]:
    """Read text; tables in it as tables, and data written into a script as data too."""
    table = _delimited(text, {"csv": ",", "tsv": "\t"}[kind]) if kind in {"csv", "tsv"} else None
    numbers = tuple(_number_lists(list(_values(text)))) if kind == "script" else ()
    yield Part(file, place, text, table=table, numbers=numbers)


def _delimited(text: str, delimiter: str) -> Table | None:
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter))
    width = max((len(row) for row in rows), default=0)
    full = [(*row, *[""] * (width - len(row))) for row in rows]
    return Table(full[0], tuple(full[1:])) if full else None


def _values(script: str) -> Iterator[object]:
    """Find the lists and mappings that are written out in a script."""
    decoder, at = json.JSONDecoder(), 0
    while match := _OPENING.search(script, at):
        try:
            value, at = decoder.raw_decode(script, match.start())
            yield value
        except ValueError:
            at = match.start() + 1


def _json(data: bytes, file: str, within: str, _depth: int) -> Iterator[Part]:
    text, place = _text(data), _place(within)
    try:
        value = json.loads(text)
    except ValueError:
        yield Part(file, place, text)
        return
    yield Part(file, place, text, numbers=tuple(_number_lists(value)))


def _number_lists(value: object) -> Iterator[tuple[float, ...]]:
    """Find lists of numbers, and of one number in each of several records."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _number_lists(each)
    elif isinstance(value, list):
        numbers = [x for x in value if isinstance(x, int | float) and not isinstance(x, bool)]
        if numbers and len(numbers) >= 0.8 * len(value):
            yield tuple(map(float, numbers))
        records = [each for each in value if isinstance(each, dict)]
        for key in {key for each in records for key in each}:
            column = [each.get(key) for each in records]
            yield from _number_lists([x for x in column if not isinstance(x, dict | list)])
        for each in value:
            yield from _number_lists(each)


def _pdf(data: bytes, file: str, within: str, depth: int) -> Iterator[Part]:
    try:
        reader = PdfReader(io.BytesIO(data))
        metadata = {str(k): str(v) for k, v in (reader.metadata or {}).items()}
        xmp = reader.xmp_metadata
        about = [*metadata.values(), _text(xmp.stream.get_data()) if xmp else ""]
        yield Part(file, f"{within}metadata", " ".join(about))
        for number, page in enumerate(reader.pages, 1):
            yield Part(file, f"{within}page {number}", _page_text(page))
            notes = [
                str(note.get_object().get("/Contents", "")) for note in page.get("/Annots") or ()
            ]
            if text := " ".join(notes).strip():
                yield Part(file, f"{within}page {number}, annotations", text)
        for name, contents in reader.attachments.items():
            for content in contents:
                place = f"{within}attachment {name}"
                yield Part(file, place, name, opaque="a file is attached")
                yield from _parts(content, _kind(name), file, f"{place}, ", depth + 1)
    except (PyPdfError, ValueError, KeyError) as error:
        yield Part(file, f"{within}file", opaque=f"this PDF cannot be read ({error})")


def _page_text(page: PageObject) -> str:
    """Read the text of a page without what draws pictures.

    It goes by small pieces: the time that pypdf takes grows with the square of a piece.
    """
    contents = page.get_contents()
    found = _TEXT_OBJECT.findall(contents.get_data()) if contents is not None else []
    pictures = [each.get_object() for each in _resources(page).values()]
    texts = []
    for start in range(0, len(found), PIECE):
        piece = DecodedStreamObject()
        piece.set_data(b"\n".join(found[start : start + PIECE]))
        page[NameObject("/Contents")] = piece
        texts.append(page.extract_text())
    inner = [
        page.extract_xform_text(each)
        for each in pictures
        if isinstance(each, EncodedStreamObject) and _TEXT_OBJECT.search(each.get_data())
    ]
    return "\n".join([*texts, *inner])


def _resources(page: PageObject) -> dict[str, Any]:
    resources = page.get("/Resources")
    found = resources.get_object().get("/XObject") if resources else None
    return dict(found.get_object()) if found else {}


def _archive(data: bytes, file: str, within: str, depth: int) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(each.file_size for each in entries) > LARGEST:
                yield Part(file, f"{within}file", opaque="the archive unpacks to too much")
                return
            for each in entries:
                if not each.is_dir():
                    place = f"{within}{each.filename}, "
                    yield from _parts(
                        archive.read(each), _kind(each.filename), file, place, depth + 1
                    )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        yield Part(file, f"{within}file", opaque=f"this archive cannot be read ({error})")


def _xml(data: bytes, file: str, within: str, _depth: int) -> Iterator[Part]:
    """Read the words of a part of a Word or Excel file; tables of Word as tables."""
    text, place = _text(data), _place(within)
    paragraphs = re.sub(r"</w:p>|</w:tc>|</row>|</si>|<w:tab/>|</c>", " ", text)
    attributes = " ".join(
        re.findall(r"\b(?:descr|title|Target|author|w:author)=\"([^\"]*)\"", text)
    )
    words = " ".join(re.sub(r"<[^>]+>", "", paragraphs).split())
    yield Part(file, place, f"{words} {attributes}".strip())
    for number, table in enumerate(re.findall(r"<w:tbl>.*?</w:tbl>", text, re.DOTALL), 1):
        written = re.findall(r"<w:tr\b.*?</w:tr>", table, re.DOTALL)
        rows = [_word_row(row) for row in written]
        width = max((len(row) for row in rows), default=0)
        full = [row + ("",) * (width - len(row)) for row in rows]
        if full:
            last = sum("<w:tblHeader" in row for row in written) or 1
            heads = tuple(" ".join(cells).strip() for cells in zip(*full[:last], strict=True))
            yield Part(file, f"{place}, table {number}", table=Table(heads, tuple(full[last:])))


def _word_row(row: str) -> tuple[str, ...]:
    """Read the cells of a row of Word; one that spans columns stands in each of them."""
    cells: list[str] = []
    for cell in re.findall(r"<w:tc>.*?</w:tc>", row, re.DOTALL):
        span = re.search(r'<w:gridSpan w:val="(\d+)"', cell)
        text = " ".join(re.sub(r"<[^>]+>", "", cell).split())
        cells += [text] * (int(span[1]) if span else 1)
    return tuple(cells)


def _parquet(data: bytes, file: str, within: str, _depth: int) -> Iterator[Part]:
    import pandas as pd

    place = _place(within)
    frame = pd.read_parquet(io.BytesIO(data))
    rows = tuple(tuple(str(cell) for cell in row) for row in frame.itertuples(index=False))
    text = "\n".join(" ".join(row) for row in rows)
    yield Part(file, place, text, table=Table(tuple(str(name) for name in frame.columns), rows))


_Reader = Callable[[bytes, str, str, int], Iterator[Part]]
_READERS: tuple[tuple[_Reader, set[str], bytes], ...] = (
    (_page, {"html", "htm", "xhtml"}, b""),
    (_svg, {"svg", "svg+xml"}, b""),
    (_json, {"json", "jsonld", "ld+json", "ipynb"}, b""),
    (_pdf, {"pdf"}, b"%PDF-"),
    (_archive, PACKED, b"PK\3\4"),
    (_xml, {"xml", "rels"}, b""),
    (_parquet, {"parquet"}, b"PAR1"),
)
