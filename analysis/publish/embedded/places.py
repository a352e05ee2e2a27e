"""Find where something that pandoc complains about was written."""

import re
from collections.abc import Mapping, Sequence

from analysis.problems import Problem
from analysis.publish.embedded.document import Document
from analysis.publish.embedded.execute import Executed
from analysis.publish.embedded.lines import Line

# kind of complaint -> (how it was written, what is wrong, what to do)
_COMPLAINTS: Mapping[str, tuple[str, str, str]] = {
    "unresolved": (
        r"@{}(?![\w-])",
        "nothing that is numbered has the label {!r}, which is referred to here.",
        "Correct it, or give the label to a captioned float, a numbered section or an equation.",
    ),
    "unknown-citation": (
        r"@\{{?{}(?![\w-])",
        "the citation key {!r} is not in the bibliography.",
        "Correct the key, or add the reference to the .bib file.",
    ),
    "mixed": (
        r"@{}(?![\w-])",
        "a citation directly after the cross-reference @{} would be lost.",
        "Put a word between the two.",
    ),
    "duplicate": (
        r"(?:#{0}(?![\w-])|label:\s*[\"']?{0}(?![\w-]))",
        "the label {!r} stands more than once.",
        "Give each its own label.",
    ),
    "no-caption": (
        r"#{}(?![\w-])",
        "the div {!r} has no caption.",
        "Write the caption as the last paragraph of the div.",
    ),
    "no-alt": (
        r"\]\({}",
        "the image {!r} has no alternative text.",
        'Add {{fig-alt="…"}} that says what the figure shows.',
    ),
    "missing-image": (
        r"\]\({}",
        "the image {!r} does not exist.",
        "Correct the path (a leading / starts at the project).",
    ),
    "outside-image": (
        r"\]\({}",
        "the image {!r} lies outside the project.",
        "Copy it into the project.",
    ),
    "remote-image": (
        r"\]\({}",
        "the image {!r} would be loaded from the network.",
        "Save it in the project.",
    ),
}


def complaint_problems(
    document: Document, executed: Executed, complaints: Sequence[tuple[str, str]]
) -> list[Problem]:
    """Give each complaint of the filters its place.

    Parameters
    ----------
    document, executed
        The document and what its cells gave.
    complaints
        Pairs of a kind and the label, key or path concerned.
    """
    problems: list[Problem] = []
    for kind, value in dict.fromkeys(complaints):
        if kind not in _COMPLAINTS:
            problems.append(Problem(document.name, value, "", check=kind))
            continue
        written, wrong, remedy = _COMPLAINTS[kind]
        pattern = re.compile(written.format(re.escape(value)), re.IGNORECASE)
        found = [line for line in document.source.lines if pattern.search(line.text)]
        found = found or _printed(document, executed, value)
        message, remedy = wrong.format(value), remedy.format(value)
        if not found:
            problems.append(Problem(document.name, message, remedy, check=kind))
        problems += [line.problem(message, remedy, kind) for line in found]
    return problems


def certain(document: Document, complaints: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keep the complaints that stand even when cells were not run.

    A cell that was not run has no output for its caption, and might have written a label; a label
    that nothing in the text names, other than references, is certainly missing.
    """
    text = "\n".join(line.text for line in document.source.lines)
    return [
        (kind, value)
        for kind, value in complaints
        if kind not in {"no-caption", "pandoc"}
        and not (kind == "unresolved" and re.search(rf"(?<![@\w-]){re.escape(value)}(?!\w)", text))
    ]


def _printed(document: Document, executed: Executed, value: str) -> list[Line]:
    """Return the openings of the cells, and the lines of inline code, that wrote a value."""
    found: list[Line] = []
    for at, outputs in executed.outputs.items():
        segment = document.segments[at]
        if value in repr(outputs) and hasattr(segment, "opening"):
            found.append(segment.opening)
    for at, texts in executed.values.items():
        segment = document.segments[at]
        if any(value in each for each in texts) and hasattr(segment, "lines"):
            found.append(segment.lines[0])
    return found
