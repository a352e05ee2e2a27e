"""Codes as text: values of files and of `trial.yml` in one form, so that they can be compared."""

import re
from typing import Annotated

from pydantic import BeforeValidator

_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)


def code_text(value: object) -> str:
    """Write a raw value as the text under which codes are compared.

    White space is trimmed and plain numbers lose what carries no value: 1, 1.0, "01" and "1 " are
    one code. Numbers of more than 15 digits stay as they are, because they are identifiers.
    """
    text = str(value).strip()
    if not _PLAIN_NUMBER.fullmatch(text):
        return text
    number = float(text)
    if abs(number) >= 1e15:
        return text
    return str(int(number)) if number.is_integer() else repr(number)


def _keys_as_text(value: object) -> object:
    return {code_text(k): v for k, v in value.items()} if isinstance(value, dict) else value


def _one_as_text(value: object) -> object:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return code_text(value) if number or isinstance(value, str) else value


def _both_as_text(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {code_text(code): _one_as_text(meaning) for code, meaning in value.items()}


def _all_as_text(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {str(column): code_text(code) for column, code in value.items()}


def _items_as_text(value: object) -> object:
    return tuple(code_text(v) for v in value) if isinstance(value, list | tuple) else value


Code = Annotated[str, BeforeValidator(_one_as_text)]
Codes = Annotated[dict[str, str], BeforeValidator(_both_as_text)]
Conditions = Annotated[dict[str, str], BeforeValidator(_all_as_text)]
Weeks = Annotated[dict[str, float], BeforeValidator(_keys_as_text)]
Values = Annotated[tuple[str, ...], BeforeValidator(_items_as_text)]
