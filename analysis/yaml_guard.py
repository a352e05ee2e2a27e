"""Look through a YAML document before anything is made of it: size, depth, aliases, commands.

A few lines of YAML can stand for more than a memory holds ("billion laughs": aliases of aliases),
for something without end (an alias inside what it names), or for a number of a million digits. None
of that has a place in a plan or a mapping.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LARGEST = 5_000_000  # bytes of a file
MOST_VALUES = 200_000  # of a document, each alias counted with all that it stands for
DEEPEST = 50
LONGEST_NUMBER = 40  # letters
COMMAND = "{{"

FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader on libyaml, ten times as fast, where PyYAML was built with it."""


@dataclass(frozen=True, slots=True)
class Danger(Exception):  # noqa: N818 - it is told as a Problem, never raised to a user
    """Why a document is not read."""

    message: str
    remedy: str
    line: int | None = None


def read_text(path: Path) -> str:
    """Read a file of moderate size.

    Raises
    ------
    Danger
        It is larger than 5 MB.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise Danger(
            f"the file has {size / 1e6:.0f} MB, expected at most {LARGEST / 1e6:.0f} MB of YAML.",
            "Data belong into a data file beside it.",
        )
    return path.read_text(encoding="utf-8")


def compose(text: str, loader: Any) -> yaml.Node | None:  # noqa: ANN401 - PyYAML's loaders
    """Read the nodes of a YAML document.

    Raises
    ------
    Danger
        It would grow without measure, is nested too deeply, or holds a command of Quarto.
    """
    _check_depth(text)
    root: yaml.Node | None = yaml.compose(text, Loader=loader)
    if root is not None:
        _values(root, {}, ())
    return root


def _check_depth(text: str) -> None:
    """Refuse deep nesting before nodes are made: libyaml would overflow the stack, unasked."""
    depth = 0
    for event in yaml.parse(text, Loader=FastLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST and event.start_mark is not None:
            raise _too_deep(event.start_mark.line + 1)


def _values(node: yaml.Node, known: dict[int, int], above: tuple[int, ...]) -> int:
    """Count the values that a node stands for."""
    name, line = id(node), node.start_mark.line + 1
    if name in above:
        raise Danger(
            "an alias stands inside what it names, so that the document has no end.",
            "Write the values out.",
            line,
        )
    if len(above) > DEEPEST:
        raise _too_deep(line)
    if name not in known:
        known[name] = 1 + sum(_values(each, known, (*above, name)) for each in _inner(node))
    if known[name] > MOST_VALUES:
        raise Danger(
            f"its aliases stand for more than {MOST_VALUES} values.", "Write the values out.", line
        )
    if isinstance(node, yaml.ScalarNode):
        _check_scalar(node, line)
    return known[name]


def _inner(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _check_scalar(node: yaml.ScalarNode, line: int) -> None:
    text = str(node.value)
    if COMMAND in text:
        raise Danger(
            f"a text holds {COMMAND!r}, which Quarto would read as a command.",
            "Write one brace, or a space between the two.",
            line,
        )
    if node.tag.endswith((":int", ":float")) and len(text) > LONGEST_NUMBER:
        raise Danger(
            f"a number has {len(text)} digits, expected at most {LONGEST_NUMBER}.",
            "Correct it, or put quotes around an identifier.",
            line,
        )


def _too_deep(line: int) -> Danger:
    return Danger(
        f"values are nested more than {DEEPEST} deep.", "Write the values at fewer levels.", line
    )
