"""Read a YAML file into a pydantic model; errors name the file, the line and the nearest key."""

import re
from collections.abc import Hashable, Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from analysis.formats import in_words
from analysis.problems import Problem, ProblemsError
from analysis.yaml_guard import Danger, FastLoader, compose, read_text

Location = tuple[str | int, ...]

UNANSWERED = "?"
"""Stands for a value that a person has still to give; it is never read as data."""

_BARE_QUESTION = re.compile(r"[:\s]\?\s*([,}\]#]|$)")


class Frozen(BaseModel):
    """Base of everything that is read from YAML: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


def _below(value: str) -> str:
    path = PurePosixPath(value.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in value:
        raise ValueError("expected a path below data, without .. and without a root")
    return value


FileBelow = Annotated[str, AfterValidator(_below)]
"""A file below `data/`."""

Model = TypeVar("Model", bound=Frozen)


class _Loader(FastLoader):  # type: ignore[misc]  # which of two classes is known at run time
    """YAML 1.2 scalars: yes, no and on are text, 010 is ten, 12:30 is no number, dates are text."""

    def construct_decimal(self, node: yaml.ScalarNode) -> int:
        """Read a whole number; leading zeros do not make it octal."""
        return int(str(self.construct_scalar(node)))


_TAG = "tag:yaml.org,2002:"
_SCALARS = {
    "bool": (r"true|false", "tf"),
    "int": (r"[-+]?[0-9]+", "-+0123456789"),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
}
_REPLACED = {_TAG + name for name in (*_SCALARS, "timestamp")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, (_pattern, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"^(?:{_pattern})$"), list(_first))
_Loader.add_constructor(_TAG + "int", _Loader.construct_decimal)


def read_yaml(path: Path, model: type[Model], *, shown_as: str, trial: str = "") -> Model:
    """Read and validate a YAML file.

    Parameters
    ----------
    path
        The file.
    model
        What the file must hold.
    shown_as
        The name of the file in messages, relative to the review.
    trial
        The trial that the file belongs to, if any.

    Raises
    ------
    ProblemsError
        With every problem: unreadable, not YAML, a key twice, a value "?" that nobody has answered
        yet, an unknown key, a wrong value.
    """
    root = _compose(path, shown_as, trial)
    lines = dict(_lines(root, ()))
    twice = [
        Problem(
            shown_as,
            f"the key {key!r} stands twice.",
            "Keep one of the two.",
            trial,
            "key-twice",
            line,
        )
        for key, line in _repeated_keys(root)
    ]
    if twice:
        raise ProblemsError(twice)
    content = _construct(root, shown_as, trial)
    open_ = dict(open_questions(root))
    asked = [_unanswered(at, line, shown_as, trial) for at, line in open_.items()]
    try:
        read = model.model_validate(content)
    except ValidationError as error:
        every = error.errors()
        wrong = [each for each in every if not (_by_question(each, open_) or _echo(each, every))]
        raise ProblemsError(
            asked + [_problem(detail, model, lines, shown_as, trial) for detail in wrong]
        ) from None
    if asked:
        raise ProblemsError(asked)
    return read


def key_lines(path: Path) -> dict[Location, int]:
    """Line of every key of a YAML file; empty when the file cannot be read.

    A location is the path of keys (and positions in lists) from the top: ("files", 0, "path").
    """
    try:
        return dict(_lines(_compose(path, path.name, ""), ()))
    except ProblemsError:
        return {}


def open_questions(node: yaml.Node | None, at: Location = ()) -> Iterator[tuple[Location, int]]:
    """Find the keys whose value is a question mark: location and line.

    Items of lists are none: a question mark can be a code for a missing value.
    """
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            if isinstance(value, yaml.ScalarNode) and value.value == UNANSWERED:
                yield here, value.start_mark.line + 1
            yield from open_questions(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from open_questions(value, (*at, index))


def _by_question(detail: ErrorDetails, open_: Iterable[Location]) -> bool:
    """Whether an error is but the echo of a question: of its value, or of a list around it."""
    at = detail["loc"]
    around = any(at == inner[: len(at)] for inner in open_)
    return detail["input"] == UNANSWERED or (around and detail["type"] == "too_short")


def _echo(detail: ErrorDetails, every: Iterable[ErrorDetails]) -> bool:
    """Whether a list is too short only since its entries are wrong, which is said of each."""
    at = detail["loc"]
    inside = (other for other in every if len(other["loc"]) > len(at))
    return detail["type"] == "too_short" and any(other["loc"][: len(at)] == at for other in inside)


def _unanswered(at: Location, line: int | None, shown_as: str, trial: str) -> Problem:
    name = ".".join(str(part) for part in at)
    message = f"{name + ': ' if name else ''}not answered yet."
    remedy = "Write the answer in place of the question mark; the comment there says what is asked."
    return Problem(shown_as, message, remedy, trial, "unanswered", line)


def _compose(path: Path, shown_as: str, trial: str) -> yaml.Node | None:
    try:
        text = read_text(path)
    except Danger as danger:
        raise ProblemsError([_danger(danger, shown_as, trial)]) from None
    except FileNotFoundError:
        problem = Problem(
            shown_as,
            "the file does not exist.",
            "Create it, or correct the path.",
            trial,
            "missing-file",
        )
        raise ProblemsError([problem]) from None
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start})."
        raise ProblemsError(
            [Problem(shown_as, message, "Save it as UTF-8.", trial, "encoding")]
        ) from None
    try:
        return compose(text, _Loader)
    except Danger as danger:
        raise ProblemsError([_danger(danger, shown_as, trial)]) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = "".join(text.splitlines()[mark.line : mark.line + 1]) if mark else ""
        if mark and _BARE_QUESTION.search(at):
            raise ProblemsError([_unanswered((), mark.line + 1, shown_as, trial)]) from None
        message = f"this is not valid YAML: {getattr(error, 'problem', None) or error}."
        problem = Problem(
            shown_as,
            message,
            "Check the indentation, the colons and the quotes at this line.",
            trial,
            "yaml",
            mark.line + 1 if mark else None,
        )
        raise ProblemsError([problem]) from None


def _danger(danger: Danger, shown_as: str, trial: str) -> Problem:
    return Problem(shown_as, danger.message, danger.remedy, trial, "yaml", danger.line)


def _construct(root: yaml.Node | None, shown_as: str, trial: str) -> object:
    try:
        return _Loader("").construct_document(root) if root is not None else {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = f"this is not plain YAML: {getattr(error, 'problem', None) or error}."
        remedy = "Use only keys, lists, texts and numbers; put quotes around other text."
        line = mark.line + 1 if mark else None
        raise ProblemsError([Problem(shown_as, message, remedy, trial, "yaml", line)]) from None


def _lines(node: yaml.Node | None, at: Location) -> Iterator[tuple[Location, int]]:
    if node is None:
        return
    yield at, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            yield from _lines(value, here)
            yield here, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*at, index))


def _repeated_keys(node: yaml.Node | None) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key, value in node.value:
            name = (key.tag, str(key.value))
            if name in seen:
                yield str(key.value), key.start_mark.line + 1
            seen.add(name)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)


def _problem(
    detail: ErrorDetails,
    model: type[BaseModel],
    lines: dict[Location, int],
    shown_as: str,
    trial: str,
) -> Problem:
    """Turn one pydantic error into a sentence."""
    location = tuple(part if isinstance(part, int) else str(part) for part in detail["loc"])
    line = _nearest_line(location, lines)
    name = ".".join(str(part) for part in location if part != "[key]")
    kind = detail["type"]
    if kind == "extra_forbidden":
        known = sorted(_keys_at(model, location[:-1]))
        near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known keys here: {', '.join(known)}."
        return Problem(shown_as, f"unknown key {name!r}.", remedy, trial, "unknown-key", line)
    if kind == "missing":
        return Problem(
            shown_as, f"the key {name!r} is missing.", "Add it.", trial, "missing-key", line
        )
    if kind == "too_short":
        wanted, there = detail["ctx"]["min_length"], detail["ctx"]["actual_length"]
        found = in_words(there) if there else "none"
        text = f"{name}: expected at least {in_words(wanted)}, found {found}."
        return Problem(shown_as, text, "Add what is missing.", trial, "wrong-value", line)
    if kind in _EXPECTED:
        said = f"expected {_EXPECTED[kind]}, found {_found(detail['input'])}."
        text = f"{name}: {said}" if name else said
        return Problem(shown_as, text, "Correct this value.", trial, "wrong-value", line)
    message = detail["msg"].removeprefix("Value error, ")
    found = "" if isinstance(detail["input"], dict | list) else f", found {detail['input']!r}"
    text = (
        f"{name}: {message[:1].lower()}{message[1:].rstrip('.')}{found}."
        if name
        else f"{message.rstrip('.')}."
    )
    return Problem(shown_as, text, "Correct this value.", trial, "wrong-value", line)


_EXPECTED = {  # pydantic speaks of tuples and dictionaries; these are the words of the guide
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "keys with their values",
    "model_type": "keys with their values",
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
}


def _found(value: object) -> str:
    """Name a value as a person sees it in the file."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, dict | list):
        return "keys with their values" if isinstance(value, dict) else "a list"
    return repr(value)


def _nearest_line(location: Location, lines: dict[Location, int]) -> int | None:
    """Line of the innermost part of a location that stands in the file."""
    kept: list[str | int] = []
    best = lines.get(())
    for part in location:
        trial_path = (*kept, part)
        if trial_path in lines:
            kept.append(part)
            best = lines[trial_path]
    return best


def _keys_at(model: type[BaseModel], location: Location) -> set[str]:
    """Keys that the model at a location knows."""
    current: set[type[BaseModel]] = {model}
    for part in location:
        following: set[type[BaseModel]] = set()
        for candidate in current:
            field = candidate.model_fields.get(str(part))
            if field is not None:
                following |= set(_models_in(field.annotation))
        current = following or current
    return {name for candidate in current for name in candidate.model_fields}


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)
