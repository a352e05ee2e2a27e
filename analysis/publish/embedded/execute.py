"""Execute a document once; what its cells put out serves all formats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbclient.exceptions import DeadKernelError

from analysis.problems import Problem
from analysis.publish.embedded.cells import Cell, Prose
from analysis.publish.embedded.inline import Inline, find_inline
from analysis.publish.embedded.kernel import Failure, Kernel, start_kernel
from analysis.publish.progress import Progress

Outputs = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Executed:
    """What a document's segments gave.

    Parameters
    ----------
    outputs
        Notebook outputs of each cell, by the position of its segment.
    values
        Values of the inline expressions of each stretch of prose, by the position of its segment.
    problems
        The cell or the expressions that failed. Nothing after a failing cell is executed.
    """

    outputs: Mapping[int, Outputs]
    values: Mapping[int, tuple[str, ...]]
    problems: tuple[Problem, ...]


def execute(
    segments: Sequence[Prose | Cell],
    settings: Mapping[str, Any],
    *,
    document: str,
    folder: Path,
    root: Path,
    progress: Progress,
) -> Executed:
    """Execute the cells and inline expressions of a document in one new kernel.

    Parameters
    ----------
    segments
        The document.
    settings
        The `execute` settings of the document, which a cell's options override.
    document
        Its name, for the progress.
    folder
        The working folder.
    root
        The project's folder.
    progress
        Told after every segment.
    """
    work = [
        (at, each)
        for at, each in enumerate(segments)
        if (_evaluated(each, settings) if isinstance(each, Cell) else find_inline(each.lines))
    ]
    if not work:
        return Executed({}, {}, ())
    outputs: dict[int, Outputs] = {}
    values: dict[int, tuple[str, ...]] = {}
    problems: list[Problem] = []
    with start_kernel(folder, root) as kernel:
        for done, (at, segment) in enumerate(work):
            progress(f"run {document}", done, len(work))
            if isinstance(segment, Prose):
                values[at] = _inline_values(kernel, find_inline(segment.lines), problems)
                continue
            outputs[at], failed = _run_cell(kernel, segment, settings)
            if failed:
                problems.append(failed)
                break
    progress(f"run {document}", len(work), len(work))
    return Executed(outputs, values, tuple(problems))


def _evaluated(cell: Cell, settings: Mapping[str, Any]) -> bool:
    return bool(cell.options.get("eval", settings.get("eval", True)))


def _run_cell(
    kernel: Kernel, cell: Cell, settings: Mapping[str, Any]
) -> tuple[Outputs, Problem | None]:
    try:
        result = kernel.run(cell.source)
    except DeadKernelError:
        message = "the kernel died while it ran this cell (out of memory, or os._exit)."
        return (), cell.opening.problem(message, "Run the cell's code by itself.", "cell")
    if not isinstance(result, Failure):
        return result, None
    if cell.options.get("error", settings.get("error", False)):
        return result.outputs, None
    line = cell.code[min(result.line, len(cell.code)) - 1] if cell.code else cell.opening
    outside = f" (raised at {result.raised})" if result.raised else ""
    remedy = "Mend the cell; nothing after it in this document was run."
    return (), line.problem(f"this cell failed: {result.message}{outside}.", remedy, "cell")


def _inline_values(
    kernel: Kernel, found: Sequence[Inline], problems: list[Problem]
) -> tuple[str, ...]:
    results = kernel.inline([each.expression for each in found])
    for each, (kind, text) in zip(found, results, strict=True):
        if kind == "error":
            message = f"the inline code {each.expression!r} failed: {text}."
            problems.append(each.line.problem(message, "Correct the expression.", "inline-code"))
        elif kind == "type":
            message = f"the inline code {each.expression!r} gives {text}, expected a str."
            remedy = "Format it, for example f'{value:.1f}'."
            problems.append(each.line.problem(message, remedy, "inline-code"))
    return tuple(escape(text) if kind == "text" else text for kind, text in results)


def escape(text: str) -> str:
    """Escape what Quarto escapes in an inline text: `*`, `_`, `<` and `[`."""
    return "".join(f"\\{each}" if each in "*_<[" else each for each in text)
