"""The reference of the guide, made from the product itself: commands, keys, functions, checks."""

import importlib
import inspect
import re
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from transcript import HOUSE, Shown

from analysis.cli import app

CROWDED = 40  # functions and results above which a room is shown module by module


def commands() -> Shown:
    """Describe every command in the words of its help."""
    group = typer.main.get_command(app)
    parts = []
    for name, command in sorted(group.commands.items()):
        example, _, words = (command.help or "").partition("\n\n")
        rows = [_option(each) for each in command.params if each.name != "help"]
        parts += [f"### `ipdbook {name}` {{.unnumbered}}", _one_line(words)]
        parts += ["```{.text}\n" + example.removeprefix("Example: ") + "\n```"]
        parts += _definitions(rows)
    return Shown("\n\n".join(parts) + "\n")


def keys(model: type[BaseModel], file: str) -> Shown:
    """Describe every key of a file, section by section, from the model that reads it."""
    parts, waiting, done = [], [(model, f"`{file}`")], set()
    while waiting:
        current, title = waiting.pop(0)
        if current in done:
            continue
        done.add(current)
        rows = []
        for name, field in current.model_fields.items():
            note = "required" if field.is_required() else _default(field.default)
            kind = _kind(field.annotation)
            text = f"{field.description} *{kind}; {note}.*"
            rows.append((f"`{name}`", text))
            waiting += [(each, f"`{name}`") for each in _models(field.annotation)]
        heading = f"### {title} {{.unnumbered}}"
        parts += [heading, _markdown(inspect.getdoc(current) or ""), *_definitions(rows)]
    return Shown("\n\n".join(parts) + "\n")


def example(path: str) -> Shown:
    """Show a file of the default review, without the lines that only name its schema."""
    text = (HOUSE / path).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "yaml-language-server" not in line]
    return Shown("```{.yaml}\n" + "\n".join([f"# {path}", *lines]) + "\n```\n")


def functions(room: str) -> Shown:
    """Describe what a room exports: of each room within first the functions, then their results.

    The words that options take come last, together.
    """
    module = importlib.import_module(room)
    rooms: dict[str, list[Any]] = {}
    words = []
    for name in sorted(getattr(module, "__all__", ()), key=lambda name: (name[0].isupper(), name)):
        item = getattr(module, name)
        if get_origin(item) is not None:
            words.append((f"`{name}`", f"{_kind(item)}."))
        elif callable(item):
            rooms.setdefault(item.__module__.rpartition(".")[0], []).append(item)
    parts = _definitions([_entry(item) for item in rooms.pop(room, [])])
    for place, items in sorted(rooms.items()):
        parts += _section(place, items)
    if words:
        parts += ["### Words that options take {.unnumbered}", *_definitions(words)]
    return Shown("\n\n".join(parts) + "\n")


def _section(place: str, items: list[Any]) -> list[str]:
    """Describe a room under its title, module by module if it is crowded."""
    groups: dict[str, list[Any]] = {}
    for item in items:
        groups.setdefault(item.__module__ if len(items) > CROWDED else place, []).append(item)
    parts = []
    for name, group in sorted(groups.items()):
        title = _first(inspect.getdoc(importlib.import_module(name)) or name).removesuffix(".")
        parts += [f"### {title} {{.unnumbered}}", *_definitions([_entry(item) for item in group])]
    return parts


def _entry(item: Any) -> tuple[str, str]:
    signature = _signature(item) if inspect.isfunction(item) else ""
    return f"`{item.__name__}{signature}`", _first(inspect.getdoc(item) or "")


def _signature(function: Any) -> str:
    parts, keyword = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword:
            parts.append("*")
            keyword = True
        given = parameter.default is not parameter.empty
        name = f"**{parameter.name}" if parameter.kind is parameter.VAR_KEYWORD else parameter.name
        parts.append(f"{name}={parameter.default!r}" if given else name)
    return f"({', '.join(parts)})"


def _option(parameter: Any) -> tuple[str, str]:
    shown = ", ".join(
        f"`{each}`" for each in getattr(parameter, "opts", ()) if each.startswith("-")
    )
    default = parameter.default
    said = "" if default in (None, False, ()) or parameter.required else f" *Default: {default}.*"
    text = getattr(parameter, "help", "") or ""
    return shown or f"`{parameter.name}`", text + said


def _definitions(rows: list[tuple[str, str]]) -> list[str]:
    return ["\n".join(f"- {name}: {_one_line(text)}" for name, text in rows)] if rows else []


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for each in get_args(annotation) for model in _models(each)]


def _kind(annotation: Any) -> str:
    """Name a type for people who write YAML."""
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "one of " + ", ".join(f"`{each}`" for each in inside)
    if origin in (Union, UnionType):
        return " or ".join(_kind(each) for each in inside if each is not type(None))
    if origin is dict:
        return f"keys, each with {_kind(inside[1])}"
    if origin is tuple:
        several = inside[-1] is Ellipsis
        return f"list of {_kind(inside[0])}" if several else f"list of {len(inside)}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return names.get(annotation, getattr(annotation, "__name__", "value"))


def _default(value: Any) -> str:
    if value is PydanticUndefined or value in (None, "", (), {}) or isinstance(value, BaseModel):
        return "may be left out"
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return f"`{shown}` when left out"


def _first(text: str) -> str:
    return _markdown(text.split("\n\n", maxsplit=1)[0])


def _markdown(text: str) -> str:
    """Turn a docstring into Markdown: roles and double backticks become code."""
    text = re.sub(r":\w+:`([^`]+)`", r"`\1`", text).replace("``", "`")
    return re.sub(r"([@$#*<])", r"\\\1", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def checks() -> Shown:
    """List the integrity checks by id, with what to do about a finding."""
    from analysis.trials.integrity.catalogue import CHECKS, DOMAINS

    parts = []
    for key, domain in DOMAINS.items():
        mine = [(f"`{name}`", check) for name, check in CHECKS.items() if name.startswith(key)]
        rows = [
            (name, f"{check.title}{f' ({check.test})' if check.test else ''}. {check.action}")
            for name, check in mine
        ]
        if rows:
            parts += [f"### {domain} {{.unnumbered}}", *_definitions(rows)]
    return Shown("\n\n".join(parts) + "\n")
