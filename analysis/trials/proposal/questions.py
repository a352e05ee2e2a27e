"""The open questions of a `trial.yml`, and putting the answers in their place."""

import json
import re
from dataclasses import dataclass

import yaml

from analysis.errors import TrialError
from analysis.protocol import Protocol
from analysis.trials.vocabulary import EVENT, NO_EVENT
from analysis.yaml_file import UNANSWERED, Location

_NUMBERS = {"weeks", "year", "factor"}
_TWO_NUMBERS = re.compile(r"\s*\[?\s*(-?[\d.]+)\s*(?:,|;|to|-|\s)\s*(-?[\d.]+)\s*\]?\s*")


@dataclass(frozen=True, slots=True)
class Question:
    """A value that is still a question mark.

    Parameters
    ----------
    at
        Path of its key.
    line
        Counted from 1.
    start, end
        Characters of the text that the value takes.
    hint
        The comment above it.
    """

    at: Location
    line: int
    start: int
    end: int
    hint: str

    @property
    def name(self) -> str:
        """The path as one text."""
        return ".".join(str(part) for part in self.at)


def questions_in(text: str) -> list[Question]:
    """Find the open questions of a `trial.yml`, in order; none when it is no YAML."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return []
    lines = text.splitlines()
    found: list[Question] = []
    _find(root, (), lines, found)
    return found


def _find(node: yaml.Node | None, at: Location, lines: list[str], found: list[Question]) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            if isinstance(value, yaml.ScalarNode) and value.value == UNANSWERED:
                start, end = value.start_mark, value.end_mark
                hint = _hint(lines, start.line)
                found.append(Question(here, start.line + 1, start.index, end.index, hint))
            _find(value, here, lines, found)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _find(value, (*at, index), lines, found)


def _hint(lines: list[str], line: int) -> str:
    """Find the nearest comment above a line."""
    last = next((n for n in range(line - 1, -1, -1) if lines[n].lstrip().startswith("#")), None)
    if last is None:
        return ""
    first = last
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    text = " ".join(each.strip().lstrip("# ") for each in lines[first : last + 1])
    return text.removeprefix("? ")


def choices(question: Question, protocol: Protocol) -> tuple[str, ...]:
    """List what may be answered; empty when anything may."""
    at = question.at
    if at[0] == "arms" and at[-1] == "category":
        return tuple(protocol.arms)
    if at[0] == "outcomes":
        if at[-1] == "higher":
            return ("worse", "better")
        return (EVENT, NO_EVENT) if "codes" in at else ()
    modifier = protocol.modifiers.get(str(at[1])) if at[0] == "modifiers" else None
    if modifier is None:
        return ()
    if at[-1] == "higher":
        return ("same", "opposite")
    return tuple(modifier.levels) if "codes" in at or at[-1] == "several" else ()


def answered(text: str, question: Question, answer: str, protocol: Protocol) -> str:
    """Put an answer in place of a question mark; everything else stays as it is.

    Raises
    ------
    TrialError
        When the answer is none of the choices, or no number where one is needed.
    """
    return text[: question.start] + _written(question, answer, protocol) + text[question.end :]


def _written(question: Question, answer: str, protocol: Protocol) -> str:
    allowed = choices(question, protocol)
    if allowed and answer not in allowed:
        raise TrialError(f"{question.name}: expected {', '.join(allowed)}, found {answer!r}.")
    if question.at[-1] == "range":
        match = _TWO_NUMBERS.fullmatch(answer)
        if match is None:
            raise TrialError(f"{question.name}: expected two numbers as 0 24, found {answer!r}.")
        return f"[{match[1]}, {match[2]}]"
    if question.at[-1] in _NUMBERS or "visits" in question.at:
        return _number(question, answer)
    return json.dumps(answer, ensure_ascii=False)


def _number(question: Question, answer: str) -> str:
    try:
        value = float(answer)
    except ValueError:
        raise TrialError(f"{question.name}: expected a number, found {answer!r}.") from None
    return str(int(value)) if value.is_integer() else repr(value)
