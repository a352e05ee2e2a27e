"""Shortcodes: `{{< meta key >}}`, `var`, `env` and `pagebreak`; any other is a problem."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.problems import Problem
from analysis.publish.embedded.lines import FenceTracker, Line, masked

SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(?P<name>[^\s>]+)\s*(?P<rest>.*?)\s*>\}\}(?!\})")
_PAGE_BREAK = {
    "typst": "\n\n```{=typst}\n#pagebreak(weak: true)\n```\n\n",
    "docx": '\n\n```{=openxml}\n<w:p><w:r><w:br w:type="page"/></w:r></w:p>\n```\n\n',
    "html": "",
}


@dataclass(frozen=True, slots=True)
class Values:
    """What the shortcodes of a document can show: its metadata and `_variables.yml`."""

    metadata: Mapping[str, Any]
    variables: Mapping[str, Any]

    def find(self, name: str, arguments: Sequence[str]) -> str | None:
        """Return the value of a shortcode, None when there is none."""
        if name == "env":
            return os.environ.get(arguments[0], arguments[1] if len(arguments) > 1 else None)
        value: Any = self.metadata if name == "meta" else self.variables
        for key in arguments[0].split("."):
            if isinstance(value, Mapping) and key in value:
                value = value[key]
            elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
                value = value[int(key)]
            else:
                return None
        return None if value is None or isinstance(value, Mapping | list) else str(value)


def replace_shortcodes(text: str, values: Values, target: str) -> str:
    """Replace the shortcodes of one line of prose, but not those inside code spans."""
    spans = masked(text)

    def value(match: re.Match[str]) -> str:
        if not spans[match.start() : match.end()].strip():
            return match[0]
        if match["name"] == "pagebreak":
            return _PAGE_BREAK[target]
        return values.find(match["name"], _arguments(match["rest"])) or ""

    return SHORTCODE.sub(value, text)


def shortcode_problems(lines: Sequence[Line], values: Values) -> list[Problem]:
    """Find shortcodes that the engine does not know and values that do not exist."""
    problems: list[Problem] = []
    fences = FenceTracker()
    for line in lines:
        if fences.feed(line) == "prose":
            for match in SHORTCODE.finditer(masked(line.text)):
                problem = _problem(line, match, values)
                if problem:
                    problems.append(problem)
    return problems


def _problem(line: Line, match: re.Match[str], values: Values) -> Problem | None:
    name, arguments = match["name"], _arguments(match["rest"])
    if name == "pagebreak":
        return None
    if name == "include":
        message = "an include must stand on a line of its own, outside lists and front matter."
        return line.problem(message, "Give it its own line.", "shortcode")
    if name not in {"meta", "var", "env"}:
        message = f"unknown shortcode {name!r}."
        known = "Known: include, meta, var, env, pagebreak."
        return line.problem(message, known, "shortcode")
    if not arguments:
        return line.problem(f"the shortcode {name!r} names nothing.", "Add a name.", "shortcode")
    if values.find(name, arguments) is None:
        where = {"meta": "the metadata", "var": "_variables.yml", "env": "the environment"}[name]
        message = f"{{{{< {name} {arguments[0]} >}}}} has no value in {where}."
        return line.problem(message, "Add it there, or correct the name.", "shortcode")
    return None


def _arguments(rest: str) -> list[str]:
    return [each.strip("\"'") for each in rest.split()]
