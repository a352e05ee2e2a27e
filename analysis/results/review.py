"""Open a review and load its stored results; the only thing that a chapter needs."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from analysis.problems import Problem, ProblemsError
from analysis.protocol import Protocol, read_protocol
from analysis.results.checklist import CHECKLIST, AnsweredItem, answered_items, sections
from analysis.results.contributions import Contribution, contributions
from analysis.results.credibility import Credibility, credibility
from analysis.results.cumulative import Cumulative
from analysis.results.curves import EffectCurve
from analysis.results.eligible import AggregateForest, Flow, TrialCharacteristics
from analysis.results.estimates import (
    ExclusionCount,
    Interaction,
    OverallEffect,
    ParticipantTable,
    PublishedFigure,
    SubgroupForest,
    TrialRow,
)
from analysis.results.important import Importance, importance
from analysis.results.multiplicity import Multiplicity, multiplicity
from analysis.results.plan import KINDS, Named, analysis_of, inputs, named_results
from analysis.results.published_interactions import (
    BesidePublished,
    beside_published,
    read_published,
)
from analysis.results.review_kind import PLAN
from analysis.results.sensitivity import Sensitivity
from analysis.results.stages import StageComparison
from analysis.results.store import Inputs, text_fingerprint
from analysis.results.stored_review import StoredReview
from analysis.results.subgroup_search import PeelSearch, TreeSearch
from analysis.results.truth import TRUTH, Recovered, read_truth, recovered
from analysis.results.verdicts import ReviewIntegrity
from analysis.trials.fingerprint import file_fingerprint, trial_fingerprint, trial_folders
from analysis.trials.kept import CACHE, why_read

RELEASES = Path("data", "releases")
CUT = "cut.json"


@dataclass(frozen=True)
class Review(StoredReview):
    """One review: a folder with `data/protocol.yml` and `data/trials/`.

    Each method that names a result loads it from the store and fits nothing.
    """

    protocol: Protocol
    plan_file = PLAN

    def adapter(self, kind: str) -> TypeAdapter[Any]:
        """Name the type of a kind of result."""
        return KINDS[kind].adapter

    @cached_property
    def fingerprints(self) -> dict[str, str]:
        """Trial → fingerprint of its data and mapping, as they are now."""
        return {each.name: trial_fingerprint(each) for each in trial_folders(self.project)}

    @cached_property
    def files(self) -> dict[str, str]:
        """Other file of the review → hash of its content as it is now, empty when it is absent."""
        name = self.protocol.without_ipd
        path = self.project / "data" / name
        if not name:
            return {}
        return {f"data/{name}": file_fingerprint(path) if path.is_file() else ""}

    def shown(self) -> dict[str, str]:
        """Hash what pages show beside the results: other files by name, headings by document.

        The checklist of one document links to the headings of another.
        """
        plan = self.protocol.published_interactions
        names = [CHECKLIST, TRUTH, *([Path("data", plan.file)] if plan else [])]
        there = [name for name in names if (self.project / name).is_file()]
        there += [path.relative_to(self.project) for path in self._cuts()]
        files = {name.as_posix(): file_fingerprint(self.project / name) for name in there}
        if CHECKLIST not in there:
            return files
        documents = sorted(path.stem for path in self.project.glob("*.qmd"))
        return files | {
            f"headings of {name}": text_fingerprint(repr(sections(self.project, name)))
            for name in documents
        }

    def _cuts(self) -> list[Path]:
        """List the files of the releases."""
        return sorted((self.project / RELEASES).glob(f"*/{CUT}"))

    def named(self) -> tuple[Named, ...]:
        """List the results that the protocol asks for."""
        return tuple(named_results(self.protocol))

    @cached_property
    def contributions(self) -> dict[str, Contribution]:
        """Trial → what it gives to each analysis; trials that changed are read for it."""
        asked = [analysis_of(named, self.protocol) for named in self.named()]
        analyses = [each for each in asked if each]
        return contributions(self.project, self.protocol, analyses, trial_folders(self.project))

    def unread(self) -> dict[str, str]:
        """Trial that has to be read before a build → why; what was kept of the others will do."""
        cache = self.project / CACHE
        folders = trial_folders(self.project)
        why = {each.name: why_read(cache, each, self.protocol) for each in folders}
        return {trial: reason for trial, reason in why.items() if reason}

    def inputs(self, named: Named) -> Inputs:
        """Record what a result depends on, as it is now."""
        return inputs(named, self.protocol, self.contributions, self.files)

    def trials(self) -> tuple[TrialRow, ...]:
        """Load the trials (Table 1)."""
        rows: tuple[TrialRow, ...] = self.load("trials")
        return rows

    def participants(self) -> ParticipantTable:
        """Load the participants at baseline (Table 3)."""
        table: ParticipantTable = self.load("participants")
        return table

    def exclusions(self) -> tuple[ExclusionCount, ...]:
        """Load who was left out, and why."""
        rows: tuple[ExclusionCount, ...] = self.load("exclusions")
        return rows

    def published(self) -> tuple[PublishedFigure, ...]:
        """Load the published figures beside those from the data."""
        rows: tuple[PublishedFigure, ...] = self.load("published")
        return rows

    def integrity(self) -> ReviewIntegrity:
        """Load what the integrity checks found in each trial."""
        found: ReviewIntegrity = self.load("integrity")
        return found

    def overall(self, outcome: str, follow_up: str, comparison: str) -> OverallEffect:
        """Load one overall effect."""
        effect: OverallEffect = self.load(
            "overall", outcome=outcome, follow_up=follow_up, comparison=comparison
        )
        return effect

    def all_overall(self) -> tuple[OverallEffect, ...]:
        """Load every overall effect, in the order of the protocol."""
        return tuple(
            self.load("overall", **dict(n.keys)) for n in self.named() if n.kind == "overall"
        )

    def cumulative(self) -> tuple[Cumulative, ...]:
        """Load the cumulative meta-analyses, in the order of the protocol."""
        asked = [dict(n.keys) for n in self.named() if n.kind == "cumulative"]
        return tuple(self.load("cumulative", **keys) for keys in asked)

    def cluster_sizes(self) -> dict[str, int]:
        """Participants of each cluster of the models (trial, or clinic), from the manifest."""
        sizes: dict[str, int] = self.manifest()["clusters"]
        return sizes

    def interactions(
        self, outcome: str, follow_up: str, comparison: str | None = None
    ) -> tuple[Interaction, ...]:
        """Load the interactions of the treatment with every modifier (Tables 4 to 6).

        Against the comparison of the primary analysis unless another is named.
        """
        rows: tuple[Interaction, ...] = self.load(
            "interactions",
            outcome=outcome,
            follow_up=follow_up,
            comparison=comparison or self.protocol.interactions.comparison,
        )
        return rows

    def secondary_interactions(
        self,
    ) -> dict[tuple[str, str, str], tuple[Interaction, ...]]:
        """Load the secondary analyses: (outcome, follow-up, comparison) → interactions."""
        plans = self.protocol.secondary_interactions
        wanted = [
            (outcome, follow_up, plan.comparison)
            for plan in plans
            for follow_up in plan.follow_ups
            for outcome in plan.outcomes
            if follow_up in self.protocol.outcomes[outcome].follow_ups
        ]
        return {keys: self.interactions(*keys) for keys in wanted}

    def subgroups(self, outcome: str, follow_up: str) -> SubgroupForest:
        """Load the subgroup effects (Figure 3)."""
        forest: SubgroupForest = self.load("subgroups", outcome=outcome, follow_up=follow_up)
        return forest

    def trial_characteristics(self) -> TrialCharacteristics:
        """Load the trials with participant data beside those without (Table 2)."""
        table: TrialCharacteristics = self.load("characteristics")
        return table

    def aggregate(self, outcome: str, follow_up: str) -> AggregateForest:
        """Load the meta-analysis of published results (Figure 2)."""
        forest: AggregateForest = self.load("aggregate", outcome=outcome, follow_up=follow_up)
        return forest

    def flow(self) -> Flow:
        """Load trials and participants from the search to the analysis (Figure 1)."""
        steps: Flow = self.load("flow")
        return steps

    def stages(self, outcome: str, follow_up: str) -> tuple[StageComparison, ...]:
        """Load the interactions in two stages beside those in one."""
        rows: tuple[StageComparison, ...] = self.load(
            "stages", outcome=outcome, follow_up=follow_up
        )
        return rows

    def curves(self, outcome: str, follow_up: str) -> tuple[EffectCurve, ...]:
        """Load the effect along each continuous modifier."""
        curves: tuple[EffectCurve, ...] = self.load("curves", outcome=outcome, follow_up=follow_up)
        return curves

    def trees(self, comparison: str) -> tuple[TreeSearch, ...]:
        """Load the trees of a comparison, in the order of the protocol."""
        asked = [dict(n.keys) for n in self.named() if n.kind == "tree"]
        wanted = [keys for keys in asked if keys["comparison"] == comparison]
        return tuple(self.load("tree", **keys) for keys in wanted)

    def peelings(self, comparison: str) -> tuple[PeelSearch, ...]:
        """Load the boxes of directed peeling of a comparison, in the order of the protocol."""
        asked = [dict(n.keys) for n in self.named() if n.kind == "peeling"]
        wanted = [keys for keys in asked if keys["comparison"] == comparison]
        return tuple(self.load("peeling", **keys) for keys in wanted)

    def all_sensitivity(self) -> tuple[Sensitivity, ...]:
        """Load the sensitivity menu of every overall effect, in the order of the protocol."""
        asked = [n for n in self.named() if n.kind == "sensitivity"]
        return tuple(self.load("sensitivity", **dict(n.keys)) for n in asked)

    def modifier_sensitivity(self) -> tuple[Sensitivity, ...]:
        """Load the sensitivity menu of the interactions that the protocol names."""
        asked = [n for n in self.named() if n.kind == "modifier_sensitivity"]
        return tuple(row for n in asked for row in self.load(n.kind, **dict(n.keys)))

    def primary_interactions(self, *, adjusted: bool) -> tuple[Interaction, ...]:
        """Load the primary interactions of all outcomes; unadjusted ones when none are adjusted."""
        side = adjusted and bool(self.protocol.model.adjust)
        asked = [dict(n.keys) for n in self.named() if n.kind == "subgroups"]
        rows = (row for keys in asked for row in self.interactions(**keys))
        return tuple(row for row in rows if row.adjusted == side)

    def multiplicity(self, *, adjusted: bool = True) -> Multiplicity:
        """Count the primary tests and adjust their P values."""
        return multiplicity(self.primary_interactions(adjusted=adjusted))

    def credibility(self, outcome: str, follow_up: str) -> tuple[Credibility, ...]:
        """Judge the claimed modifiers of an outcome, from the adjusted interactions."""
        stages = self.stages(outcome, follow_up) if self.protocol.sensitivity.two_stage else ()
        rows = self._adjusted(outcome, follow_up, adjusted=True)
        return credibility(rows, stages, self.protocol)

    def importance(
        self, outcome: str, follow_up: str, *, adjusted: bool = True
    ) -> tuple[Importance, ...]:
        """Judge each modifier against the smallest worthwhile effect."""
        return importance(
            self._adjusted(outcome, follow_up, adjusted=adjusted),
            self.subgroups(outcome, follow_up),
            self.participants(),
            self.protocol,
        )

    def beside_published(
        self, outcome: str, follow_up: str, *, adjusted: bool = True
    ) -> tuple[BesidePublished, ...]:
        """Put the interactions beside the published ones that the protocol names."""
        plan = self.protocol.published_interactions
        path = self.project / "data" / plan.file if plan else self.project
        published = read_published(path, shown_as=f"data/{plan.file}") if plan else ()
        rows = self._adjusted(outcome, follow_up, adjusted=adjusted)
        return beside_published(rows, published, self.protocol)

    def recovered(self) -> tuple[Recovered, ...]:
        """Put the primary estimates beside the truth of synthetic data."""
        truth = read_truth(self.project / TRUTH)
        primary = self.protocol.interactions.follow_ups
        effects = [each for each in self.all_overall() if each.follow_up in primary]
        return recovered(effects, self.primary_interactions(adjusted=False), truth)

    def checklist(self) -> tuple[AnsweredItem, ...]:
        """Read the PRISMA-IPD checklist; every section that it names must exist."""
        return answered_items(self.project)

    def _adjusted(self, outcome: str, follow_up: str, *, adjusted: bool) -> tuple[Interaction, ...]:
        side = adjusted and bool(self.protocol.model.adjust)
        rows = self.interactions(outcome, follow_up)
        return tuple(row for row in rows if row.adjusted == side)


def find_review(project: Path) -> Review:
    """Open the review in a folder.

    Raises
    ------
    ProblemsError
        When there is no protocol, or it has problems.
    """
    path = project / PLAN
    if not path.is_file():
        problem = Problem(
            str(PLAN),
            f"no review is here: {path} does not exist.",
            "Go to the folder of the review, or name it with --project.",
            check="no-review",
        )
        raise ProblemsError([problem])
    return Review(project, read_protocol(path, shown_as=str(PLAN)))


def open_review(project: Path | None = None) -> Review:
    """Open the review whose document is being rendered, and make sure that its results are current.

    Raises
    ------
    ResultError
        When a result is stale: a page must never show numbers of older data.
    """
    review = find_review(project or Path.cwd())
    review.require_current()
    return review
