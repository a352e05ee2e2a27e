"""What runs inside the kernel: settings, inline values, the line of a failure.

The engine sends this file's text to the kernel as its first cell, so that a project may have a
package `analysis` of its own.
"""

import gc as _gc
import os as _os
import sys as _sys
from typing import Any as _Any

_IPDBOOK_HOMES: list[str] = []
_IPDBOOK_MIME = "application/vnd.ipdbook+json"
_gc.set_threshold(50_000, 20, 20)  # seldom: libraries are many objects, and nearly all stay


def _ipdbook_prepare(folder: str, paths: list[str]) -> None:
    """Set the working folder, the import path and reproducible SVG figures."""
    _os.chdir(folder)
    _IPDBOOK_HOMES.extend(paths)
    _sys.path[:0] = [each for each in paths if each not in _sys.path]
    import matplotlib as mpl

    mpl.rcdefaults()
    mpl.rcParams.update(
        {"svg.hashsalt": "ipdbook", "svg.fonttype": "none", "figure.figsize": (7, 5)}
    )
    shell = _ipdbook_shell()
    shell.run_line_magic("config", "InlineBackend.figure_formats = ['svg']")
    shell.run_line_magic(
        "config",
        "InlineBackend.print_figure_kwargs = {'bbox_inches': 'tight', 'metadata': {'Date': None}}",
    )
    shell.run_line_magic("matplotlib", "inline")


def _ipdbook_place(file: str, line: int) -> str:
    """Name a line of the project or of this package; nothing for a line of a library."""
    for home in _IPDBOOK_HOMES:
        if file.startswith(home + _os.sep) and "site-packages" not in file:
            return f"{_os.path.relpath(file, home)}:{line}"
    return ""


def _ipdbook_send(content: object) -> None:
    _ipdbook_shell().display_pub.publish({_IPDBOOK_MIME: content})


def _ipdbook_shell() -> _Any:  # noqa: ANN401 - IPython's shell has no public type
    from IPython.core.getipython import get_ipython

    return get_ipython()


def _ipdbook_inline(expressions: list[str]) -> None:
    """Evaluate inline expressions; send for each what kind of thing it is, and its text."""
    _ipdbook_send([_ipdbook_value(each) for each in expressions])


def _ipdbook_value(expression: str) -> list[str]:
    try:
        value = _ipdbook_shell().ev(expression)
        if isinstance(value, str):
            return ["text", str(value)]
        markdown = getattr(value, "_repr_markdown_", None)
        if markdown is not None:
            return ["markdown", str(markdown())]
    except Exception as error:  # noqa: BLE001 - whatever an expression raises is told
        return ["error", f"{type(error).__name__}: {error}"]
    return ["type", type(value).__name__]


def _ipdbook_failure() -> None:
    """Send the line of the cell at which the last exception came up, and the line of our code."""
    error = getattr(_sys, "last_value", None)
    line, raised = getattr(error, "lineno", None), ""
    frame = getattr(error, "__traceback__", None)
    while frame is not None:
        code = frame.tb_frame.f_code
        if code.co_name == "<module>" and frame.tb_frame.f_globals is _ipdbook_shell().user_ns:
            line = frame.tb_lineno
        raised = _ipdbook_place(code.co_filename, frame.tb_lineno) or raised
        frame = frame.tb_next
    _ipdbook_send({"line": line or 1, "raised": raised})
