"""Split a document into prose and code cells, and check the cells' options."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.problems import Problem
from analysis.publish.embedded.lines import FenceTracker, Line
from analysis.publish.embedded.options import read_options

_ENGINE = re.compile(r"^\{(?P<engine>\{*\w+)\b(?P<rest>[^}]*)\}")
_OPTION = re.compile(r"^#\|\s?(.*)$")


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
    options = read_options(stated, problems)
    cell = Cell(opening, tuple(code), options, indent)
    problems += _label_problems(cell)
    return cell


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
