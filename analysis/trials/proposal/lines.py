"""Values and comments of a `trial.yml` as lines of text."""

import textwrap
from collections.abc import Mapping
from typing import TypeVar

import yaml

from analysis.trials.proposal.guess import OPEN, Confidence

Key = TypeVar("Key")
_WIDTH = 98


def flow(value: object) -> str:
    """Write a value on one line."""
    text: str = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10**6, sort_keys=False
    )
    return text.removesuffix("...\n").strip()


def remark(text: str, indent: int = 0) -> str:
    """Write a comment, wrapped; what YAML cannot hold is left out."""
    plain = "".join(mark for mark in " ".join(text.split()) if mark.isprintable())
    lines = textwrap.wrap(plain, _WIDTH - indent - 2, break_long_words=False)
    return "".join(f"{' ' * indent}# {line}\n" for line in lines)


def said(confidence: Confidence, reason: str, value: object, indent: int) -> str:
    """Write the comment of a guess: a question when something in it is open."""
    mark = "? " if _asks(value) else ""
    return remark(f"{mark}{confidence}: {reason}", indent)


def _asks(value: object) -> bool:
    if isinstance(value, dict):
        return any(map(_asks, value.values()))
    if isinstance(value, list):
        return any(map(_asks, value))
    return value == OPEN


def plain_codes(codes: Mapping[str, object]) -> dict[str | int, object]:
    """Write codes that are plain numbers without quotes."""
    return {int(c) if _is_whole(c) else c: level for c, level in codes.items()}


def _is_whole(code: str) -> bool:
    return code.isascii() and code.isdigit() and str(int(code)) == code


def tidy(entry: Mapping[Key, object]) -> dict[Key, object]:
    """Write whole numbers without a point."""
    return {key: _whole(value) for key, value in entry.items()}


def _whole(value: object) -> object:
    if isinstance(value, list):
        return [_whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
