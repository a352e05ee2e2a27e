"""The eligible trials that gave no participant data: what their publications say, from one file.

The file is comma-separated text in UTF-8 with a row for each arm. What concerns the whole trial
stands in each of its rows; scores are on the scales of the protocol. A blank is "not reported".
"""

import csv
from pathlib import Path

from analysis.problems import Problem, ProblemsError
from analysis.protocol import Key, Protocol
from analysis.trials.without_ipd_check import (
    Row,
    baseline_columns,
    find_problems,
    number,
    score_columns,
)
from analysis.yaml_file import Frozen


class ArmScores(Frozen):
    """Number, mean and standard deviation of the scores of one arm, on the protocol's scale."""

    n: int
    mean: float
    sd: float


class PublishedArm(Frozen):
    """One arm: its category in the protocol, what the treatment was like, and its results.

    `scores` has the keys "outcome_follow-up", such as ``pain_short``.
    """

    category: Key
    type: str = ""
    design: str = ""
    delivery: str = ""
    n: int | None = None
    scores: dict[str, ArmScores]


class TrialWithoutIpd(Frozen):
    """One eligible trial without participant data; `baselines` are means by outcome."""

    trial: str
    label: str
    setting: str = ""
    participants: int
    mean_age: float | None = None
    percent_female: float | None = None
    baselines: dict[Key, float]
    arms: tuple[PublishedArm, ...]


def read_without_ipd(project: Path, protocol: Protocol) -> tuple[TrialWithoutIpd, ...]:
    """Read the file that the protocol names; without one there are no such trials.

    Parameters
    ----------
    project
        Folder of the review; the file lies below its `data/`.
    protocol
        The plan of the review.

    Raises
    ------
    ProblemsError
        With every problem of the file, each with its line.
    """
    if not protocol.without_ipd:
        return ()
    shown = f"data/{protocol.without_ipd}"
    rows = _rows(project / "data" / protocol.without_ipd, shown)
    problems = find_problems(rows, protocol, shown)
    if problems:
        raise ProblemsError(problems)
    by_trial: dict[str, list[Row]] = {}
    for _, row in rows:
        by_trial.setdefault(row["trial"], []).append(row)
    return tuple(_trial(members, protocol) for members in by_trial.values())


def _rows(path: Path, shown: str) -> list[tuple[int, Row]]:
    """Read the rows as text, each with its line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [field.strip() for field in row]) for row in reader if row]
    except OSError:
        remedy = "Create it, or correct without_ipd in data/protocol.yml."
        problem = Problem(shown, "the file does not exist.", remedy, check="missing-file")
        raise ProblemsError([problem]) from None
    except UnicodeDecodeError:
        remedy = "Save it as UTF-8 (CSV UTF-8 in Excel)."
        raise ProblemsError(
            [Problem(shown, "the file is not UTF-8 text.", remedy, check="encoding")]
        ) from None
    if len(lines) < 2:
        remedy = "Give a row for each arm, or take without_ipd out of data/protocol.yml."
        problem = Problem(shown, "the file has no row below its header.", remedy, check="no-row")
        raise ProblemsError([problem])
    header = lines[0][1]
    wrong = [
        Problem(
            shown,
            f"the column {name!r} stands twice.",
            "Keep one of the two.",
            check="column-twice",
            column=name,
        )
        for name in dict.fromkeys(header)
        if header.count(name) > 1
    ]
    wrong += [
        Problem(
            shown,
            f"expected {len(header)} fields as in the header, found {len(row)}.",
            "Put texts with a comma in quotes, and separate fields with commas.",
            check="ragged",
            line=line,
        )
        for line, row in lines
        if len(row) != len(header)
    ]
    if wrong:
        raise ProblemsError(wrong)
    return [(line, dict(zip(header, row, strict=True))) for line, row in lines[1:]]


def _trial(rows: list[Row], protocol: Protocol) -> TrialWithoutIpd:
    first = rows[0]
    baselines = {
        key: value
        for column, key in baseline_columns(protocol).items()
        if (value := number(first.get(column, ""))) is not None
    }
    return TrialWithoutIpd(
        trial=first["trial"],
        label=first["label"],
        setting=first.get("setting", ""),
        participants=int(float(first["participants"])),
        mean_age=number(first.get("mean_age", "")),
        percent_female=number(first.get("percent_female", "")),
        baselines=baselines,
        arms=tuple(_arm(row, protocol) for row in rows),
    )


def _arm(row: Row, protocol: Protocol) -> PublishedArm:
    scores = {
        key: ArmScores(
            n=int(float(row[f"{key}_n"])),
            mean=float(row[f"{key}_mean"]),
            sd=float(row[f"{key}_sd"]),
        )
        for key in score_columns(protocol)
        if row.get(f"{key}_n")
    }
    n = number(row.get("n", ""))
    return PublishedArm(
        category=row["category"],
        type=row.get("type", ""),
        design=row.get("design", ""),
        delivery=row.get("delivery", ""),
        n=None if n is None else int(n),
        scores=scores,
    )
