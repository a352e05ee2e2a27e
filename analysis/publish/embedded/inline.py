"""Inline code: `` `{python} expression` `` in prose."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.publish.embedded.lines import FenceTracker, Line

INLINE = re.compile(r"(?<!`)`\{python\}\s+(?P<expression>[^`]+?)\s*`(?!`)")


@dataclass(frozen=True, slots=True)
class Inline:
    """One inline expression and its place."""

    expression: str
    line: Line


def find_inline(lines: Sequence[Line]) -> list[Inline]:
    """Find the inline expressions of a stretch of prose, outside code blocks, in order."""
    fences = FenceTracker()
    return [
        Inline(match["expression"], line)
        for line in lines
        if fences.feed(line) == "prose"
        for match in INLINE.finditer(line.text)
    ]


def replace_inline(text: str, values: Sequence[str]) -> str:
    """Put values in the place of the inline expressions of one line."""
    remaining = iter(values)
    return INLINE.sub(lambda _: next(remaining), text)
