"""What a bundle says about itself: how to cite it, what is in it, how to check it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from analysis.publish.embedded.titleblock import shown_date, stamp

TYPES = {
    ".html": "text/html",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
    ".md": "text/markdown",
    ".cff": "text/yaml",
    ".bib": "application/x-bibtex",
}
TABLES = (
    "- `tables/`: every table as CSV (UTF-8) and XLSX; `tables/data-dictionary.csv` says what each "
    "column is. A letter in square brackets is the mark of a note."
)
SEARCHED = (
    "These files hold aggregates only, and no record of a participant. Before they were shared "
    "every file was searched for records of participants."
)
CRATE = "https://w3id.org/ro/crate/1.1"


@dataclass(frozen=True, slots=True)
class About:
    """What a bundle is.

    Parameters
    ----------
    title
        Of the review.
    authors
        Their names.
    registration
        Where the review is registered; empty for nowhere.
    data_note
        What the data are.
    minimum
        Smallest number of participants that is printed; 0 when nothing is withheld.
    licence
        Address of the licence under which the bundle is shared; empty when none was named.
    """

    title: str
    authors: tuple[str, ...]
    registration: str = ""
    data_note: str = ""
    minimum: int = 0
    licence: str = ""


def day() -> str:
    """Return the day of the bundle, that of SOURCE_DATE_EPOCH when it is set."""
    return datetime.fromtimestamp(stamp(), tz=UTC).date().isoformat()


def citation_cff(about: About) -> bytes:
    """Write how to cite the bundle, in the Citation File Format 1.2.0."""
    lines = [
        "cff-version: 1.2.0",
        "message: Please cite this review as below.",
        "type: dataset",
        f"title: {json.dumps(about.title, ensure_ascii=False)}",
        "authors:",
        *(f"  - name: {json.dumps(name, ensure_ascii=False)}" for name in about.authors),
        f"date-released: {day()}",
    ]
    return ("\n".join(lines) + "\n").encode()


def citation_bib(about: About) -> bytes:
    """Write how to cite the bundle, as BibTeX."""
    first = re.sub(r"\W+", "", (about.authors[0].split() or ["review"])[-1]).lower()
    fields = {
        "title": f"{{{_braced(about.title)}}}",
        "author": " and ".join(f"{{{_braced(name)}}}" for name in about.authors),
        "year": day()[:4],
        "note": _braced(about.registration),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return (f"@misc{{{first or 'review'}{day()[:4]},\n" + ",\n".join(lines) + "\n}\n").encode()


def _braced(text: str) -> str:
    return re.sub(r"([&%$#_])", r"\\\1", re.sub(r"[{}\\]", "", text))


def readme(about: About, files: Mapping[str, bytes], captions: Mapping[str, str]) -> bytes:
    """Write what the recipient of a bundle must know."""
    documents = [
        name for name in files if "/" not in name and name.endswith((".html", ".pdf", ".docx"))
    ]
    withheld = (
        f'Numbers of fewer than {about.minimum} participants are withheld ("<{about.minimum}"), '
        f'and others so that no total gives them away ("≥{about.minimum}"); '
        "`disclosure-report.json` lists them."
        if about.minimum
        else "No number is withheld."
    )
    listed = [f"- `{name}`: {caption}" for name, caption in sorted(captions.items())]
    lines = [
        f"# {about.title}",
        "",
        f"{', '.join(about.authors)}. {shown_date(day())}.",
        "",
        about.data_note,
        "",
        "## What is here",
        "",
        *(f"- `{name}`" for name in documents),
        TABLES,
        "- `figures/`: every figure as SVG and as PNG (300 dots per inch).",
        "- `CITATION.cff`, `citation.bib`: how to cite this.",
        "- `ro-crate-metadata.json`: the same list for machines (RO-Crate 1.1).",
        "- `SHA256SUMS`: check that nothing was changed with `sha256sum --check SHA256SUMS`.",
        "",
        "The pages need no network and no other program than a browser.",
        "",
        "## Participants",
        "",
        f"{SEARCHED} {withheld}",
        "",
        "## Tables and figures",
        "",
        *listed,
    ]
    return ("\n".join(lines).replace("\n\n\n", "\n\n") + "\n").encode()


def crate(about: About, files: Mapping[str, bytes], captions: Mapping[str, str]) -> bytes:
    """Write the metadata of the bundle as an RO-Crate 1.1."""
    people = [
        {"@id": f"#author-{number}", "@type": "Person", "name": name}
        for number, name in enumerate(about.authors, 1)
    ]
    names = [*sorted(files), "disclosure-report.json", "SHA256SUMS"]
    parts = [_file(name, files, captions) for name in dict.fromkeys(names)]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": about.title,
        "description": about.data_note or about.title,
        "datePublished": day(),
        "author": [{"@id": each["@id"]} for each in people],
        "hasPart": [{"@id": each["@id"]} for each in parts],
        **({"identifier": about.registration} if about.registration else {}),
        **({"license": {"@id": about.licence}} if about.licence else {}),
    }
    own = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CRATE},
    }
    graph = [own, root, *people, *parts]
    content = {"@context": f"{CRATE}/context", "@graph": graph}
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _file(name: str, files: Mapping[str, bytes], captions: Mapping[str, str]) -> dict[str, str]:
    stem, _, ending = name.rpartition(".")
    caption = captions.get(stem) or captions.get(re.sub(r"-\d+$", "", stem)) or name
    found = {"@id": name, "@type": "File", "name": caption}
    if f".{ending}" in TYPES:
        found["encodingFormat"] = TYPES[f".{ending}"]
    if name in files:
        found["contentSize"] = str(len(files[name]))
    return found
