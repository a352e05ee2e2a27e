"""The text of a table cell: plain strings and a few kinds of span that every format knows."""

import re
from dataclasses import dataclass
from typing import Literal

from analysis.errors import RenderError
from analysis.tables.elements import Declarations, Element

Kind = Literal["strong", "emph", "super", "sub", "strike", "code", "break", "link", "colour"]

KINDS: dict[str, Kind] = {
    "strong": "strong",
    "b": "strong",
    "em": "emph",
    "i": "emph",
    "sup": "super",
    "sub": "sub",
    "s": "strike",
    "del": "strike",
    "code": "code",
    "br": "break",
}
TRANSPARENT_TAGS = frozenset({"span", "div", "p"})
# great_tables writes these around marks, units and notes; no reader would miss them.
LAYOUT_PROPERTIES = frozenset(
    {"white-space", "line-height", "vertical-align", "font-size", "padding-bottom"}
)
TEXT_PROPERTIES = frozenset({"color", "font-weight", "font-style"})
REMEDIES = {
    "svg": "draw nanoplots, icons and flags as a figure (analysis.figures) beside the table",
    "img": "put images into a figure (analysis.figures) beside the table",
    "ul": "write the list as one sentence, or give each item its own row",
    "ol": "write the list as one sentence, or give each item its own row",
    "table": "give the inner table a cell of its own",
}


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text that differs from plain.

    Attributes
    ----------
    kind
        What it is.
    content
        Strings and further spans; empty for a line break.
    value
        The address of a link, the `#rrggbb` of a colour; otherwise empty.
    """

    kind: Kind
    content: "Inlines" = ()
    value: str = ""


Inlines = tuple[str | Span, ...]


def plain(content: Inlines) -> str:
    """Text without its spans; a line break counts as a space."""
    parts = (
        part if isinstance(part, str) else " " if part.kind == "break" else plain(part.content)
        for part in content
    )
    return "".join(parts)


def is_bold(css: Declarations) -> bool:
    """Whether a `font-weight` is printed bold."""
    weight = css.get("font-weight", "")
    return weight in {"bold", "bolder"} or (weight.isdigit() and int(weight) >= 600)


def colour(value: str) -> str:
    """Return a colour as lower-case `#rrggbb`.

    Raises
    ------
    RenderError
        If the colour is written in any other way, which Typst would read differently or not at all.
    """
    if re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        return value.lower()
    raise RenderError(
        f"A table uses the colour {value!r}. Expected six hexadecimal digits, which mean the same "
        "in HTML and PDF. Write it as '#rrggbb' in tab_style() or data_color()."
    )


def emphasised(content: Inlines, css: Declarations) -> Inlines:
    """Wrap a text in the spans that its weight, slant and colour ask for."""
    if not content:
        return content
    if is_bold(css):
        content = (Span("strong", content),)
    if css.get("font-style") == "italic":
        content = (Span("emph", content),)
    if "color" in css:
        content = (Span("colour", content, colour(css["color"])),)
    return content


def read_inlines(element: Element) -> Inlines:
    """Read the content of a cell or note; space around it is dropped.

    Raises
    ------
    RenderError
        If it holds something that has no form in all of HTML, PDF and Word.
    """
    return _trim(_children(element))


def _children(element: Element) -> Inlines:
    parts: list[str | Span] = []
    for child in element.children:
        if isinstance(child, str):
            parts.append(re.sub(r"[ \t\r\n\f]+", " ", child))
            continue
        if child.tag in {"p", "div"} and plain(tuple(parts)).strip(" "):
            parts.append(Span("break"))
        parts.extend(_element(child))
    return tuple(part for part in parts if part != "")


def _element(element: Element) -> Inlines:
    if element.tag == "a" and element.attributes.get("href"):
        return (Span("link", _children(element), element.attributes["href"]),)
    if element.tag in KINDS:
        return (Span(KINDS[element.tag], _children(element)),)
    if element.tag not in TRANSPARENT_TAGS:
        raise RenderError(_unknown(f"<{element.tag}>", REMEDIES.get(element.tag), element))
    css = element.style
    for name in sorted(css.keys() - LAYOUT_PROPERTIES - TEXT_PROPERTIES):
        raise RenderError(_unknown(f"the style `{name}: {css[name]}`", None, element))
    content = emphasised(_children(element), css)
    if "gt_footnote_marks" in element.classes and css.get("vertical-align") != "baseline":
        return (Span("super", content),)
    return content


def _unknown(what: str, remedy: str | None, element: Element) -> str:
    text = " ".join(plain(tuple(c for c in element.children if isinstance(c, str))).split())
    return (
        f"A table holds {what} (near {text[:60]!r}), which has no form in all of HTML, PDF and "
        f"Word. Instead, {remedy or 'use plain text, emphasis, sub- or superscripts or links'}."
    )


def _trim(content: Inlines) -> Inlines:
    parts = list(content)
    for edge, strip in ((0, str.lstrip), (-1, str.rstrip)):
        while parts:
            part = parts[edge]
            if isinstance(part, str):
                part = strip(part, " ")
                parts[edge] = part
            if part not in ("", Span("break")):
                break
            del parts[edge]
    return tuple(parts) if plain(tuple(parts)).strip() else ()
