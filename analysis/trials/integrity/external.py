"""External inconsistencies: the data against the publication."""

import re
from collections import Counter
from collections.abc import Iterator
from math import isnan

from analysis.trials.integrity.checked import Checked, Severity, passed, raised, unable
from analysis.trials.integrity.trial_data import TrialData
from analysis.trials.mapping import Published


def external(data: TrialData) -> Iterator[Checked]:
    """Raise every published figure that the data do not reproduce, see `published.reproduce`.

    A discrepant number of participants is serious, another discrepant figure notable, one that is
    close or cannot be computed worth knowing.
    """
    check = "external-published"
    if not data.mapping.published:
        yield unable(check, "published gives no figures")
        return
    rows = data.figures.to_dict("records")
    names = [_name(figure) for figure in data.mapping.published]
    seen: Counter[str] = Counter()
    missed = 0
    for figure, name, row in zip(data.mapping.published, names, rows, strict=True):
        seen[name] += 1
        if row["verdict"] == "reproduced":
            continue
        missed += 1
        given = "nothing" if isnan(row["reproduced"]) else f"{row['reproduced']:.6g}"
        yield raised(
            check,
            _severity(figure, str(row["verdict"])),
            about=name if seen[name] == 1 else f"{name}-{seen[name]}",
            expected=f"{row['label']}, {row['arm']}, {figure.statistic}: {row['published']:g}",
            found=f"{given} ({row['verdict']})",
        )
    if not missed:
        yield passed(check)


def _severity(figure: Published, verdict: str) -> Severity:
    if verdict != "discrepant":
        return Severity.INFORMATION
    return Severity.SERIOUS if figure.statistic == "n" else Severity.NOTABLE


def _name(figure: Published) -> str:
    """Name a figure by what it is: "pain@13-mean-exercise"."""
    weeks = "" if figure.weeks is None else f"@{figure.weeks:g}"
    what = figure.outcome or figure.modifier or figure.label or "randomised"
    parts = (f"{what}{weeks}", figure.level, figure.statistic, figure.arm)
    conditions = tuple(f"{column}={code}" for column, code in figure.where.items())
    return re.sub(r"\s+", "_", "-".join(part for part in (*parts, *conditions) if part))
