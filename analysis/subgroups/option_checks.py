"""The checks that options of every search share."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args


def wrong_options(
    options: object, *, words: Mapping[str, Any], counts: Sequence[str], shares: Sequence[str]
) -> list[str]:
    """Say what is wrong with some options.

    Parameters
    ----------
    options
        Holds them as attributes.
    words
        Option → the ``Literal`` of the words that it takes.
    counts, shares
        Options that are at least 1, and those between 0 and 1.
    """
    wrong = [
        f"Expected {name} {' or '.join(map(repr, get_args(known)))}, found "
        f"{getattr(options, name)!r}."
        for name, known in words.items()
        if getattr(options, name) not in get_args(known)
    ]
    wrong += [
        f"Expected {name} of at least 1, found {getattr(options, name)}."
        for name in counts
        if getattr(options, name) < 1
    ]
    wrong += [
        f"Expected {name} between 0 and 1, found {getattr(options, name)}."
        for name in shares
        if not 0 < getattr(options, name) < 1
    ]
    return wrong
