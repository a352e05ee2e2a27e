"""Synthetic example trials of a new review, made to be deleted."""

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
import yaml

from analysis.protocol import Modifier, Outcome, Protocol

PER_ARM = (45, 60, 75)
_SEED = 1
_HEAD = """\
# SYNTHETIC EXAMPLE: this trial never took place, and its participants do not exist.
# It shows what a trial.yml looks like. Delete this folder when the first real trial is there.
"""


def example_trial(number: int, protocol: Protocol) -> dict[str, str]:
    """Make one example trial: names of its files and their texts.

    Parameters
    ----------
    number
        From 1 on; every trial has its own size, and every arm of the plan.
    protocol
        The plan of the review.
    """
    rng = np.random.default_rng(_SEED + number)
    arms = list(protocol.arms)
    rows = _rows(PER_ARM[(number - 1) % len(PER_ARM)], arms, protocol, rng)
    text = io.StringIO()
    rows.to_csv(text, index=False, lineterminator="\n")
    return {"example.csv": text.getvalue(), "trial.yml": _mapping(number, arms, protocol)}


def _rows(
    per_arm: int, arms: list[str], protocol: Protocol, rng: np.random.Generator
) -> pd.DataFrame:
    group = rng.permutation(np.repeat(arms, per_arm))
    n, treated = len(group), group == protocol.treatment
    columns: dict[str, object] = {"id": np.arange(1, n + 1), "group": group}
    for key, modifier in protocol.modifiers.items():
        columns[key] = _modifier(modifier, n, rng)
    for key, outcome in protocol.outcomes.items():
        columns |= _outcome(key, outcome, treated, protocol, rng)
    return pd.DataFrame(columns)


def _modifier(modifier: Modifier, n: int, rng: np.random.Generator) -> np.ndarray:
    if modifier.levels:
        return rng.choice(list(modifier.levels), n)
    return np.clip(rng.normal(50, 12, n), 18, 90).round()


def _outcome(
    key: str,
    outcome: Outcome,
    treated: np.ndarray,
    protocol: Protocol,
    rng: np.random.Generator,
) -> Mapping[str, np.ndarray]:
    """Scores that improve in both arms, in the treated one by a fifth of a standard deviation."""
    n = len(treated)
    weeks = [protocol.follow_ups[name].weeks for name in outcome.follow_ups]
    if outcome.scale is None:
        sign = 1 if outcome.higher == "better" else -1
        risk = 0.4 + sign * 0.1 * treated
        return {f"{key}_w{week:g}": (rng.random(n) < risk).astype(int) for week in weeks}
    low, high = outcome.scale
    sign = 1 if outcome.higher == "better" else -1
    start = rng.normal(0.5, 0.15, n)
    scores = {f"{key}_w0": start}
    for week in weeks:
        later = start + sign * (0.1 + 0.03 * treated) + rng.normal(0, 0.12, n)
        scores[f"{key}_w{week:g}"] = np.where(rng.random(n) < 0.1, np.nan, later)
    return {
        name: (low + (high - low) * np.clip(share, 0, 1)).round(1) for name, share in scores.items()
    }


def _mapping(number: int, arms: list[str], protocol: Protocol) -> str:
    label = f"Example {number} (synthetic)"
    entries: dict[str, object] = {
        "label": label,
        "citation": {"key": f"example_{number}", "authors": "Nobody", "year": 2000 + number},
        "country": "Nowhere",
        "setting": "Synthetic",
        "files": [{"path": "example.csv"}],
        "participant": "id",
        "arm": {"column": "group", "codes": {arm: arm for arm in arms}},
        "arms": {
            arm: {"label": protocol.arms[arm].label, "category": arm, "type": "Synthetic"}
            for arm in arms
        },
        "outcomes": {
            key: _measured(key, plan, protocol) for key, plan in protocol.outcomes.items()
        },
        "modifiers": {
            key: {"column": key, **({"codes": {v: v for v in plan.levels}} if plan.levels else {})}
            for key, plan in protocol.modifiers.items()
        },
    }
    text = yaml.safe_dump(
        entries, sort_keys=False, allow_unicode=True, default_flow_style=None, width=98
    )
    return f"{_HEAD}{text}"


def _measured(key: str, plan: Outcome, protocol: Protocol) -> dict[str, object]:
    weeks = [protocol.follow_ups[name].weeks for name in plan.follow_ups]
    if plan.scale is not None:
        weeks = [0.0, *weeks]
    measured = [{"weeks": week, "column": f"{key}_w{week:g}"} for week in weeks]
    if plan.scale is None:
        return {"measurements": measured}
    scale = {"name": "example score", "range": list(plan.scale), "higher": plan.higher}
    return {"instrument": scale, "measurements": measured}
