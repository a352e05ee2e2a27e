"""What can be wrong with the file of the eligible trials that gave no participant data."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from math import isfinite

from analysis.problems import Problem
from analysis.protocol import Key, Protocol

REQUIRED = ("trial", "label", "participants", "category")
OF_TRIAL = ("label", "setting", "participants", "mean_age", "percent_female")
OF_ARM = ("category", "type", "design", "delivery", "n", "status")
PARTS = ("n", "mean", "sd")
ANY = 1e9  # no count and no score is as large

Row = Mapping[str, str]
Rows = list[tuple[int, Row]]


def score_columns(protocol: Protocol) -> dict[str, Key]:
    """Key of scores in the file, such as ``pain_short`` → outcome."""
    return {
        f"{key}_{name}": key
        for key, outcome in protocol.outcomes.items()
        if outcome.kind == "continuous"
        for name in outcome.follow_ups
    }


def baseline_columns(protocol: Protocol) -> dict[str, Key]:
    """Column of a mean at baseline, such as ``pain_baseline`` → outcome."""
    return {f"{key}_baseline": key for key, plan in protocol.outcomes.items() if plan.baseline}


def number(text: str) -> float | None:
    """Read a finite number; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None


def find_problems(rows: Rows, protocol: Protocol, shown: str) -> list[Problem]:
    """List everything that is wrong: with the header, or else with the rows.

    Parameters
    ----------
    rows
        Line and fields of each row, all with the same columns.
    protocol
        The plan of the review.
    shown
        The name of the file in messages.
    """
    found = list(_header_problems(rows[0][1], protocol, shown))
    if found:
        return found
    limits = _limits(protocol)
    for line, row in rows:
        texts = (*_texts(row, protocol), *_numbers(row, limits), *_gaps(row, protocol))
        found += [
            Problem(shown, message, remedy, row["trial"], "wrong-value", line, column)
            for column, message, remedy in texts
        ]
    return [*found, *_disagreements(rows, protocol, shown)]


def _header_problems(header: Row, protocol: Protocol, shown: str) -> Iterator[Problem]:
    scores = [f"{key}_{part}" for key in score_columns(protocol) for part in PARTS]
    known = ["trial", *OF_TRIAL, *OF_ARM, *baseline_columns(protocol), *scores]
    for name in REQUIRED:
        if name not in header:
            yield Problem(
                shown, f"the column {name!r} is missing.", "Add it.", check="missing-column"
            )
    for name in header:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.5)
            remedy = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            yield Problem(
                shown,
                f"unknown column {name!r}.",
                remedy,
                check="unknown-column",
                column=name,
            )


Wrong = tuple[str, str, str]  # column, message, remedy


def _texts(row: Row, protocol: Protocol) -> Iterator[Wrong]:
    for column in ("trial", "label", "participants"):
        if not row[column]:
            yield column, "the value is blank.", "Fill it in, in each row of the trial."
    if row["category"] not in protocol.arms:
        message = f"expected one of {', '.join(protocol.arms)}, found {row['category']!r}."
        yield "category", message, "Correct this value."
    if row.get("status", "").lower() == "synthetic" and protocol.data_status == "real":
        remedy = "Take the row out, or set data_status: synthetic in data/protocol.yml."
        yield "status", "the row is synthetic, but the review's data are real.", remedy


def _limits(protocol: Protocol) -> dict[str, tuple[float, float]]:
    """Smallest and largest value of each column of numbers."""
    limits: dict[str, tuple[float, float]] = {"participants": (1, ANY), "n": (1, ANY)}
    limits |= {"mean_age": (0, 130), "percent_female": (0, 100)}
    for key, outcome in (score_columns(protocol) | baseline_columns(protocol)).items():
        scale = protocol.outcomes[outcome].scale or (-ANY, ANY)
        limits |= {key: scale, f"{key}_mean": scale, f"{key}_sd": (0, scale[1] - scale[0])}
        limits[f"{key}_n"] = (2, ANY)
    return limits


def _numbers(row: Row, limits: Mapping[str, tuple[float, float]]) -> Iterator[Wrong]:
    for column, (low, high) in limits.items():
        text = row.get(column, "")
        if not text:
            continue
        value, whole = number(text), column in {"participants", "n"} or column.endswith("_n")
        if value is None or not low <= value <= high or (whole and value % 1):
            kind = "a whole number" if whole else "a number"
            reach = f"from {low:g} to {high:g}" if high < ANY else f"of {low:g} or more"
            yield column, f"expected {kind} {reach}, found {text!r}.", "Correct this value."


def _gaps(row: Row, protocol: Protocol) -> Iterator[Wrong]:
    for key in score_columns(protocol):
        filled = [bool(row.get(f"{key}_{part}")) for part in PARTS]
        if any(filled) and not all(filled):
            message = "n, mean and sd belong together, but this one is blank."
            yield f"{key}_{PARTS[filled.index(False)]}", message, "Give all three, or none."


def _disagreements(rows: Rows, protocol: Protocol, shown: str) -> Iterator[Problem]:
    """Find rows of one trial that say different things about it."""
    first: dict[str, Row] = {}
    for line, row in rows:
        start = first.setdefault(row["trial"], row)
        for column in (*OF_TRIAL, *baseline_columns(protocol)):
            if row.get(column) != start.get(column):
                yield Problem(
                    shown,
                    f"expected {start[column]!r}, as in the trial's first row, "
                    f"found {row[column]!r}.",
                    "Give each row of a trial the same value.",
                    row["trial"],
                    "rows-disagree",
                    line,
                    column,
                )
