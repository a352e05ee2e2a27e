"""Rules about what a machine leaves behind: paths, user names, notebooks, files that hide."""

import re
from collections.abc import Iterator

from analysis.publish.disclosure_parts import Finding, Part, finding
from analysis.recognise import Known

_PATH = re.compile(
    r"file://\S+|(?<![\w:/.])/(?:home|Users|root|tmp|mnt|media|work|srv|opt|var|private)/[\w.~+@-]+[^\s\"'<>)]*"
    r"|\b[A-Za-z]:\\[\w .\\-]+|\\\\[\w.-]+\\\w+"
)
_REMAINS = {
    "Traceback (most recent call last)": "the message of a failure",
    "ipykernel_launcher": "the name of a notebook's process",
    "application/vnd.jupyter": "the state of a notebook",
    "ipython-input": "the name of a notebook's cell",
    "<ipython": "the name of a notebook's cell",
    '"cell_type"': "a notebook",
    "execution_count": "a notebook",
    "pd.read_": "code that reads data",
    "open_review(": "code of a chapter",
    "Unnamed: 0": "a data frame as it was printed",
}
_PROMPT = re.compile(r"(?:^|\s)(?:In|Out)\s?\[\d+\]:")
_FRAME = re.compile(r"\[\d+ rows x \d+ columns\]")
_KNOWN_PICTURES = "word/media/"


def remains_findings(part: Part, known: Known) -> Iterator[Finding]:
    """Find paths, names, remains of notebooks, and what cannot be looked into."""
    if match := _PATH.search(part.text):
        message = f"a path of a machine stands here: {match[0][:80]!r}."
        yield finding(part, "path", message, "Remove it, and name files relative to the project.")
    for name in known.private:
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", part.text):
            message = f"a name of this machine or its user stands here: {name!r}."
            yield finding(part, "user name", message, "Remove it from the text or the metadata.")
    for mark, what in _REMAINS.items():
        if mark in part.text:
            message = f"{what} is left here ({mark!r})."
            yield finding(
                part, "notebook", message, "Hide the cell (#| include: false), or remove it."
            )
    if (match := _PROMPT.search(part.text)) or (match := _FRAME.search(part.text)):
        message = f"what a notebook printed is left here ({match[0].strip()!r})."
        yield finding(part, "notebook", message, "Show a table through analysis.tables.show.")
    if part.opaque and not (_KNOWN_PICTURES in part.place and part.file.endswith(".docx")):
        remedy = "Share it as text, SVG or a table, which can be looked into; or take it out."
        yield finding(part, "unreadable", f"{part.opaque}.", remedy)
