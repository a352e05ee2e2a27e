"""The whole plan, its cross-references checked, and the reading of its file."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from analysis.protocol.analyses import (
    AggregateAnalysis,
    Exclusion,
    Model,
    ModifierAnalysis,
    OverallAnalysis,
    PublishedInteractions,
    Sensitivity,
)
from analysis.protocol.kind import PARTICIPANT_DATA, of_this_kind
from analysis.protocol.modifiers import Modifier
from analysis.protocol.outcomes import ArmCategory, Comparison, FollowUp, Key, Outcome
from analysis.protocol.search import Search
from analysis.protocol.subgroup_search import SubgroupSearch
from analysis.yaml_file import FileBelow, Frozen, read_yaml


class Protocol(Frozen):
    """The plan of a review; the only place that knows what the review is about.

    `treatment` is the arm category of interest; it may be absent when every comparison names its
    own.

    `settings` groups the settings of the trials for the table of characteristics: name of the
    group → settings as `trial.yml` has them. `without_ipd` names the file, below `data/`, of the
    eligible trials that gave no participant data.
    """

    kind: Literal["participant data"] = "participant data"
    """Kind of review: one of participant data."""
    title: str
    """Title of the review."""
    registration: str
    """Registration or publication of the protocol."""
    data_status: Literal["real", "synthetic"]
    """Whether the data are of real participants or synthetic."""
    data_note: str
    """What every table and figure says about the data when they are synthetic."""
    unit: tuple[str, str] = ("trial", "trials")
    """What is counted as a cluster: one and several."""
    treatment: Key = ""
    """Arm category of interest; may be absent when every comparison names its own."""
    arms: dict[Key, ArmCategory] = Field(min_length=2)
    """Arm categories, to which the arms of the trials are assigned."""
    comparisons: dict[Key, Comparison] = Field(min_length=1)
    """Comparisons."""
    follow_ups: dict[Key, FollowUp] = Field(min_length=1)
    """Time points."""
    outcomes: dict[Key, Outcome] = Field(min_length=1)
    """Outcomes."""
    modifiers: dict[Key, Modifier]
    """Characteristics at baseline that may change the treatment effect."""
    exclusions: dict[Key, Exclusion] = Field(default_factory=dict)
    """Participants who are left out, by reason."""
    model: Model = Model()
    """How the one-stage models are fitted."""
    overall: OverallAnalysis
    """Overall effects to estimate."""
    interactions: ModifierAnalysis
    """The primary analysis of modifiers, with its forest plots."""
    secondary_interactions: tuple[ModifierAnalysis, ...] = ()
    """Further analyses of modifiers, for the supplement."""
    settings: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Groups of settings for the table of characteristics: name, then settings of the trials."""
    without_ipd: FileBelow = ""
    """CSV file below `data/` of eligible trials that gave no participant data."""
    aggregate: AggregateAnalysis | None = None
    """Meta-analysis of published results."""
    search: Search | None = None
    """How the trials were found."""
    subgroup_search: SubgroupSearch | None = None
    """Searches for subgroups."""
    sensitivity: Sensitivity = Sensitivity()
    """Sensitivity analyses."""
    published_interactions: PublishedInteractions | None = None
    """Published interactions to stand beside this run's."""
    forest_preset: Literal["house", "BMJ", "JAMA", "RevMan"] = "house"
    """Look of forest plots: our own, or after a journal or RevMan 5."""
    minimum_cell: int = Field(default=10, ge=0)
    """Smallest number of participants that a page may print; 0 for any."""

    @model_validator(mode="before")
    @classmethod
    def _of_this_kind(cls, content: object) -> object:
        return of_this_kind(content, PARTICIPANT_DATA)

    @model_validator(mode="after")
    def _keys_exist(self) -> Self:
        wrong = [
            f"{place} names {key!r}, which is not among {', '.join(known) or 'none'}"
            for place, keys, known in self._references()
            for key in keys
            if key not in known
        ]
        wrong += [
            f"modifiers.{name}.baseline_of: outcomes.{modifier.baseline_of} has no baseline"
            for name, modifier in self.modifiers.items()
            if modifier.baseline_of in self.outcomes
            and not self.outcomes[modifier.baseline_of].baseline
        ]
        wrong += [
            f"outcomes.{name}.response: outcomes.{key} has no baseline"
            for name, outcome in self.outcomes.items()
            for key in (outcome.response.minimum if outcome.response else ())
            if key in self.outcomes and not self.outcomes[key].baseline
        ]
        wrong += [
            f"aggregate.outcomes names {key!r}: only continuous outcomes with a "
            "scale, analysed as final scores, are pooled"
            for key in (self.aggregate.outcomes if self.aggregate else ())
            if key in self.outcomes
            and (not self.outcomes[key].scale or self.outcomes[key].measure == "change")
        ]
        wrong += self._wrong_searches()
        wrong += [
            f"comparisons.{name} needs treatment, since the protocol names none for all"
            for name, plan in self.comparisons.items()
            if not self.treatment and not plan.treatment
        ]
        if wrong:
            raise ValueError("; ".join(wrong))
        return self

    def _wrong_searches(self) -> list[str]:
        """Name searches for subgroups that have nothing to search."""
        plan = self.subgroup_search
        if plan is None:
            return []
        sought = dict.fromkeys(key for each in plan.searches for key in each.outcomes)
        wrong = [
            f"subgroup_search.searches names {key!r}, which has neither covariates nor directions"
            for key in sought
            if not plan.covariates.get(key) and not plan.directions.get(key)
        ]
        return wrong + [
            f"subgroup_search.searches names {key!r}: only continuous outcomes are searched"
            for key in sought
            if key in self.outcomes and self.outcomes[key].kind == "binary"
        ]

    def _references(self) -> list[tuple[str, tuple[Key, ...], tuple[Key, ...]]]:
        """Every place that names keys of another section: place, keys, known keys."""
        arms, outcomes = tuple(self.arms), tuple(self.outcomes)
        comparisons, follow_ups = tuple(self.comparisons), tuple(self.follow_ups)
        found = [
            ("treatment", (self.treatment,) if self.treatment else (), arms),
            ("model.adjust", self.model.adjust, tuple(self.modifiers)),
            ("overall.outcomes", self.overall.outcomes, outcomes),
            ("overall.follow_ups", self.overall.follow_ups, follow_ups),
            ("overall.comparisons", self.overall.comparisons, comparisons),
            ("sensitivity.modifiers", self.sensitivity.modifiers, tuple(self.modifiers)),
        ]
        analyses: dict[str, ModifierAnalysis | AggregateAnalysis] = {
            "interactions": self.interactions,
            **({"aggregate": self.aggregate} if self.aggregate else {}),
            **{f"secondary_interactions.{i}": a for i, a in enumerate(self.secondary_interactions)},
        }
        for name, analysis in analyses.items():
            found += [
                (f"{name}.outcomes", analysis.outcomes, outcomes),
                (f"{name}.follow_ups", analysis.follow_ups, follow_ups),
                (f"{name}.comparison", (analysis.comparison,), comparisons),
            ]
        found += self._searched()
        published = self.published_interactions
        names = tuple(published.names) if published else ()
        found.append(("published_interactions.names", names, tuple(self.modifiers)))
        found += [
            (f"comparisons.{k}.control", v.control, arms) for k, v in self.comparisons.items()
        ]
        found += [
            (f"comparisons.{k}.treatment", v.treatment, arms) for k, v in self.comparisons.items()
        ]
        found += [
            (f"exclusions.{k}.outcomes", v.outcomes, outcomes) for k, v in self.exclusions.items()
        ]
        found += [
            (f"modifiers.{k}.baseline_of", (v.baseline_of,), outcomes)
            for k, v in self.modifiers.items()
            if v.baseline_of
        ]
        for name, outcome in self.outcomes.items():
            found.append((f"outcomes.{name}.follow_ups", outcome.follow_ups, follow_ups))
            if outcome.adjust_for_baseline:
                place = f"outcomes.{name}.adjust_for_baseline"
                found.append((place, (outcome.adjust_for_baseline,), outcomes))
            if outcome.response:
                keys = tuple(outcome.response.minimum)
                found.append((f"outcomes.{name}.response.minimum", keys, outcomes))
        return found

    def _searched(self) -> list[tuple[str, tuple[Key, ...], tuple[Key, ...]]]:
        """List the places of `subgroup_search` that name keys, as `_references` does."""
        plan = self.subgroup_search
        if plan is None:
            return []
        outcomes, modifiers = tuple(self.outcomes), tuple(self.modifiers)
        place = "subgroup_search"
        found: list[tuple[str, tuple[Key, ...], tuple[Key, ...]]] = []
        for i, each in enumerate(plan.searches):
            found += [
                (f"{place}.searches.{i}.comparison", (each.comparison,), tuple(self.comparisons)),
                (f"{place}.searches.{i}.outcomes", each.outcomes, outcomes),
                (f"{place}.searches.{i}.follow_ups", each.follow_ups, tuple(self.follow_ups)),
            ]
        found += [
            (f"{place}.covariates", tuple(plan.covariates), outcomes),
            (f"{place}.directions", tuple(plan.directions), outcomes),
        ]
        found += [(f"{place}.covariates.{k}", v, modifiers) for k, v in plan.covariates.items()]
        found += [
            (f"{place}.directions.{k}", tuple(v), modifiers) for k, v in plan.directions.items()
        ]
        return found

    def treated(self, comparison: Key = "") -> tuple[Key, ...]:
        """Arm categories that count as the treatment, in the primary comparison by default."""
        plan = self.comparisons[comparison or self.interactions.comparison]
        return plan.treatment or (self.treatment,)

    def treatment_label(self, comparison: Key = "") -> str:
        """Name the treatment, that of the primary comparison by default."""
        plan = self.comparisons[comparison or self.interactions.comparison]
        labels = [self.arms[key].label for key in self.treated(comparison)]
        return plan.treatment_label or " or ".join(labels)

    def baseline_outcome(self, outcome: Key) -> Key | None:
        """Outcome whose baseline enters the model of `outcome`; None when there is none."""
        plan = self.outcomes[outcome]
        return plan.adjust_for_baseline or (outcome if plan.baseline else None)

    def modifiers_of_baseline(self) -> dict[Key, Key]:
        """Map each modifier that is the baseline value of an outcome to that outcome."""
        return {k: m.baseline_of for k, m in self.modifiers.items() if m.baseline_of}


def read_protocol(path: Path, *, shown_as: str = "data/protocol.yml") -> Protocol:
    """Read `protocol.yml`.

    Raises
    ------
    ProblemsError
        With every problem of the file, each with its line and, for a misspelt key, the nearest one.
    """
    return read_yaml(path, Protocol, shown_as=shown_as)
