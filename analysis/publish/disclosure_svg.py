"""Take a picture apart: its words, and how many marks of each kind it has."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from analysis.publish.disclosure_parts import Part, Table

_COMMENT = re.compile(r"<!--(.*?)-->", re.DOTALL)
_TEXT = re.compile(r"<(?:text|title|desc|tspan)\b[^>]*>([^<]*)")
_METADATA = re.compile(r"<metadata\b.*?</metadata>", re.DOTALL)
_USE = re.compile(r"<use\b[^>]*href=\"#([^\"]+)\"")
_SHAPE = re.compile(r"<(circle|ellipse)\b")
_GLYPH = re.compile(r"^[\w ]*(?:Sans|Serif|Mono|STIX|Cmr|Cmmi|Cmsy|Cmex|Roman)[\w]*-[\w-]+$|^glyph")
_PLACED = re.compile(
    r"<!--\s(.*?)\s-->\s*<g [^>]*translate\(([-\d.]+) ([-\d.]+)\)"
    r"(?: rotate\([^)]*\))? scale\(([\d.]+)",
    re.DOTALL,
)
_SAME_LINE = 3.0  # points
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
        All words, with the marks; and the words by line, as the rows of a table.
    """
    words = [
        " ".join(each.split()) for each in (*_COMMENT.findall(content), *_TEXT.findall(content))
    ]
    metadata = re.sub(r"<[^>]+>", " ", " ".join(_METADATA.findall(content)))
    counted = Counter(name for name in _USE.findall(content) if not _GLYPH.match(name))
    shapes = Counter(_SHAPE.findall(content))
    marks = tuple(sorted({*counted.values(), *shapes.values()}, reverse=True))
    yield Part(file, place, f"{' '.join(words)} {metadata}".strip(), marks=marks)
    table = _as_table(content)
    if table:
        yield Part(file, f"{place}, columns", table=table)


def _as_table(content: str) -> Table | None:
    """Read words that stand in lines as a table.

    The heading is the last line above the first number; other words stand under that word of it
    with which they line up best.
    """
    lines = _lines([_placed(*found) for found in _PLACED.findall(content)])
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


def _placed(text: str, x: str, y: str, size: str) -> _Word:
    words = unescape(" ".join(text.split()))
    return _Word(words, float(y), float(x), float(x) + len(words) * LETTER * float(size) * 100)


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
