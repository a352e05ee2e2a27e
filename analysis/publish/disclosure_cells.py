"""Rules about small numbers of participants, and what gives a withheld one away."""

import re
from collections.abc import Iterator, Sequence

from analysis.publish.disclosure_parts import Finding, Part, Table, Withheld, finding
from analysis.recognise import Known

# Columns that count participants: "n", "All (n=90) / n", "events / n", "Treated/control".
_COUNTS = re.compile(
    r"(^|/ |\()(n|no\.?|number|events|cases|count|frequency|participants|patients|people|women|men|"
    r"treated|controls?|left out)\b(?! ?[=,%])(?!.*(%|mean|median|\bsd\b))",
    re.IGNORECASE,
)
_NOT_COUNTS = re.compile(
    r"\b(trials?|studies|clinics|published|records|p value|interaction)\b", re.IGNORECASE
)
_BRACKETED = re.compile(r"\(participants|\(patients", re.IGNORECASE)
_WHOLE = re.compile(r"(?<![\w.,<≥>%\N{MINUS SIGN}-])(\d{1,3})(?![\w.,%])")
_TOTAL = re.compile(r"^(total|all|overall|sum|everyone)\b", re.IGNORECASE)
_PERCENT = re.compile(r"\d(?:\.\d+)? ?%")
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PEOPLE = (
    r"(?:participants?|patients?|women|men|woman|man|people|persons?|children|child|events?|deaths?|"
    r"cases?)"
)
_SENTENCE = re.compile(
    rf"(?<![\w.,<≥>-])(\d+|{'|'.join(_WORDS)})[ \u00a0\u202f]{_PEOPLE}\b", re.IGNORECASE
)
_REMEDY = (
    "Print it with analysis.results.suppression, which withholds it and what would give it away, "
    "or take it out."
)


def cell_findings(part: Part, known: Known) -> Iterator[Finding]:
    """Find counts below the threshold, and withheld ones that a margin or percentage gives away."""
    if not known.minimum:
        return
    yield from _sentences(part, known.minimum)
    if part.table is None:
        return
    yield from _small_cells(part, part.table, known)
    yield from _given_by_total(part, part.table, known.minimum)
    yield from _given_by_share(part, part.table, known.minimum)


def _sentences(part: Part, minimum: int) -> Iterator[Finding]:
    for match in _SENTENCE.finditer(part.text):
        word = match[1].lower()
        n = _WORDS.index(word) + 1 if word in _WORDS else int(word)
        if 0 < n < minimum:
            message = f"{match[0]!r} counts fewer than {minimum} participants."
            yield finding(part, "small number", message, _REMEDY)


def counts(head: str) -> bool:
    """Whether a column, by its header, counts participants."""
    last = head.rpartition(" / ")[2] if not head.lower().startswith("events") else head
    named = _COUNTS.search(last) and not _NOT_COUNTS.search(last)
    return bool(named or _BRACKETED.search(last))


def _small_cells(part: Part, table: Table, known: Known) -> Iterator[Finding]:
    minimum = known.minimum
    for row in table.rows:
        if row[0] in known.public:
            continue
        for head, cell in zip(table.heads, row, strict=True):
            if not counts(head) or len(cell) > 400:
                continue
            text = " ".join(re.findall(r"\(([^)]*)\)", cell)) if _BRACKETED.search(head) else cell
            small = [n for n in _WHOLE.findall(text.replace("/", " / ")) if 0 < int(n) < minimum]
            if small:
                message = (
                    f"row {row[0]!r}, column {head!r}: {small[0]} is a number of participants "
                    f"below {minimum}."
                )
                yield finding(part, "small number", message, _REMEDY)


def _given_by_total(part: Part, table: Table, minimum: int) -> Iterator[Finding]:
    """Find withheld numbers of a column that its total and what is printed determine."""
    for head, column in zip(table.heads, zip(*table.rows, strict=True), strict=True):
        if not counts(head):
            continue
        labelled = list(zip((row[0] for row in table.rows), column, strict=True))
        totals = [n for label, cell in labelled if _TOTAL.match(label) and (n := _plain(cell))]
        rest = [cell for label, cell in labelled if not _TOTAL.match(label)]
        hidden = [cell for cell in rest if _mark(cell, minimum)]
        shown = sum(n for cell in rest if (n := _plain(cell)) is not None)
        for total in totals:
            if (given := _determined(hidden, total - shown, minimum)) is not None:
                message = f"column {head!r}: the total and the other numbers give {given!r} away."
                yield finding(part, "margin", message, _REMEDY)


def _determined(hidden: Sequence[str], total: int, minimum: int) -> str | None:
    """Return the mark of a small number for which its total and the other marks leave one value.

    "<10" is 1 to 9 and "≥10" is 10 or more, so two of them that sum to 11 are 1 and 10.
    """
    small = [cell for cell in hidden if f"<{minimum}" in cell]
    others = len(hidden) - len(small)
    if not small or not len(small) + minimum * others <= total:
        return None
    most = total - minimum * others - (len(small) - 1)
    high = min(minimum - 1, most)
    low = 1 if others else max(1, total - (minimum - 1) * (len(small) - 1))
    return small[0] if low == high else None


def _given_by_share(part: Part, table: Table, minimum: int) -> Iterator[Finding]:
    """Find a percentage beside a withheld number."""
    for row in table.rows:
        hidden = [
            at
            for at, (head, cell) in enumerate(zip(table.heads, row, strict=True))
            if counts(head) and _mark(cell, minimum)
        ]
        for at in hidden:
            beside = row[at + 1] if at + 1 < len(row) else ""
            if _PERCENT.search(f"{row[at]} {beside}"):
                message = f"row {row[0]!r}: a percentage beside {row[at]!r} gives the number away."
                yield finding(part, "share", message, _REMEDY)


def _plain(cell: str) -> int | None:
    text = re.sub(r"[\s\u202f\u00a0]", "", cell)
    return int(text) if text.isdigit() else None


def _mark(cell: str, minimum: int) -> bool:
    return bool(re.search(rf"(?<![\w.])n?[<≥]{minimum}(?![\d.])", cell))


def withheld_cells(part: Part, minimum: int) -> Iterator[Withheld]:
    """List the numbers that a table or picture withholds."""
    if part.table is None or not minimum:
        return
    for row in part.table.rows:
        for head, cell in zip(part.table.heads, row, strict=True):
            if _mark(cell, minimum) and cell != row[0]:
                yield Withheld(part.file, part.place, f"{row[0]}, {head}", cell)
