"""How a render tells what it is doing, and what is wrong."""

from collections.abc import Iterable
from typing import Protocol

from analysis.errors import RenderError
from analysis.problems import Problem, ProblemsError


class Progress(Protocol):
    """Called now and then during a render, possibly from several threads."""

    def __call__(self, step: str, number: int, steps: int, /) -> None:
        """Tell that `number` of `steps` parts of a step, such as ``run report.qmd``, are done."""


def silent(step: str, number: int, steps: int, /) -> None:
    """Tell nothing."""


class RenderProblemsError(ProblemsError, RenderError):
    """The documents have problems; `.problems` lists all of them, each with its place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        unique = dict.fromkeys(problems)
        super().__init__(sorted(unique, key=lambda each: (each.file, each.line or 0)))
