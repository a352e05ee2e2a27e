"""Rules about single participants: who they are, their values, and marks that stand for them."""

import re
from collections.abc import Iterable, Iterator

from analysis.publish.disclosure_parts import Finding, Part, finding
from analysis.recognise import TOKEN, Known, tokens, windows

MOST_MARKS = 60
_EXTREME = re.compile(
    r"\b(min|max|minimum|maximum|minima|maxima|smallest|largest|lowest|highest|youngest|oldest|"
    r"shortest|longest|range[ds]?|extremes?)\b",
    re.IGNORECASE,
)
_NEAR = 60  # letters
_REMOVE = "Remove it from the chapter or from the code that printed it, and render again."


def people_findings(part: Part, known: Known) -> Iterator[Finding]:
    """Find what points at single participants."""
    yield from _identifiers(part, known)
    yield from _sequences(part, known)
    yield from _extremes(part, known)
    yield from _dominated(part, known)
    yield from _marks(part, known)


def _identifiers(part: Part, known: Known) -> Iterator[Finding]:
    found = sorted({each for each in TOKEN.findall(part.text) if each in known.identifiers})
    if found:
        shown = f"{found[0]!r}" + (f" and {len(found) - 1} more" if len(found) > 1 else "")
        message = f"identifiers of participants stand here: {shown}."
        yield finding(part, "identifier", message, _REMOVE)
    for head in part.table.heads if part.table else ():
        if head.strip().lower() in known.id_columns:
            message = f"the column {head!r} is that of the participants' identifiers."
            yield finding(part, "identifier", message, _REMOVE)


def _sequences(part: Part, known: Known) -> Iterator[Finding]:
    runs = [part.text, *(" ".join(map(repr, numbers)) for numbers in part.numbers)]
    if part.table:
        runs += [" ".join(row) for row in part.table.rows]
        runs += [" ".join(column) for column in zip(*part.table.rows, strict=True)]
    for run in runs:
        hit = next((each for each in windows(tokens(run)) if each in known.sequences), None)
        if hit:
            message = (
                f"values of the trials' files follow each other here: {hit.replace('|', ', ')}."
            )
            yield finding(part, "row", message, f"{_REMOVE} Print a summary instead.")
            return


def _extremes(part: Part, known: Known) -> Iterator[Finding]:
    code = part.place.endswith("script")
    for match in _EXTREME.finditer(part.text):
        before, after = part.text[: match.start()], part.text[match.end() : match.end() + _NEAR]
        if before[-15:].lower().endswith("interquartile "):
            continue
        if code and not re.match(r"[\"']\s*:", after):  # a word of a programme, no name of data
            continue
        yield from _an_extreme(part, tokens(after), known)
    for head, column in _columns(part):
        if _EXTREME.search(head):
            yield from _an_extreme(part, [each for cell in column for each in tokens(cell)], known)


def _an_extreme(part: Part, values: Iterable[str], known: Known) -> Iterator[Finding]:
    for value in values:
        if value in known.extremes:
            message = f"{value} is an extreme of {known.extremes[value]}: the value of somebody."
            yield finding(part, "extreme", message, "Print percentiles, such as the 5th and 95th.")
            return


def _dominated(part: Part, known: Known) -> Iterator[Finding]:
    if known.dominated:
        for value in dict.fromkeys(tokens(part.text)):
            if value in known.dominated:
                where = known.dominated[value]
                message = (
                    f"to the mean {value} of {where} one participant gives more than all others."
                )
                yield finding(part, "dominance", message, "Print a median with quartiles instead.")


def _marks(part: Part, known: Known) -> Iterator[Finding]:
    most = known.trials
    if not most:
        return  # a review without participant data
    for marks in part.marks:
        if marks > max(MOST_MARKS, most) or (marks > most and marks in known.sizes):
            message = f"{marks} marks of one kind, but {most} trials: they stand for participants."
            remedy = "Draw a summary (quartiles, a fitted line with its interval) instead."
            yield finding(part, "points", message, remedy)
    for numbers in part.numbers:
        size, rising = len(numbers), list(numbers) == sorted(numbers)
        if (size > max(MOST_MARKS, most) or (size > most and size in known.sizes)) and not rising:
            message = f"a list of {size} numbers, but {most} trials: they stand for participants."
            yield finding(part, "points", message, _REMOVE)


def _columns(part: Part) -> Iterator[tuple[str, tuple[str, ...]]]:
    if part.table and part.table.rows:
        yield from zip(part.table.heads, zip(*part.table.rows, strict=True), strict=True)
