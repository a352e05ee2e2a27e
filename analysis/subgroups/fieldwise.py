"""The same operation on every field of frozen dataclasses of arrays."""

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Arrays = TypeVar("Arrays", bound=DataclassInstance)
else:
    Arrays = TypeVar("Arrays")


def fieldwise(function: Callable[..., Any], *parts: Arrays) -> Arrays:
    """Make a dataclass like `parts` whose fields are `function` of theirs."""
    first = parts[0]
    made = [function(*(getattr(part, one.name) for part in parts)) for one in fields(first)]
    return type(first)(*made)
