"""Letters of pictures: text in SVG, with the glyphs that it needs inside the picture.

A reader's machine need not have the font then: a browser draws the letters with the embedded
subset, and Typst with the files that come with matplotlib.
"""

import base64
import io
import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from importlib.metadata import distribution
from pathlib import Path
from typing import NamedTuple

from analysis.errors import RenderError
from analysis.files import write_atomically

# The only fonts that pictures may use; matplotlib itself is large, and not needed to find them.
FOLDER = Path(str(distribution("matplotlib").locate_file("matplotlib/mpl-data/fonts/ttf")))
NAME_PARTS = [0, 1, 2, 14]  # copyright, family, style, address of the licence
_EXACT = "text{text-rendering:geometricPrecision}"  # else widths are whole pixels in some browsers
_SPACES = re.compile(r"<text(?=[^>]*>(?: |[^<]*(?:  | <)))")  # that SVG would take out
_KEPT = '<text xml:space="preserve"'
_TEXT = re.compile(r"<(?:text|tspan)\b([^>]*)>([^<]*)")
_STYLE = re.compile(r"\bstyle=\"([^\"]*)\"")
_FAMILY = re.compile(r"(?:font-family:|font:[^;]*?[\d.]px)\s*'?([^;,']+)")
_FONT = re.compile(r"font(?:-weight|-style)?:[^;']*")


class Face(NamedTuple):
    """One face of a family of fonts."""

    family: str
    bold: bool
    slanted: bool


def with_fonts(picture: str) -> str:
    """Embed into a picture of matplotlib's the fonts of its text: only the glyphs that it uses.

    The same picture gives the same bytes. A picture without text stays as it is.

    Parameters
    ----------
    picture
        SVG that matplotlib wrote with `svg.fonttype: none`.

    Raises
    ------
    RenderError
        A font does not come with matplotlib: it would look different on another machine.
    """
    used: dict[Face, set[str]] = {}
    for face, text in _texts(picture):
        used.setdefault(face, set()).update(text)
    if not used:
        return picture
    rules = [_rule(face, "".join(sorted(letters))) for face, letters in sorted(used.items())]
    return _SPACES.sub(_KEPT, picture).replace("</style>", "".join([_EXACT, *rules, "</style>"]), 1)


def copy_fonts(folder: Path, family: str) -> None:
    """Write the upright faces of a family into a folder, for a Typst that looks for them there."""
    folder.mkdir(parents=True, exist_ok=True)
    for bold in (False, True):
        source = _file(Face(family, bold, slanted=False))
        target = folder / source.name
        if not target.is_file() or target.stat().st_size != source.stat().st_size:
            write_atomically(target, source.read_bytes())


def _texts(picture: str) -> Iterator[tuple[Face, str]]:
    for attributes, content in _TEXT.findall(picture):
        written = _STYLE.search(attributes)
        style = unescape(written[1]) if written else ""
        family = _FAMILY.search(style)
        if family and content:
            said = " ".join(_FONT.findall(style))
            bold = re.search(r"\b(bold|[6-9]00)\b", said) is not None
            face = Face(family[1].strip(), bold, "italic" in said or "oblique" in said)
            yield face, unescape(content)


@lru_cache
def _file(face: Face) -> Path:
    from matplotlib.font_manager import fontManager

    family = "DejaVu Sans" if face.family == "sans-serif" else face.family
    fonts, ours = fontManager.ttflist, FOLDER.resolve()
    known = [each for each in fonts if Path(each.fname).resolve().parent == ours]
    for each in known:
        bold, slanted = int(each.weight) >= 600, each.style in {"italic", "oblique"}
        if (each.name, bold, slanted) == (family, face.bold, face.slanted):
            return Path(each.fname)
    raise RenderError(
        f"A figure is set in the font {face.family!r}, which other machines may lack. Leave the "
        "font to matplotlib, or draw letters as outlines: mpl.rcParams['svg.fonttype'] = 'path'."
    )


@lru_cache
def _rule(face: Face, letters: str) -> str:
    glyphs = base64.b64encode(_subset(_file(face), letters)).decode()
    weight, style = ("bold" if face.bold else "normal"), ("oblique" if face.slanted else "normal")
    return (
        f"@font-face{{font-family:'{face.family}';font-weight:{weight};font-style:{style};"
        f"src:url(data:font/woff;base64,{glyphs}) format('woff')}}"
    )


def _subset(file: Path, letters: str) -> bytes:
    """Keep the glyphs of some letters and how far they stand apart, as a WOFF file."""
    from fontTools import subset, ttLib

    options = subset.Options(
        hinting=False,
        layout_features=["kern"],
        bidi_closure=False,
        name_IDs=NAME_PARTS,
        recalc_timestamp=False,
    )
    options.drop_tables += ["FFTM", "GDEF", "GSUB", "MATH", "gasp"]
    with ttLib.TTFont(file, recalcTimestamp=False, lazy=True) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=letters)
        subsetter.subset(font)
        font.flavor = "woff"
        target = io.BytesIO()
        font.save(target)
    return target.getvalue()
