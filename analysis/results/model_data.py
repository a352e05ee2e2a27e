"""The participants that enter one model, and who is left out and why."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from analysis.errors import ResultError
from analysis.formats import in_words
from analysis.models.complete_cases import missing_values
from analysis.models.estimability import MINIMUM_GROUPS
from analysis.protocol import Protocol
from analysis.results.labels import in_sentence
from analysis.trials.master import Master

OUTCOME = "y"
TRIAL = "trial"
TREATMENT = "treat"
BASELINE = "baseline"
START = "score at baseline"
GROUP = "cluster"
KEPT = 12  # analyses whose participants are kept: outcomes, follow-ups and comparisons


@dataclass(frozen=True, slots=True)
class ModelData:
    """Rows of one analysis, before complete cases are taken.

    Parameters
    ----------
    frame
        One row per participant randomised to the treatment or to a control of the comparison:
        ``cluster``, ``treat`` (0/1), ``y`` (the outcome, missing when not assessed; the improvement
        since baseline when the protocol analyses change), ``baseline``
        when the model has one, and every modifier of the protocol under its key.
    has_baseline
        Whether the model is adjusted for a baseline.
    """

    frame: pd.DataFrame
    has_baseline: bool


def model_data(
    master: Master,
    *,
    outcome: str,
    follow_up: str,
    comparison: str,
    modifiers: tuple[str, ...] = (),
) -> ModelData:
    """Gather the participants of one analysis.

    Everybody in a treatment category stays in, whether or not the trial has a control of this
    comparison: such trials inform the slopes and variances and, through comparisons
    between trials when intercepts are random, the effect too, as in Hayden 2020.

    Returns
    -------
    ModelData
        Participants of trials that assessed the outcome at this follow-up at all.

    Raises
    ------
    ResultError
        When a modifier has the name of a column of the models, which would take its place.
    """
    taken = sorted({OUTCOME, BASELINE} & set(modifiers))
    if taken:
        raise ResultError(
            f"data/protocol.yml: the modifier {taken[0]!r} has the name of a column of the models. "
            "Choose another key, there and in each trial.yml."
        )
    found = _assessed(_Held(master), outcome, follow_up, comparison)
    return ModelData(found.copy(deep=False), has_baseline=BASELINE in found.columns)


@dataclass(frozen=True, eq=False)
class _Held:
    """A master dataset that is equal to itself alone, so that a cache can tell it from others."""

    master: Master

    def __hash__(self) -> int:
        return id(self.master)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and self.master is other.master


@lru_cache(maxsize=KEPT)
def _assessed(held: _Held, outcome: str, follow_up: str, comparison: str) -> pd.DataFrame:
    """Join participants and scores of one analysis, with every modifier; never to be changed.

    The last few are kept: a table of interactions asks for its own once for each modifier, and the
    other results of the same analysis ask for it again.
    """
    master, protocol = held.master, held.master.protocol
    people = _of_comparison(master.participants, protocol, comparison)
    wanted = (master.outcomes["outcome"] == outcome) & (master.outcomes["follow_up"] == follow_up)
    scores = master.outcomes[wanted]
    scores = scores[["trial", "participant", "value"]].rename(columns={"value": OUTCOME})
    plain = [name for name in protocol.modifiers if name not in {BASELINE, OUTCOME}]
    columns = ["trial", "participant", GROUP, TREATMENT, *plain]
    baseline = protocol.baseline_outcome(outcome)
    frame = people[columns].copy()
    frame[GROUP] = people[GROUP].astype("category")  # compared and grouped by in every model
    frame[TREATMENT] = people["category"].isin(protocol.treated(comparison)).astype("int64")
    change = protocol.outcomes[outcome].measure == "change"
    if change:
        frame[START] = people[f"{outcome}_baseline"]
    if baseline:
        frame[BASELINE] = people[f"{baseline}_baseline"]
    assessed = frame["trial"].isin(scores["trial"].unique())
    frame = frame[assessed].merge(scores, on=["trial", "participant"], how="left", validate="1:1")
    if change:
        sign = 1 if protocol.outcomes[outcome].higher == "better" else -1
        frame[OUTCOME] = sign * (frame[OUTCOME] - frame.pop(START))
    return frame.assign(trial=frame[TRIAL].astype("category"))


def _of_comparison(people: pd.DataFrame, protocol: Protocol, comparison: str) -> pd.DataFrame:
    wanted = {*protocol.treated(comparison), *protocol.comparisons[comparison].control}
    return people[people["category"].isin(wanted)]


def complete(
    frame: pd.DataFrame, columns: list[str], protocol: Protocol
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Keep complete cases and count who leaves: each participant once, at the first gap.

    Returns
    -------
    DataFrame, dict
        Complete rows of trial, group, treatment and these columns; and reason → participants left
        out, in the order of the columns.
    """
    excluded: dict[str, int] = {}
    kept = np.ones(len(frame), dtype=bool)
    for column in columns:
        gap = kept & missing_values(frame[column])
        if gap.any():
            excluded[_reason(column, protocol)] = int(gap.sum())
            kept &= ~gap
    names = (TRIAL, GROUP, TREATMENT, *columns)
    used = {name: frame[name].array[kept] for name in names}  # copies: `frame` may be a kept one
    return pd.DataFrame(used, copy=False), excluded


def _reason(column: str, protocol: Protocol) -> str:
    known = {OUTCOME: "outcome", BASELINE: "baseline"}
    return f"{known.get(column) or in_sentence(protocol.modifiers[column].label)} missing"


def group_labels(master: Master) -> dict[str, str]:
    """Give the label of each group of the models; its key when it has none."""
    people = master.participants.drop_duplicates(GROUP, keep="last")
    pairs = zip(people[GROUP], people["cluster_label"], strict=True)
    return {str(group): str(label or group) for group, label in pairs}


def centred(values: pd.Series, groups: pd.Series) -> pd.Series:
    """Centre values at the mean of their group."""
    return values - values.groupby(groups, observed=True).transform("mean")


@dataclass(frozen=True, slots=True)
class Counts:
    """Who is in a model."""

    trials: int
    participants: int
    treated: int
    controls: int
    contrast_trials: int


def counts(frame: pd.DataFrame) -> Counts:
    """Count trials and participants of complete cases, by arm."""
    codes, trials = frame[GROUP].array.factorize()
    treated = frame[TREATMENT].to_numpy() == 1
    size = np.bincount(codes, minlength=len(trials))
    size_treated = np.bincount(codes[treated], minlength=len(trials))
    return Counts(
        trials=len(trials),
        participants=len(frame),
        treated=int(treated.sum()),
        controls=int((~treated).sum()),
        contrast_trials=int(((size_treated > 0) & (size_treated < size)).sum()),
    )


def no_contrast(present: Counts, protocol: Protocol, comparison: str) -> str:
    """Say why the effect of treatment cannot vary between trials; empty when it can."""
    one, many = protocol.unit
    found = present.contrast_trials
    if not found:
        return f"no {one} has both the treatment and {protocol.comparisons[comparison].label}"
    if found < MINIMUM_GROUPS:
        have = f"{one} has" if found == 1 else f"{many} have"
        return (
            f"a treatment effect that varies between {many} needs at least "
            f"{in_words(MINIMUM_GROUPS)} {many} with both arms, and {in_words(found)} {have} them"
        )
    return ""
