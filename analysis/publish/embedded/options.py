"""The options of a cell (`#| name: value`): which there are, and what they may be."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import yaml

from analysis.problems import Problem
from analysis.publish.embedded.lines import Line

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


def read_options(stated: list[tuple[Line, str]], problems: list[Problem]) -> dict[str, Any]:
    """Read the options of a cell.

    Parameters
    ----------
    stated
        The lines of the options, each with its text after ``#|``.
    problems
        Takes what is wrong with them.
    """
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
