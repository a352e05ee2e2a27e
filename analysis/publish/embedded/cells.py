"""Split a document into prose and code cells, and check the cells' options."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml

from analysis.problems import Problem
from analysis.publish.embedded.lines import FenceTracker, Line

_ENGINE = re.compile(r"^\{(?P<engine>\{*\w+)\b(?P<rest>[^}]*)\}")
_OPTION = re.compile(r"^#\|\s?(.*)$")

_BOOL = (bool, "true or false")
_TEXT = (str, "a text")
OPTIONS: Mapping[str, tuple[type, str]] = {
    "label": _TEXT,
    "fig-cap": _TEXT,
    "tbl-cap": _TEXT,
    "fig-alt": _TEXT,
    "out-width": _TEXT,
    "echo": _BOOL,
    "include": _BOOL,
    "eval": _BOOL,
    "error": _BOOL,
    "warning": _BOOL,
    "code-fold": _BOOL,
    "output": (bool, "true, false or asis"),
}
_NO_EFFECT = {"fig-width": "figsize", "fig-height": "figsize", "fig-dpi": "dpi"}


@dataclass(frozen=True, slots=True)
class Prose:
    """Lines of Markdown."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell.

    Parameters
    ----------
    opening
        The line with the opening fence.
    code
        The lines of code, the options among them.
    options
        The options (`#|` lines).
    indent
        What stands before the fence, when the cell is part of a list item.
    """

    opening: Line
    code: tuple[Line, ...]
    options: Mapping[str, Any]
    indent: str

    @property
    def source(self) -> str:
        """The code; IPython drops empty lines at the top, so a # in them keeps the count true."""
        lines = self._stripped()
        first = next((at for at, each in enumerate(lines) if each.strip()), 0)
        return "\n".join([*["#"] * first, *lines[first:]])

    @property
    def shown(self) -> str:
        """The code as the reader sees it."""
        return "\n".join(each for each in self._stripped() if not _OPTION.match(each)).strip("\n")

    @property
    def label(self) -> str:
        """The label, or an empty text."""
        return str(self.options.get("label", ""))

    def _stripped(self) -> list[str]:
        return [line.text.removeprefix(self.indent) for line in self.code]


def split_cells(lines: Sequence[Line]) -> tuple[list[Prose | Cell], list[Problem]]:
    """Split a document's body into prose and Python cells.

    Returns
    -------
    segments
        In the order of the document.
    problems
        Cells of another language, options that are unknown or have a wrong value.
    """
    segments: list[Prose | Cell] = []
    problems: list[Problem] = []
    fences, prose, code = FenceTracker(), list[Line](), list[Line]()
    opening: Line | None = None
    for line in lines:
        kind = fences.feed(line)
        if kind == "open" and _is_cell(fences.info, line, problems):
            segments.append(Prose(tuple(prose)))
            opening, prose, code = line, [], []
        elif opening is None:
            prose.append(line)
        elif kind == "close":
            segments.append(_cell(opening, code, problems))
            opening = None
        else:
            code.append(line)
    return [*segments, Prose(tuple(prose))], problems


def _is_cell(info: str, line: Line, problems: list[Problem]) -> bool:
    match = _ENGINE.match(info)
    if match is None:
        return False
    if match["engine"] == "python":
        if match["rest"].strip():
            problems.append(
                line.problem(
                    f"cell options on the fence ({match['rest'].strip()}) are not supported.",
                    "Write them below the fence as '#| name: value' lines.",
                    "fence-options",
                )
            )
        return True
    problems.append(
        line.problem(
            f"no engine runs {info!r} cells.",
            "Write the cell in Python ({python}), or show the code with ```"
            + match["engine"].lstrip("{")
            + ".",
            "unknown-engine",
        )
    )
    return False


def _cell(opening: Line, code: list[Line], problems: list[Problem]) -> Cell:
    indent = opening.text[: len(opening.text) - len(opening.text.lstrip())]
    rows = [(line, _OPTION.match(line.text.removeprefix(indent))) for line in code]
    stated = [(line, match[1]) for line, match in rows if match]
    options = _options(stated, problems)
    cell = Cell(opening, tuple(code), options, indent)
    problems += _label_problems(cell)
    return cell


def _options(stated: list[tuple[Line, str]], problems: list[Problem]) -> dict[str, Any]:
    if not stated:
        return {}
    try:
        content = yaml.safe_load("\n".join(text for _, text in stated))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = stated[min(mark.line if mark else 0, len(stated) - 1)][0]
        found = getattr(error, "problem", None) or error
        problems.append(
            line.problem(
                f"these cell options are not YAML: {found}.", "Quote the value.", "cell-option"
            )
        )
        return {}
    if not isinstance(content, dict):
        problems.append(
            stated[0][0].problem(
                "cell options are 'name: value' lines.", "Correct this line.", "cell-option"
            )
        )
        return {}
    for name, value in content.items():
        line = next((line for line, text in stated if text.startswith(f"{name}:")), stated[0][0])
        problems += _option_problems(line, str(name), value)
    return content


def _option_problems(line: Line, name: str, value: object) -> list[Problem]:
    if name in _NO_EFFECT:
        remedy = f"Set {_NO_EFFECT[name]} in the code."
        return [line.problem(f"{name} has no effect on Python cells.", remedy, "cell-option")]
    if name not in OPTIONS:
        near = get_close_matches(name, OPTIONS, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(OPTIONS)}."
        return [line.problem(f"unknown cell option {name!r}.", remedy, "cell-option")]
    kind, wanted = OPTIONS[name]
    if isinstance(value, kind) or (name == "output" and value == "asis"):
        return []
    return [
        line.problem(f"{name} is {wanted}, found {value!r}.", "Correct the value.", "cell-option")
    ]


def _label_problems(cell: Cell) -> list[Problem]:
    """Find labels without a caption and captions without a label."""
    wanted = {"fig-cap": "fig-", "tbl-cap": "tbl-"}
    problems: list[Problem] = []
    for caption, prefix in wanted.items():
        if cell.label.startswith(prefix) and caption not in cell.options:
            problems.append(
                cell.opening.problem(
                    f"the label {cell.label!r} has no {caption}.",
                    f"Add '#| {caption}: …', or put the cell in a div ::: {{#{cell.label}}}.",
                    "caption",
                )
            )
        if caption in cell.options and not cell.label.startswith(prefix):
            problems.append(
                cell.opening.problem(
                    f"a cell with {caption} has the label {cell.label!r}.",
                    f"Begin the label with {prefix!r}, or put the cell in a div ::: "
                    f"{{#{cell.label}}} with the caption as its last paragraph.",
                    "caption",
                )
            )
    return problems
