"""The one way from a matplotlib figure into a document: an SVG file and Markdown that points to it.

Neither engine evaluates code in the options of a cell, so caption and alternative text made from a
result cannot stand in `#| fig-cap` and `#| fig-alt`: they are written here. Both engines number
and cross-reference the div as they do any other figure.

Letters are text, with their fonts inside the picture. Only browsers see those. The embedded engine
gives Typst and the pictures in Word the fonts of matplotlib. Under Quarto (1.9 and later) Typst
finds the files that are written here, when `_quarto.yml` names their folder as `font-paths`: with a
leading slash, since that is read from the project's root, and before Typst runs, since a folder
that is not there counts as empty. For all else that Quarto makes, letters are outlines: it puts the
picture as it is into a Word file, and Word would take whatever font it has.

Of several pages, only the first stands in the div: both engines keep a figure whole in PDF, and two
pages would not fit on one sheet of paper.
"""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.figure import Figure

from analysis.errors import RenderError
from analysis.figures.style import FONT, svg
from analysis.fonts import copy_fonts

FOLDER = Path("_build/figures")  # from the project's root, where cells are executed
FONTS = "fonts"  # below it
LABEL = re.compile(r"[a-z]+-[a-z0-9][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure as the output of a notebook cell.

    Its only rich form is Markdown: a `text/html` output anywhere in a document would make Quarto
    load scripts from a CDN.

    Attributes
    ----------
    markdown
        A div with the label, the first image and the caption; then the images of further pages.
    paths
        The SVG files that were written.
    """

    markdown: str = field(repr=False)
    paths: tuple[Path, ...]

    def _repr_markdown_(self) -> str:
        return self.markdown


def show_figure(
    figures: Figure | Sequence[Figure],
    *,
    label: str,
    caption: str,
    alt: str,
    notes: Sequence[str] = (),
    rows: str = "",
    folder: Path = FOLDER,
) -> ShownFigure:
    """Show a figure in a document, as the last line of a cell without `#| label` and `#| fig-cap`.

    Parameters
    ----------
    figures
        One figure, or its pages from first to last.
    label
        For cross-references, such as ``fig-pain``; also the name of the file.
    caption
        Markdown, in one paragraph, ending in a full stop.
    alt
        What the figure says, as plain text; with several pages each says which part it is.
    notes
        Sentences that follow the caption, as plain text.
    rows
        The plot in figures for pages, from :func:`analysis.figures.rows.rows_html`.
    folder
        Where SVG files are written, relative to the project's root.

    Raises
    ------
    RenderError
        The label cannot be referred to, there is no figure, or its caption or alternative text is
        empty.
    """
    sheets = [figures] if isinstance(figures, Figure) else list(figures)
    _check(sheets, label, caption, alt)
    copy_fonts(folder / FONTS, FONT)
    outlines = not _sees_fonts(folder / FONTS)
    images, paths = [], []
    for number, sheet in enumerate(sheets, 1):
        several = len(sheets) > 1
        path = folder / (f"{label}-{number}.svg" if several else f"{label}.svg")
        path.write_bytes(svg(sheet, outlines=outlines))
        part = f"Part {number} of {len(sheets)}. " if several else ""
        plot = f' data-plot="{label}-{number}"' if rows else ""
        images.append(f'![]({path.as_posix()}){{fig-alt="{attribute(part + alt)}"{plot}}}')
        paths.append(path)
    blocks = [f"::: {{#{label}}}", images[0], _paragraph(caption, notes), ":::"]
    for image in images[1:]:
        blocks += [image, f"@{label}, continued."]
    if rows:
        blocks += ['::: {.content-visible when-format="html"}', _raw(rows), ":::"]
    return ShownFigure("\n\n".join(blocks) + "\n", tuple(paths))


def _sees_fonts(folder: Path) -> bool:
    """Tell whether what is made draws text in our fonts: Quarto says in a file what it makes."""
    said = Path(os.environ.get("QUARTO_EXECUTE_INFO", ""))
    if not said.is_file():
        return True
    made = json.loads(said.read_text(encoding="utf-8"))["format"]
    stated = made.get("metadata", {}).get("font-paths") or []
    given = f"/{folder.as_posix()}" in ([stated] if isinstance(stated, str) else stated)
    target = str(made["pandoc"]["to"])
    return target.startswith("html") or (target.startswith("typst") and given)


def _paragraph(caption: str, notes: Sequence[str]) -> str:
    plain = (re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", note) for note in notes)
    return _one_line(" ".join([caption, *plain]))


def _raw(html: str) -> str:
    """Fence HTML by more backticks than stand anywhere in it."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", html))])
    return f"{fence}{{=html}}\n{html}\n{fence}"


def attribute(text: str) -> str:
    """Escape plain text for a quoted attribute of Pandoc's Markdown."""
    return _one_line(text).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')


def _one_line(text: str) -> str:
    """Fold white space, but keep the spaces at which no line may break."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


def _check(sheets: Sequence[Figure], label: str, caption: str, alt: str) -> None:
    if not LABEL.fullmatch(label):
        raise RenderError(
            f"The label of a figure is a kind, a hyphen and a name in small letters, such as "
            f"'fig-pain', but it is {label!r}. Otherwise no text can refer to it."
        )
    if not sheets:
        raise RenderError(f"The figure {label!r} has no page. Leave it out of the chapter.")
    for what, text in (("caption", caption), ("alternative text", alt)):
        if not text.strip():
            raise RenderError(
                f"The figure {label!r} has an empty {what}. Say what it shows, so that readers who "
                "cannot see it know as well."
            )
