"""The plan of a new review as the text of `protocol.yml`."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import pairwise

import yaml

from analysis.demo.new_review.answers import NewFollowUp, NewModifier, NewOutcome, NewReview
from analysis.errors import ProtocolError

DATA_NOTE = "Synthetic example data: no figure describes a real participant or trial."
ANY = "any"
_HEAD = """\
# The plan of the review. Every chapter, table and model follows this file.
# Complete it before the data are seen: worthwhile effects, sensitivity analyses, registration.
"""
_SYNTHETIC = (
    "# While the example trials are there: synthetic. Then real, and a data_note of your own.\n"
)


def protocol_text(review: NewReview) -> str:
    """Write `protocol.yml`: every outcome, all comparisons together and each, all modifiers."""
    plan = protocol_content(review)
    head = ("title", "registration")
    status = ("data_status", "data_note")
    rest = [key for key in plan if key not in {*head, *status}]
    return (
        _HEAD
        + "".join(entry(key, plan[key]) for key in head)
        + _SYNTHETIC
        + "".join(entry(key, plan[key]) for key in status)
        + "\n"
        + "".join(entry(key, plan[key]) for key in rest)
    )


def protocol_content(review: NewReview) -> dict[str, object]:
    """Give the content of `protocol.yml`.

    Raises
    ------
    ProtocolError
        Two things have the same name.
    """
    arms = keys([review.treatment, *review.comparators])
    outcomes = keys(each.label for each in review.outcomes)
    modifiers = keys((each.label for each in review.modifiers), taken=outcomes.values())
    times = keys(each.label for each in review.follow_ups)
    controls = {arms[label]: label for label in review.comparators}
    comparisons: dict[str, object] = {
        ANY: {"label": "any comparison", "control": list(controls)},
        **(
            {key: {"label": label.lower(), "control": [key]} for key, label in controls.items()}
            if len(controls) > 1
            else {}
        ),
    }
    first = [times[min(review.follow_ups, key=lambda each: each.weeks).label]]
    named = list(outcomes.values())
    return {
        "title": review.title,
        "registration": "not registered yet",
        "data_status": "synthetic",
        "data_note": DATA_NOTE,
        "treatment": arms[review.treatment],
        "arms": {key: {"label": label} for label, key in arms.items()},
        "comparisons": comparisons,
        "follow_ups": _follow_ups(review.follow_ups, times),
        "outcomes": {outcomes[o.label]: _outcome(o, times) for o in review.outcomes},
        "modifiers": {modifiers[m.label]: _modifier(m) for m in review.modifiers},
        "model": {"inference": "satterthwaite", "level": 0.95},
        "overall": {"outcomes": named, "follow_ups": first, "comparisons": list(comparisons)},
        "interactions": {"outcomes": named, "follow_ups": first, "comparison": ANY},
        "minimum_cell": 10,
    }


def keys(labels: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Give each label a key of small letters, digits and underscores, and refuse doubles."""
    found: dict[str, str] = {}
    used = {*taken, "any"}
    for label in labels:
        plain = unicodedata.normalize("NFKD", label.casefold())
        key = re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode()).strip("_")
        if not key or key in used:
            raise ProtocolError(f"{label!r}: expected a name of its own, in letters. Change it.")
        used.add(key)
        found[label] = key
    return found


def _follow_ups(given: Iterable[NewFollowUp], times: Mapping[str, str]) -> dict[str, object]:
    """Windows that meet half-way between two follow-ups."""
    order = sorted(given, key=lambda each: each.weeks)
    weeks = [each.weeks for each in order]
    ends = [(a + b) / 2 for a, b in pairwise(weeks)] + [1.5 * weeks[-1]]
    starts = [weeks[0] / 4, *(end + 0.1 for end in ends[:-1])]
    return {
        times[each.label]: {
            "label": each.label,
            "weeks": whole(each.weeks),
            "window": [whole(round(start, 1)), whole(round(end, 1))],
        }
        for each, start, end in zip(order, starts, ends, strict=True)
    }


def _outcome(outcome: NewOutcome, times: Mapping[str, str]) -> dict[str, object]:
    common = {"label": outcome.label, "higher": outcome.higher, "follow_ups": list(times.values())}
    if outcome.scale is None:
        return {**common, "kind": "binary", "event": outcome.label.lower()}
    scale = [whole(limit) for limit in outcome.scale]
    return {**common, "kind": "continuous", "unit": "points", "scale": scale, "baseline": True}


def _modifier(modifier: NewModifier) -> dict[str, object]:
    if not modifier.levels:
        return {"label": modifier.label, "kind": "continuous", "unit": modifier.unit}
    levels = {key: label for label, key in keys(modifier.levels).items()}
    reference = next(iter(levels))
    return {
        "label": modifier.label,
        "kind": "categorical",
        "levels": levels,
        "reference": reference,
    }


def whole(value: float) -> float | int:
    """Write a whole number without a point."""
    return int(value) if float(value).is_integer() else value


def entry(key: str, value: object) -> str:
    """Write one key of `protocol.yml`, with an empty line after one that holds others."""
    nested = isinstance(value, dict | list)
    text: str = yaml.safe_dump(
        {key: value},
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None if nested else False,
        width=98,
    )
    return f"{text}\n" if nested else text
