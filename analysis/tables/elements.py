"""The HTML of a great_tables table as a tree of elements, and its style sheet."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID_TAGS = frozenset({"br", "col", "hr", "img", "input", "wbr"})
CLASS_RULE = re.compile(r"\.(gt_\w+) \{([^{}]*)\}")

Declarations = dict[str, str]
Sheet = dict[str, Declarations]


def declarations(css: str) -> Declarations:
    """Split `name: value; name: value` into a mapping; a later declaration wins."""
    pairs = (part.partition(":") for part in css.split(";") if ":" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


@dataclass(slots=True)
class Element:
    """One HTML element.

    Attributes
    ----------
    tag
        Lower-case name of the element.
    attributes
        As written in the source.
    children
        Elements and texts, in order; character references are resolved.
    """

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        """Names in the `class` attribute."""
        return self.attributes.get("class", "").split()

    @property
    def style(self) -> Declarations:
        """Declarations of the `style` attribute."""
        return declarations(self.attributes.get("style", ""))

    def elements(self) -> list["Element"]:
        """Children that are elements."""
        return [child for child in self.children if isinstance(child, Element)]

    def find_all(self, *tags: str) -> Iterator["Element"]:
        """Yield the outermost descendants with one of the names, in document order."""
        for child in self.elements():
            if child.tag in tags:
                yield child
            else:
                yield from child.find_all(*tags)

    def number(self, attribute: str) -> int:
        """Value of a span attribute; 1 when it is absent."""
        return int(self.attributes.get(attribute) or 1)


class _TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID_TAGS:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID_TAGS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        # great_tables leaves stray `</p>` behind in Markdown cells: those close nothing.
        if any(element.tag == tag for element in self._open[1:]):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse(html: str) -> Element:
    """Read HTML into a tree under an element named `root`."""
    builder = _TreeBuilder()
    builder.feed(html)
    builder.close()
    return builder.root


def style_sheet(html: str) -> Sheet:
    """Read the class rules of a great_tables `<style>` element, in the order they apply."""
    sheet: Sheet = {}
    for name, body in CLASS_RULE.findall(html.partition("<style>")[2].partition("</style>")[0]):
        known = sheet.pop(name, {})
        sheet[name] = known | declarations(body)
    return sheet


def computed_style(element: Element, sheet: Sheet) -> Declarations:
    """Resolve an element's own style: its classes as the sheet orders them, then `style`."""
    merged: Declarations = {}
    classes = set(element.classes)
    for name, rules in sheet.items():
        if name in classes:
            merged |= rules
    return merged | element.style
