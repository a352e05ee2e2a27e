"""Take a picture apart: its words, and how many marks of each kind it has."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from analysis.publish.disclosure_parts import Part, Table

_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_TEXT = re.compile(r"<text\b([^>]*)>(.*?)</text>", re.DOTALL)
_PIECE = re.compile(r"<tspan\b([^>]*)>([^<]*)")
_UNDRAWN = re.compile(r"<(title|desc|metadata|script|foreignObject)\b.*?</\1>", re.DOTALL)
_SPOKEN = re.compile(r"\b(?:aria-[\w-]+|data-[\w-]+|xlink:title)=\"([^\"]*)\"")
_PIXELS = re.compile(r"<image\b")
_USE = re.compile(r"<use\b[^>]*href=\"#([^\"]+)\"")
_SHAPE = re.compile(r"<(circle|ellipse)\b")
_GLYPH = re.compile(r"^[\w ]*(?:Sans|Serif|Mono|STIX|Cmr|Cmmi|Cmsy|Cmex|Roman)[\w]*-[\w-]+$|^glyph")
_PLACED = re.compile(
    r"<!--\s(.*?)\s-->\s*<g [^>]*translate\(([-\d.]+) ([-\d.]+)\)"
    r"(?: rotate\([^)]*\))? scale\(([\d.]+)",
    re.DOTALL,
)
_NUMBERS = re.compile(r"-?\d[\d.]*(?:e-?\d+)?")
_SAME_LINE = 3.0  # points
_BEFORE = {"middle": 0.5, "end": 1.0}  # part of a text to the left of its anchor
LETTER = 0.6  # width of a letter, in sizes of the letters


@dataclass(frozen=True, slots=True)
class _Word:
    """Words at a place of a picture, in points from the top left."""

    text: str
    y: float
    left: float
    right: float


def read_svg(content: str, file: str, place: str) -> Iterator[Part]:
    """Take an SVG picture apart.

    Letters that matplotlib draws as outlines are read from the comments that it writes beside them.

    Yields
    ------
    Part
        All words, with the marks; the words by line, as the rows of a table; and one, with the
        reason, for pixels in the picture.
    """
    content = _CDATA.sub(lambda found: escape(found[1]), content)
    said = [*_COMMENT.findall(content), *_SPOKEN.findall(content)]
    said += [_TAG.sub(" ", found[0]) for found in _UNDRAWN.finditer(content)]
    said += [each for _, inner in _TEXT.findall(content) for each in _readings(inner)]
    words = " ".join(" ".join(unescape(each).split()) for each in said)
    counted = Counter(name for name in _USE.findall(content) if not _GLYPH.match(name))
    shapes = Counter(_SHAPE.findall(content))
    marks = tuple(sorted({*counted.values(), *shapes.values()}, reverse=True))
    yield Part(file, place, words, marks=marks)
    if _PIXELS.search(content):
        yield Part(file, place, opaque="a picture made of pixels cannot be read")
    table = _as_table(content)
    if table:
        yield Part(file, f"{place}, columns", table=table)


def _readings(inner: str) -> Iterator[str]:
    """Read a text as it is written and, when its pieces are placed one by one, from the left."""
    yield _TAG.sub("", inner)
    pieces = _PIECE.findall(inner)
    if len(pieces) > 1:
        places = [_number(_attribute(attributes, "x")) for attributes, _ in pieces]
        order = sorted(range(len(pieces)), key=places.__getitem__)
        yield "".join(pieces[at][1] for at in order)


def _as_table(content: str) -> Table | None:
    """Read words that stand in lines as a table.

    The heading is the last line above the first number; other words stand under that word of it
    with which they line up best.
    """
    outlined = (_outlined(*found) for found in _PLACED.findall(content))
    lines = _lines([*outlined, *(_written(*found) for found in _TEXT.findall(content))])
    first = next((at for at, line in enumerate(lines) if any(map(_is_number, line))), 0)
    if not first:
        return None
    heads = lines[first - 1]
    rows = []
    for line in lines[first:]:
        row = [""] * len(heads)
        for word in line:
            at = min(range(len(heads)), key=lambda i: _apart(heads[i], word))
            row[at] = f"{row[at]} {word.text}".strip()
        if row[0]:  # numbers without a label are those of an axis
            rows.append(tuple(row))
    return Table(tuple(head.text for head in heads), tuple(rows))


def _outlined(text: str, x: str, y: str, size: str) -> _Word:
    return _word(text, float(x), float(y), float(size) * 100, 0.0)


def _written(attributes: str, inner: str) -> _Word:
    """Place a text by its own coordinates or, as matplotlib does with turned ones, by a shift."""
    style, turned = _attribute(attributes, "style"), _attribute(attributes, "transform")
    shift = _NUMBERS.findall(turned.partition("translate(")[2]) or ["0", "0"]
    x = _number(_attribute(attributes, "x")) + float(shift[0])
    y = _number(_attribute(attributes, "y")) + float(shift[1] if len(shift) > 1 else "0")
    size = re.search(r"font(?:-size)?:[^;]*?([\d.]+)px", style)
    before = next((part for name, part in _BEFORE.items() if f"text-anchor: {name}" in style), 0.0)
    return _word(_TAG.sub("", inner), x, y, float(size[1]) if size else 10.0, before)


def _word(text: str, x: float, y: float, size: float, before: float) -> _Word:
    words = " ".join(unescape(text).split())
    width = len(words) * LETTER * size
    return _Word(words, y, x - before * width, x + (1 - before) * width)


def _attribute(attributes: str, name: str) -> str:
    found = re.search(rf"(?<![\w:-]){name}=\"([^\"]*)\"", attributes)
    return found[1] if found else ""


def _number(text: str) -> float:
    found = _NUMBERS.match(text)
    return float(found[0]) if found else 0.0


def _is_number(word: _Word) -> bool:
    return bool(re.match(r"[<≥\N{MINUS SIGN}-]?\d", word.text))


def _apart(head: _Word, word: _Word) -> float:
    """How far two words are from being aligned, at the left, in the middle or at the right."""
    left, right = abs(head.left - word.left), abs(head.right - word.right)
    return min(left, right, abs(head.left + head.right - word.left - word.right) / 2)


def _lines(words: list[_Word]) -> list[list[_Word]]:
    """Sort words into lines, from top to bottom and from left to right."""
    lines: list[list[_Word]] = []
    last = float("-inf")
    for word in sorted(words, key=lambda each: each.y):
        if word.y - last > _SAME_LINE:
            lines.append([])
            last = word.y
        lines[-1].append(word)
    return [sorted(line, key=lambda each: each.left) for line in lines]
