"""Check the options of a function: one of several words, a coverage, a number within limits.

`option` is what a message calls it, the function first where it is known: "pool: method".
"""

from collections.abc import Collection
from math import inf
from typing import TypeGuard

import numpy as np

from analysis.errors import ModelError


def check_choice(option: str, value: object, choices: Collection[str | None]) -> None:
    """Refuse a value that is none of `choices`.

    Raises
    ------
    ModelError
        It is another word, or no word at all.
    """
    word = value is None or isinstance(value, str)
    if not word or value not in choices:
        listed = ", ".join(map(str, choices))
        raise ModelError(f"{option} must be one of {listed}, but is {value!r}.")


def check_level(function: str, level: object) -> None:
    """Refuse a coverage that does not lie between 0 and 1.

    Raises
    ------
    ModelError
        Outside, or no number: a text is not read as one.
    """
    if not is_number(level) or not 0 < level < 1:
        raise ModelError(
            f"{function}: level must lie between 0 and 1, as 0.95 does, but is {_told(level)}."
        )


def check_whole(option: str, value: object, *, least: int) -> None:
    """Refuse a value that is no whole number, or below the least.

    Raises
    ------
    ModelError
        Below, broken, or no number: a text is not read as one.
    """
    if not is_number(value) or not least <= value < inf or value != value // 1:
        raise ModelError(f"{option} must be a whole number from {least} on, but is {_told(value)}.")


def check_number(option: str, value: object, *, below: float = inf) -> None:
    """Refuse a value that is no number from 0 on, or not below a limit.

    Raises
    ------
    ModelError
        Outside, or no number: a text is not read as one.
    """
    if not is_number(value) or not 0 <= value < below:
        limits = "be a number, not negative" if below == inf else f"lie from 0 to below {below:g}"
        raise ModelError(f"{option} must {limits}, but is {_told(value)}.")


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number by its type: a text that looks like one is none."""
    number = (int, float, np.floating, np.integer)
    return isinstance(value, number) and not isinstance(value, bool)


def _told(value: object) -> str:
    return f"the text {value!r}" if isinstance(value, str) else repr(value)
