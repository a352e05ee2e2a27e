"""The metadata that the templates show: title, authors, date, abstract, keywords, header files."""

import datetime as dt
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.problems import Problem
from analysis.publish.embedded.outputs import fenced
from analysis.publish.project import SETTINGS

_INCLUDES = {
    "include-in-header": "header-includes",
    "include-before-body": "include-before",
    "include-after-body": "include-after",
}


def title_block(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return authors, affiliations, date, abstract and keywords as the templates read them.

    Parameters
    ----------
    metadata
        Of the document, in Quarto's forms: one author or several, as a text or a mapping.
    """
    authors = [_author(each) for each in _listed(metadata.get("author"))]
    places = list(dict.fromkeys(place for each in authors for place in each["affiliations"]))
    several = len(places) > 1
    shown = [
        {
            "name": each["name"],
            "marks": ",".join(
                sorted(str(places.index(place) + 1) for place in each["affiliations"])
            )
            if several
            else "",
            "orcid": each["orcid"],
            "literal": f"`{json.dumps(each['name'], ensure_ascii=False)}`{{=typst}}",
        }
        for each in authors
    ]
    keywords = [str(each) for each in _listed(metadata.get("keywords"))]
    abstract = str(metadata.get("abstract") or "").strip()
    return {
        "author": shown,
        "affiliation": [
            {"mark": str(at) if several else "", "name": place}
            for at, place in enumerate(places, 1)
        ],
        "date": shown_date(metadata.get("date")),
        "abstract": f"{abstract}\n" if abstract else "",  # the line end makes pandoc read blocks
        "keywords": keywords,
        "keyword-literal": [
            f"`{json.dumps(each, ensure_ascii=False)}`{{=typst}}" for each in keywords
        ],
        "lang": str(metadata.get("lang", "en")),
    }


def shown_date(value: object) -> str:
    """Write a date as day, month and year; `today` follows SOURCE_DATE_EPOCH; other text stays.

    Examples
    --------
    >>> shown_date("2026-01-05")
    '5 January 2026'
    """
    if value is None:
        return ""
    if value in {"today", "now"}:
        value = dt.datetime.fromtimestamp(stamp(), tz=dt.UTC).date()
    try:
        date = dt.date.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return f"{date.day} {date:%B} {date.year}"


def stamp() -> int:
    """Return the time of the render, in seconds: SOURCE_DATE_EPOCH when it is set."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or dt.datetime.now(tz=dt.UTC).timestamp())


def included_files(
    root: Path, settings: Mapping[str, Any], target: str
) -> tuple[dict[str, list[str]], list[Path], list[Problem]]:
    """Read what `include-in-header`, `include-before-body` and `include-after-body` name.

    Returns
    -------
    includes
        Raw Markdown blocks by template variable.
    files
        These files, the bibliography, the citation style and the reference document of Word.
    problems
        Files that do not exist.
    """
    includes: dict[str, list[str]] = {}
    names = ("bibliography", "csl", "reference-doc")
    files = [each for name in names for each in named_files(root, settings, name)]
    problems = [_missing(root, each) for each in files if not each.is_file()]
    problems += [_outside(root, each) for each in files if _leads_out(root, each)]
    for name, variable in _INCLUDES.items():
        for each in _listed(settings.get(name)):
            if isinstance(each, Mapping) and "text" in each:
                includes.setdefault(variable, []).append(_raw(str(each["text"]), target))
                continue
            stated = str(each.get("file") if isinstance(each, Mapping) else each)
            path = root / stated.lstrip("/")
            if _leads_out(root, path):
                problems.append(_outside(root, path))
            elif path.is_file():
                files.append(path)
                text = path.read_text(encoding="utf-8")
                includes.setdefault(variable, []).append(_raw(text, target))
            else:
                problems.append(_missing(root, path))
    return includes, files, problems


def _raw(text: str, target: str) -> str:
    """Mark text as the target's own; the line end makes pandoc read it as a block."""
    return fenced(text, f"{{={target}}}") + "\n"


def named_files(root: Path, settings: Mapping[str, Any], name: str) -> list[Path]:
    """Return the files that a setting names, such as `bibliography` or `csl`."""
    return [root / str(each).lstrip("/") for each in _listed(settings.get(name))]


def _leads_out(root: Path, path: Path) -> bool:
    """Whether a file lies outside the project and outside the repository that holds it.

    The examples share the bibliography and the citation style of the repository they live in.
    """
    above = (root, *root.parents)
    marks = (".git", "pyproject.toml")
    whole = next((each for each in above if any((each / mark).exists() for mark in marks)), root)
    return not path.resolve().is_relative_to(whole.resolve())


def _outside(root: Path, path: Path) -> Problem:
    shown = Path(os.path.relpath(path, root)).as_posix()
    message = f"a setting names the file {shown}, which lies outside the project."
    return Problem(SETTINGS, message, "Copy the file into the project.", check="outside-file")


def _missing(root: Path, path: Path) -> Problem:
    shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    message = f"a setting names the file {shown}, which does not exist."
    return Problem(SETTINGS, message, "Correct the path.", check="missing-file")


def _listed(value: Any) -> Sequence[Any]:  # noqa: ANN401 - YAML gives one or several of anything
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _author(value: object) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {"name": str(value), "affiliations": [], "orcid": ""}
    name = value.get("name", "")
    if isinstance(name, Mapping):
        name = name.get("literal") or f"{name.get('given', '')} {name.get('family', '')}".strip()
    places = _listed(value.get("affiliations") or value.get("affiliation"))
    return {
        "name": str(name),
        "affiliations": [
            str(each.get("name", "")) if isinstance(each, Mapping) else str(each) for each in places
        ],
        "orcid": str(value.get("orcid", "")),
    }
