"""Inline code: `` `{python} expression` `` in prose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.publish.embedded.lines import CODE_SPAN, FenceTracker, Line

_PYTHON = re.compile(r"\{python\}\s+(?P<expression>.+?)\s*$")


@dataclass(frozen=True, slots=True)
class Inline:
    """One inline expression and its place."""

    expression: str
    line: Line


def expressions(text: str) -> Iterator[str]:
    """Find the inline expressions of one line; code shown between double ticks is none."""
    for span in CODE_SPAN.finditer(text):
        if found := _expression(span):
            yield found


def find_inline(lines: Sequence[Line]) -> list[Inline]:
    """Find the inline expressions of a stretch of prose, outside code blocks, in order."""
    fences = FenceTracker()
    return [
        Inline(expression, line)
        for line in lines
        if fences.feed(line) == "prose"
        for expression in expressions(line.text)
    ]


def replace_inline(text: str, values: Sequence[str]) -> str:
    """Put values in the place of the inline expressions of one line."""
    remaining = iter(values)

    def value(span: re.Match[str]) -> str:
        return next(remaining, "") if _expression(span) else span[0]

    return CODE_SPAN.sub(value, text)


def _expression(span: re.Match[str]) -> str:
    match = _PYTHON.match(span["code"]) if span["ticks"] == "`" else None
    return match["expression"] if match else ""
