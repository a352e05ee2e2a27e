"""Turn a cell's outputs into Markdown, and find outputs that cannot be published."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from analysis.errors import RenderError
from analysis.fonts import with_fonts
from analysis.problems import Problem
from analysis.publish.embedded.cells import Cell

_FORMS = ("text/markdown", "image/svg+xml", "text/plain")
_PLOT_OBJECT = re.compile(r"^\(?\[?<(matplotlib|Axes|Figure|BarContainer)|^Text\(|^\[?Text\(")


def output_problems(
    cell: Cell, outputs: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]
) -> Iterator[Problem]:
    """Find outputs that only a notebook can show, and figures without their text.

    Parameters
    ----------
    cell
        The cell.
    outputs
        Its notebook outputs.
    settings
        The document's `execute` settings.
    """
    if not _option(cell, settings, "include", default=True):
        return
    if _option(cell, settings, "output", default=True) is False:
        return
    shown = [each.get("data", {}) for each in outputs if "data" in each]
    pictures = [each["image/svg+xml"] for each in shown if _kind(each) == "image/svg+xml"]
    for data in shown:
        if _kind(data) is None or (_kind(data) == "text/plain" and "text/html" in data):
            found = ", ".join(sorted(data))
            yield cell.opening.problem(
                f"this cell puts out {found}, which only a web page can show.",
                "End the cell with show(table), or print text; never a bare DataFrame or GT.",
                "html-output",
            )
    if pictures and not str(cell.options.get("fig-alt", "")).strip():
        yield cell.opening.problem(
            "this cell draws a figure without alternative text.",
            "Add '#| fig-alt: …' that says what the figure shows.",
            "fig-alt",
        )
    for picture in set(pictures):
        try:
            with_fonts("".join(picture))
        except RenderError as error:
            what, _, remedy = str(error).partition(". ")
            yield cell.opening.problem(f"{what}.", remedy, "figure-font")
    if len(set(pictures)) < len(pictures):
        yield cell.opening.problem(
            "this cell shows the same figure twice.",
            "End the cell with plt.show() or with the figure, not with both.",
            "figure-twice",
        )


def cell_markdown(
    cell: Cell,
    outputs: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
    root: Path,
    figures: str,
) -> str:
    """Write a cell as Markdown: its code if echoed, its outputs, its caption.

    Parameters
    ----------
    cell, outputs, settings
        As in :func:`output_problems`.
    root
        The project's folder.
    figures
        Folder, relative to it, where figures are saved.
    """
    if not _option(cell, settings, "include", default=True):
        return ""
    parts = [_echo(cell, settings)] if _option(cell, settings, "echo", default=True) else []
    shown = _shown(cell, outputs, settings, root, figures)
    caption = cell.options.get("fig-cap") or cell.options.get("tbl-cap")
    if caption:
        body = "\n\n".join(text for kind, text in shown if kind == "body")
        parts += [text for kind, text in shown if kind == "note"]
        parts.append(f"::: {{#{cell.label}}}\n\n{body}\n\n{caption}\n\n:::")
    else:
        parts += [text for _, text in shown]
    text = "\n\n".join(["", *(each for each in parts if each), ""])
    lines = (f"{cell.indent}{line}" if line else "" for line in text.splitlines())
    return "\n".join(lines) + "\n"


def fenced(body: str, head: str) -> str:
    """Wrap text in a code fence that is longer than any fence inside."""
    longest = max((len(each) for each in re.findall(r"`{3,}", body)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{head}\n{body.rstrip()}\n{fence}"


def _option(cell: Cell, settings: Mapping[str, Any], name: str, *, default: bool) -> Any:  # noqa: ANN401 - asis, or a bool
    return cell.options.get(name, settings.get(name, default))


def _kind(data: Mapping[str, Any]) -> str | None:
    return next((mime for mime in _FORMS if mime in data), None)


def _echo(cell: Cell, settings: Mapping[str, Any]) -> str:
    fold = " .fold" if _option(cell, settings, "code-fold", default=False) else ""
    return fenced(cell.shown, f"{{.python .cell-code{fold}}}")


def _shown(
    cell: Cell,
    outputs: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any],
    root: Path,
    figures: str,
) -> list[tuple[str, str]]:
    """Write each output in its order: as part of the body, or as a note (printed text, errors)."""
    mode = _option(cell, settings, "output", default=True)
    shown: list[tuple[str, str]] = []
    for output in _merged(outputs) if mode is not False else ():
        if output["output_type"] == "error":
            error = f"{output['ename']}: {output['evalue']}"
            shown.append(("note", fenced(error, "{.cell-output}")))
        elif output["output_type"] != "stream":
            many = len(outputs) > 1
            shown.append(("body", _display(cell, output["data"], root, figures, many=many)))
        elif output["name"] == "stdout" and mode == "asis":
            shown.append(("body", output["text"]))
        elif output["name"] == "stdout" or _option(cell, settings, "warning", default=True):
            shown.append(("note", fenced(output["text"], "{.cell-output}")))
    return shown


def _merged(outputs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Join printed texts that follow each other: a kernel cuts them where it likes."""
    merged: list[Mapping[str, Any]] = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            merged[-1] = {**last, "text": last["text"] + output["text"]}
        else:
            merged.append(output)
    return merged


def _display(cell: Cell, data: Mapping[str, Any], root: Path, figures: str, *, many: bool) -> str:
    kind = _kind(data)
    if kind is None:
        return ""
    value = data[kind] if isinstance(data[kind], str) else "".join(data[kind])
    if kind == "text/markdown":
        return value
    if kind == "text/plain":
        return "" if many and _PLOT_OBJECT.match(value) else fenced(value, "{.cell-output}")
    with suppress(RenderError):  # already among the problems, with its place
        value = with_fonts(value)
    path = f"{figures}/{hashlib.sha256(value.encode()).hexdigest()[:16]}.svg"
    (root / path).write_text(value, encoding="utf-8")
    alt = str(cell.options.get("fig-alt", "")).replace("\\", "\\\\").replace('"', '\\"')
    width = f' width="{cell.options["out-width"]}"' if "out-width" in cell.options else ""
    return f'![]({path}){{fig-alt="{alt}"{width}}}'
