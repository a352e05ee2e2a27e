"""Lines of a document that remember the file they came from, and fences of code."""

import re
from dataclasses import dataclass, field

from analysis.problems import Problem

_FENCE = re.compile(r"^\s*(?P<fence>`{3,}|~{3,})(?P<info>.*)$")
CODE_SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text.

    Parameters
    ----------
    text
        The line without its end.
    file
        The file that holds it, relative to the project.
    number
        Its number in that file, counted from 1.
    """

    text: str
    file: str
    number: int

    def problem(self, message: str, remedy: str, check: str) -> Problem:
        """Say what is wrong at this line."""
        return Problem(self.file, message, remedy, check=check, line=self.number)


@dataclass(slots=True)
class FenceTracker:
    """Follows fenced code blocks through successive lines."""

    fence: str = ""
    info: str = ""
    opening: Line | None = field(default=None)

    def feed(self, line: Line) -> str:
        """Take the next line and say what it is: ``open``, ``code``, ``close`` or ``prose``."""
        match = _FENCE.match(line.text)
        if not self.fence:
            if match is None or (match["fence"][0] == "`" and "`" in match["info"]):
                return "prose"
            self.fence, self.info, self.opening = match["fence"], match["info"].strip(), line
            return "open"
        if match and match["fence"].startswith(self.fence) and not match["info"].strip():
            self.fence, self.opening = "", None
            return "close"
        return "code"


def masked(text: str) -> str:
    """Blank out the code spans of a line, so that what they show is not read as syntax."""
    return CODE_SPAN.sub(lambda span: " " * len(span[0]), text)
