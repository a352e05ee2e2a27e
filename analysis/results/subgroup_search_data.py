"""The participants of a search for subgroups, and its model as the protocol has it."""

from dataclasses import dataclass

import pandas as pd

from analysis.errors import ModelError, ResultError
from analysis.protocol import Protocol
from analysis.results.model_data import BASELINE, GROUP, OUTCOME, TREATMENT, model_data
from analysis.results.subgroup_search import Question
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.fast_fit import InferenceMethod
from analysis.subgroups.search_data import SearchData, search_data
from analysis.trials.master import Master


@dataclass(frozen=True, slots=True)
class Searched:
    """Who is searched.

    Parameters
    ----------
    data
        The participants of trials with both arms; None when they cannot be searched.
    left_out
        Covariate → why it is not searched.
    reason
        Why there is no search; empty when there is.
    excluded
        Reason → participants left out.
    """

    data: SearchData | None
    left_out: dict[str, str]
    reason: str
    excluded: dict[str, int]

    @property
    def people(self) -> SearchData:
        """The participants.

        Raises
        ------
        ResultError
            When they cannot be searched.
        """
        if self.data is None:
            raise ResultError(f"There is nobody to search: {self.reason}.")
        return self.data


def searched(
    master: Master,
    covariates: tuple[str, ...],
    asked: Question,
) -> Searched:
    """Gather the participants of a search.

    Only trials with both arms of the comparison are searched; a covariate that they do not vary in
    is left out with its reason.
    """
    protocol = master.protocol
    found = model_data(
        master,
        outcome=asked.outcome,
        follow_up=asked.follow_up,
        comparison=asked.comparison,
        modifiers=covariates,
    )
    known = found.frame.dropna(subset=[OUTCOME, BASELINE] if found.has_baseline else [OUTCOME])
    if known.empty:
        return Searched(None, {}, "no participant has this outcome at this follow-up", {})
    both = known.groupby(GROUP, observed=True)[TREATMENT].nunique() == 2
    trials = both.index[both]
    if not len(trials):
        one = protocol.unit[0]
        return Searched(None, {}, f"no {one} has both arms of the comparison", {})
    frame = found.frame[found.frame[GROUP].isin(trials)]
    left_out = {
        name: "not measured, or the same in all participants"
        for name in covariates
        if frame[name].nunique() < 2
    }
    try:
        data = search_data(
            frame,
            [name for name in covariates if name not in left_out],
            outcome=OUTCOME,
            treat=TREATMENT,
            trial=GROUP,
            baseline=BASELINE if found.has_baseline else None,
        )
    except ModelError as error:
        return Searched(None, left_out, _sentence(error), {})
    return Searched(data, left_out, "", _reasons(data, frame))


def _sentence(error: ModelError) -> str:
    return " ".join(str(error).split()).rstrip(".")


def _reasons(data: SearchData, frame: pd.DataFrame) -> dict[str, int]:
    lost = len(frame) - data.n
    return {"outcome or baseline missing": lost} if lost else {}


def effect_model(protocol: Protocol) -> EffectModel:
    """Give the mixed model of a search the settings of the protocol's models."""
    model = protocol.model
    inference: InferenceMethod = "normal" if model.inference == "normal" else "satterthwaite"
    return EffectModel(model.intercepts, inference, model.level)
