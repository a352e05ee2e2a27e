"""Help of a command: an example first, then the words and the options."""

import inspect
from collections.abc import Callable
from typing import Any

EXIT_CODES = (
    "Exit codes: 0 done; 1 the input has problems; 2 the command line is wrong; 130 interrupted."
)


def help_of(command: Callable[..., Any]) -> tuple[str, str]:
    """Make the help of a command, and the line for the list of commands, from its docstring.

    Its paragraph "Example: …" comes first.
    """
    example, words = split_example(inspect.getdoc(command) or "")
    shown = f"Example: {example}\n\n{words}" if example else words
    return shown, words.split("\n\n", maxsplit=1)[0]


def split_example(text: str) -> tuple[str, str]:
    """Take the paragraph "Example: …" out of a docstring: the example, and the rest."""
    paragraphs = text.split("\n\n")
    examples = [each for each in paragraphs if each.startswith("Example: ")]
    rest = [each for each in paragraphs if not each.startswith("Example: ")]
    return " ".join(examples).removeprefix("Example: "), "\n\n".join(rest)
