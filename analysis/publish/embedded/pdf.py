"""Compile Typst markup to a tagged PDF/A that is PDF/UA-1 as well."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import typst

from analysis.errors import RenderError
from analysis.fonts import FOLDER
from analysis.publish.embedded.titleblock import stamp

Standard = Literal["1.7", "2.0", "a-2a", "a-2b", "a-2u", "a-3a", "a-3b", "a-3u", "ua-1"]
STANDARD: tuple[Standard, ...] = ("a-2b",)
ACCESSIBLE: Standard = "ua-1"
WITHOUT_UA: frozenset[Standard] = frozenset({"2.0"})  # PDF/UA-1 is a standard of PDF 1.7


def font_folders(root: Path, document: str, settings: Mapping[str, Any]) -> list[Path]:
    """Find the folders that `font-paths` names, as Quarto does.

    Parameters
    ----------
    root
        The project's folder: where a path with a leading slash starts.
    document
        The document relative to it: where any other path starts.
    settings
        Of the document.

    Raises
    ------
    RenderError
        A folder lies outside the project.
    """
    stated = settings.get("font-paths") or []
    folders = []
    for each in [stated] if isinstance(stated, str) else stated:
        inside = (root if str(each).startswith("/") else (root / document).parent).resolve()
        folder = (inside / str(each).lstrip("/")).resolve()
        if not folder.is_relative_to(root.resolve()):
            raise RenderError(
                f"_quarto.yml: font-paths names {str(each)!r}, which lies outside the project. "
                "Copy the fonts into the project."
            )
        folders.append(folder)
    return folders


def compile_pdf(
    markup: Path,
    root: Path,
    standards: Sequence[str] = STANDARD,
    fonts: Sequence[Path] = (),
) -> bytes:
    """Compile a Typst document.

    The fonts are those that Typst bundles, those that come with matplotlib and those of the
    project, so that the pages are the same on every machine.

    Parameters
    ----------
    markup
        The Typst file.
    root
        The project's folder: images outside it cannot be read.
    standards
        PDF standards; PDF/A-2b by default. PDF/UA-1 is added to those that it goes with: a picture
        without alternative text or a jump in the headings is then an error.
    fonts
        Folders of further fonts; one that does not exist holds none.

    Raises
    ------
    RenderError
        Typst cannot compile the document, or the standard cannot be met.
    """
    known = [each for each in get_args(Standard) if each in standards]
    unknown = sorted(set(standards) - set(known))
    if unknown:
        raise RenderError(
            f"_quarto.yml: unknown pdf-standard {', '.join(unknown)}. "
            f"Known: {', '.join(get_args(Standard))}."
        )
    if not WITHOUT_UA & set(known) and ACCESSIBLE not in known:
        known.append(ACCESSIBLE)
    try:
        pdf, warnings = typst.compile_with_warnings(
            str(markup),
            root=str(root),
            font_paths=[str(each) for each in (FOLDER, *fonts)],
            ignore_system_fonts=True,
            pdf_standards=known,
            timestamp=stamp(),
            pdf_tags=True,
        )
    except typst.TypstError as error:
        said = getattr(error, "diagnostic", None) or error
        raise RenderError(f"Typst could not make {markup.stem}.pdf.\n{said}") from None
    if warnings:
        found = "; ".join(str(getattr(each, "message", each)) for each in warnings)
        raise RenderError(f"Typst warns about {markup.stem}.pdf: {found}.")
    return bytes(pdf)
