"""Boxes of falling size by directed peeling, and how much of their effect is optimism."""

from analysis.errors import ModelError
from analysis.protocol import PeelSettings
from analysis.results.subgroup_search import Effect, PeelSearch, Question
from analysis.results.subgroup_search_data import Searched, effect_model, searched
from analysis.results.subgroup_search_honest import honesty
from analysis.results.subgroup_search_parts import effect_of, found_box, sentences
from analysis.subgroups.peeling import Peeling, run_peeling
from analysis.subgroups.peeling_rules import PeelingSearch
from analysis.trials.master import Master

NO_EFFECT = Effect(None, None, None)


def peeled_boxes(master: Master, *, outcome: str, follow_up: str, comparison: str) -> PeelSearch:
    """Find the box of each size with the greatest effect, and correct its effect for the search."""
    plan = master.protocol.subgroup_search
    asked = Question(outcome, follow_up, comparison)
    directions = plan.directions.get(outcome, {}) if plan else {}
    people = searched(master, tuple(directions), asked)
    if plan is None or people.data is None:
        return _nothing(asked, people, people.reason)
    settings = plan.peel
    peeled = {name: side for name, side in directions.items() if name not in people.left_out}
    options = Peeling(
        peeled,
        alpha=settings.alpha,
        sizes=settings.sizes,
        refine=settings.refine,
        minimum=settings.minimum,
        model=effect_model(master.protocol),
    )
    try:
        return _result(asked, people, options, settings, seed=plan.seed)
    except ModelError as error:
        return _nothing(asked, people, " ".join(str(error).split()).rstrip("."))


def _nothing(asked: Question, people: Searched, reason: str) -> PeelSearch:
    return PeelSearch(
        asked, participants=0, trials=0, overall=NO_EFFECT,
        left_out=people.left_out, not_searched=reason,
    )  # fmt: skip


def _result(
    asked: Question,
    people: Searched,
    options: Peeling,
    settings: PeelSettings,
    *,
    seed: int,
) -> PeelSearch:
    data = people.people
    found = run_peeling(data, options)
    search = PeelingSearch(options)
    repeated = honesty(
        search.people(data),
        search,
        options.model,
        covariates=found.directions,
        replicates=settings.bootstrap,
        seed=seed,
    )
    boxes = tuple(
        (step.requested, found_box(step, repeated.subgroups.get(f"size {step.requested:g}")))
        for step in sorted(found.steps, key=lambda step: step.requested)
    )
    return PeelSearch(
        asked,
        participants=found.n,
        trials=found.k,
        overall=effect_of(found.overall),
        excluded={**people.excluded, **found.excluded},
        left_out={**people.left_out, **found.refused},
        bootstrap=settings.bootstrap,
        chosen=repeated.chosen,
        notes=sentences([found.convention, *repeated.notes]),
        boxes=boxes,
        path=tuple(found_box(step) for step in found.path),
        not_reached={f"{size:g}": why for size, why in found.not_reached.items()},
    )
