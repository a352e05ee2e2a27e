"""Make a Word file of pandoc's document tree: pictures, pages, properties, the same bytes."""

import datetime as dt
import io
import json
import re
import subprocess
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from analysis.errors import RenderError
from analysis.publish.bundle import to_png
from analysis.publish.embedded.pandoc import pandoc_path
from analysis.publish.embedded.titleblock import stamp
from analysis.publish.embedded.word_pages import lay_sections, without_line_numbers
from analysis.publish.embedded.word_reference import reference_document
from analysis.publish.embedded.word_zip import same_bytes

# What pandoc may read of the metadata: all others would become properties of the file, paths too.
_SHOWN = {"title", "subtitle", "author", "date", "abstract", "abstract-title", "lang", "keywords"}
_CUSTOM = "docProps/custom.xml"
_SUPPLEMENT_SPACING = 1.15  # lines
_LENGTH = re.compile(r'<svg[^>]*?\swidth="([\d.]+)(pt|px|)"')
_POINTS = {"pt": 1.0, "px": 0.75, "": 0.75}
_POINTS_PER_INCH = 72.0

Node = dict[str, Any]


def word_metadata(block: Mapping[str, Any]) -> dict[str, Any]:
    """Write the authors of a title block as pandoc wants them for Word, with raised marks.

    Parameters
    ----------
    block
        From :func:`analysis.publish.embedded.titleblock.title_block`.
    """
    names = []
    for each in block["author"]:
        name = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", each["name"])
        names.append(f"{name}^{each['marks']}^" if each["marks"] else name)
    return {"author": names}


def make_word(tree: str, settings: Mapping[str, Any], root: Path, work: Path, name: str) -> bytes:
    """Write a document as a Word file.

    Parameters
    ----------
    tree
        Pandoc's document tree as JSON, with everything resolved.
    settings
        Of the document: `reference-doc` (a file below the root) says how it looks; without it the
        engine's own does, with `running-title` and `running-note` in the head of every page.
        `title-block` holds the authors and their affiliations. `line-numbers: false` takes out
        the line numbers and the wide spacing.
    root, work
        The project's folder, and the folder for files on the way.
    name
        Of these files.

    Raises
    ------
    RenderError
        Pandoc fails, or a picture cannot be drawn.
    """
    content = json.loads(tree)
    content["meta"] = {key: each for key, each in content["meta"].items() if key in _SHOWN}
    for number, image in enumerate(_images(content["blocks"])):
        _into(work, image, root, f"{name}-{number}")
    source, target = work / f"{name}.tree.json", work / f"{name}.docx"
    source.write_text(json.dumps(content), encoding="utf-8")
    reference = _reference(settings, root, work / f"{name}-reference.docx")
    command = [pandoc_path(), str(source), "--from", "json", "--to", "docx", "--standalone"]
    command += ["--reference-doc", str(reference), "--output", str(target), *_contents(settings)]
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode or "[WARNING]" in done.stderr:
        raise RenderError(f"pandoc could not make {name}.docx: {done.stderr.strip()}")
    return _finished(target, settings)


def _contents(settings: Mapping[str, Any]) -> list[str]:
    depth = str(settings.get("toc-depth", 3))
    return ["--toc", f"--toc-depth={depth}"] if settings.get("toc") else []


def _reference(settings: Mapping[str, Any], root: Path, made: Path) -> Path:
    stated = settings.get("reference-doc")
    if stated:
        return root / str(stated).lstrip("/")
    title, note = (str(settings.get(f"running-{each}") or "") for each in ("title", "note"))
    made.write_bytes(reference_document(title=title, note=note))
    return made


def _images(node: object) -> Iterator[Node]:
    if isinstance(node, dict):
        if node.get("t") == "Image":
            yield node
        for each in node.values():
            yield from _images(each)
    elif isinstance(node, list):
        for each in node:
            yield from _images(each)


def _into(work: Path, image: Node, root: Path, name: str) -> None:
    """Put a picture where pandoc runs: pandoc writes the path into the file, so it must be short.

    An SVG picture is drawn with 300 dots per inch, since not every Word reads SVG.
    """
    (_, _, attributes), _, source = image["c"]
    path = root / source[0]
    content = path.read_bytes()
    drawn = path.suffix.lower() == ".svg"
    target = work / f"{name}{'.png' if drawn else path.suffix}"
    target.write_bytes(to_png(content) if drawn else content)
    source[0] = target.name
    width = _LENGTH.search(content[:2000].decode("utf-8", "replace")) if drawn else None
    if width and not any(key in {"width", "height"} for key, _ in attributes):
        inches = float(width[1]) * _POINTS[width[2]] / _POINTS_PER_INCH
        attributes.append(["width", f"{inches:.4f}in"])


def _finished(path: Path, settings: Mapping[str, Any]) -> bytes:
    document = Document(str(path))
    lay_sections(document)
    if settings.get("line-numbers") is False:
        without_line_numbers(document, _SUPPLEMENT_SPACING)
    _number_bookmarks(document)
    for picture in document.element.body.iter(qn("wp:inline")):
        picture.attrib.update({f"dist{side}": "0" for side in "TBLR"})  # LibreOffice's are not zero
    _add_places(document, settings)
    _set_properties(document, settings)
    stream = io.BytesIO()
    document.save(stream)
    return same_bytes(stream.getvalue())


def _number_bookmarks(document: WordDocument) -> None:
    """Give every bookmark a number of its own: pandoc and the captions count separately."""
    numbers: dict[str, str] = {}
    for mark in document.element.body.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd")):
        numbers.setdefault(mark.get(qn("w:id")), str(len(numbers) + 1))
        mark.set(qn("w:id"), numbers[mark.get(qn("w:id"))])


def _add_places(document: WordDocument, settings: Mapping[str, Any]) -> None:
    """Write the affiliations below the last author: pandoc has no place for them."""
    style = next((each.style_id for each in document.styles if each.name == "Author"), "")
    marked = document.element.body.iterchildren(qn("w:p"))
    authors = [Paragraph(each, document) for each in marked if style and each.style == style]
    places = settings["title-block"]["affiliation"] if authors else ()
    for place in reversed(places):
        above = authors[-1].paragraph_format.element
        above.addnext(deepcopy(above))
        written = Paragraph(above.getnext(), document)
        written.text = ""
        mark = written.add_run(place["mark"])
        mark.font.superscript, mark.font.bold = True, False
        name = written.add_run(place["name"])
        name.font.bold = False


def _set_properties(document: WordDocument, settings: Mapping[str, Any]) -> None:
    """Say what the document is and who its authors are, not who or what made the file."""
    now = dt.datetime.fromtimestamp(stamp(), tz=dt.UTC).replace(tzinfo=None)
    about = document.core_properties
    about.created = about.modified = now
    about.author = "; ".join(each["name"] for each in settings["title-block"]["author"])
    about.last_modified_by, about.comments, about.revision = "", "", 1
    about.language = str(settings.get("lang", "en-GB"))
    about.keywords = "; ".join(str(each) for each in settings.get("keywords") or ())
