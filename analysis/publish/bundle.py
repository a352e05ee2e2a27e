"""Put everything that a reader of the review needs into one folder: pages, tables, pictures."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

from analysis.errors import RenderError
from analysis.fonts import FOLDER
from analysis.publish.bundle_about import About, citation_bib, citation_cff, crate, readme
from analysis.publish.bundle_floats import SharedFigure, SharedTable, read_floats
from analysis.publish.bundle_tables import dictionary, to_csv, to_xlsx

CHECKSUMS = "SHA256SUMS"
DPI = 300


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a bundle: path below its folder → content."""

    files: Mapping[str, bytes]

    def write(self, folder: Path) -> None:
        """Write all files into a folder."""
        for name, content in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


def make_bundle(outputs: Sequence[Path], about: About) -> Bundle:
    """Collect the rendered documents and what can be taken out of them.

    Every table of the pages becomes a CSV and an XLSX file, every figure an SVG and a PNG file of
    300 dots per inch. The same outputs and the same `SOURCE_DATE_EPOCH` give the same bytes.

    Parameters
    ----------
    outputs
        The rendered files, in any format.
    about
        What the bundle is, who made it, and when.
    """
    files = {path.name: path.read_bytes() for path in sorted(outputs)}
    tables: list[tuple[str, SharedTable]] = []
    figures: list[tuple[str, SharedFigure]] = []
    for path in sorted(outputs):
        if path.suffix == ".html":
            found, drawn = read_floats(path.read_text(encoding="utf-8"))
            tables += [(f"{path.stem}-{each.label}", each) for each in found]
            figures += [(f"{path.stem}-{each.label}", each) for each in drawn]
    for name, table in tables:
        files[f"tables/{name}.csv"] = to_csv([table.heads, *table.rows])
        files[f"tables/{name}.xlsx"] = to_xlsx(table)
    if tables:
        files["tables/data-dictionary.csv"] = dictionary(tables)
    for name, figure in figures:
        for stem, picture in _pictures(name, figure):
            files[f"figures/{stem}.svg"] = picture
            files[f"figures/{stem}.png"] = to_png(picture)
    files["CITATION.cff"] = citation_cff(about)
    files["citation.bib"] = citation_bib(about)
    named = {f"figures/{n}": f.caption for n, f in figures} | {
        f"tables/{n}": t.caption for n, t in tables
    }
    files["README.md"] = readme(about, files, named)
    files["ro-crate-metadata.json"] = crate(about, files, named)
    return Bundle(with_checksums(files))


def with_checksums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Add the list of the SHA-256 sums of all other files, as `sha256sum --check` reads it."""
    kept = {name: content for name, content in sorted(files.items()) if name != CHECKSUMS}
    sums = [f"{hashlib.sha256(content).hexdigest()}  {name}" for name, content in kept.items()]
    return kept | {CHECKSUMS: ("\n".join(sums) + "\n").encode()}


def _pictures(name: str, figure: SharedFigure) -> list[tuple[str, bytes]]:
    if len(figure.pictures) == 1:
        return [(name, figure.pictures[0])]
    return [(f"{name}-{number}", each) for number, each in enumerate(figure.pictures, 1)]


def to_png(picture: bytes) -> bytes:
    """Draw an SVG picture at its own size with 300 dots per inch.

    Raises
    ------
    RenderError
        It is no picture that Typst can draw.
    """
    page = "#set page(width: auto, height: auto, margin: 0pt)\n"
    source = f'{page}#image(bytes({_literal(picture.decode())}), format: "svg")'
    try:
        drawn = typst.compile(source.encode(), format="png", ppi=DPI, font_paths=_fonts())
    except typst.TypstError as error:
        raise RenderError(f"A figure could not be drawn as PNG: {error}.") from None
    return bytes(drawn)


@cache
def _fonts() -> typst.Fonts:
    """Find the fonts of figures, once."""
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER)])


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
