"""Check a document's Markdown before it is run: divs, and syntax that the engine does not know."""

import re
from collections.abc import Sequence

from analysis.problems import Problem
from analysis.publish.embedded.inline import expressions
from analysis.publish.embedded.lines import FenceTracker, Line, masked

_DIV = re.compile(r"^\s*:::+\s*(?P<name>\{.*\}|[\w.-]+)?\s*:*\s*$")
_CALLOUTS = {"note", "tip", "warning", "important", "caution"}
_CLASS = re.compile(r"\.([\w-]+)")
_ATTRIBUTE = re.compile(r"[\s{]([\w-]+)=")
_UNKNOWN_CLASS = re.compile(
    r"^(panel-.*|column-.*|columns|column|aside|incremental|fragment|lightbox|margin-.*|"
    r"callout-.*|content-.*|cell.*|quarto-.*|theorem|proof|hidden)$"
)
_KNOWN_CLASS = {"content-visible", "content-hidden", *(f"callout-{each}" for each in _CALLOUTS)}
_UNKNOWN_ATTRIBUTE = re.compile(r"^(layout.*|group|when-meta|unless-meta|when-profile|.*subcap)$")


def div_problems(lines: Sequence[Line]) -> list[Problem]:
    """Find divs that are not closed, not opened, not set apart, or unknown to the engine."""
    problems: list[Problem] = []
    stack: list[Line] = []
    fences = FenceTracker()
    before = ""
    for line in lines:
        div = _DIV.match(line.text) if fences.feed(line) == "prose" else None
        if div and div["name"]:
            stack.append(line)
            problems += _name_problems(line, div["name"])
            if before.strip() and not _DIV.match(before):
                message = "text stands directly above this ':::' line, so it would not open a div."
                problems.append(line.problem(message, "Put a blank line between.", "div"))
        elif div and stack:
            stack.pop()
        elif div:
            message = "this ':::' closes a div that was never opened."
            problems.append(line.problem(message, "Remove it, or open the div.", "unopened-div"))
        before = line.text
    for line in stack:
        message = "the div opened here with ':::' is not closed."
        problems.append(line.problem(message, "Add a line ':::' at its end.", "unclosed-div"))
    return problems


def _name_problems(line: Line, name: str) -> list[Problem]:
    classes = _CLASS.findall(name) if name.startswith("{") else [name]
    found = [
        f"the class .{each}"
        for each in classes
        if _UNKNOWN_CLASS.match(each) and each not in _KNOWN_CLASS
    ]
    found += [f"{each}=" for each in _ATTRIBUTE.findall(name) if _UNKNOWN_ATTRIBUTE.match(each)]
    remedy = "Write it without this Quarto feature, or render with --engine quarto."
    return [
        line.problem(f"the embedded engine does not know {each} on a div.", remedy, "unknown-div")
        for each in found
    ]


def front_matter_problems(lines: Sequence[Line]) -> list[Problem]:
    """Find inline code in the front matter, where neither engine runs it."""
    return [
        line.problem(
            "inline code is not run in front matter.",
            "Write this part as a section of the document.",
            "inline-code",
        )
        for line in lines
        if list(expressions(line.text))
    ]


def heading_problems(lines: Sequence[Line]) -> list[Problem]:
    """Find headings that touch the paragraph above, which pandoc reads as text."""
    problems: list[Problem] = []
    fences = FenceTracker()
    before = ""
    for line in lines:
        prose = fences.feed(line) == "prose"
        if prose and re.match(r"^#{1,6}\s+\S", masked(line.text)) and before.strip():
            message = "text stands directly above this heading, so it would be read as text."
            problems.append(line.problem(message, "Put a blank line between.", "heading"))
        before = line.text if prose and not _DIV.match(line.text) else ""
    return problems
