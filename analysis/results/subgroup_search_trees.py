"""Trees by recursive partitioning: the search, its optimism, the test of any modification."""

from analysis.protocol import SubgroupSearch, TreeSettings
from analysis.results.subgroup_search import (
    Candidate,
    Effect,
    Found,
    Honest,
    Question,
    TreeNode,
    TreeSearch,
)
from analysis.results.subgroup_search_data import Searched, effect_model, searched
from analysis.results.subgroup_search_honest import honesty
from analysis.results.subgroup_search_parts import (
    inside_and_outside,
    known,
    limit_of,
    sentences,
)
from analysis.subgroups.box_effects import EffectModel
from analysis.subgroups.optimism_tree import TreeSearch as Repeated
from analysis.subgroups.optimism_tree import ranked
from analysis.subgroups.partition import grow
from analysis.subgroups.partition_options import PartitionOptions
from analysis.subgroups.partition_permutation import permute_partition
from analysis.subgroups.search_data import SearchData
from analysis.subgroups.tree import Node, SubgroupTree
from analysis.trials.master import Master

NO_EFFECT = Effect(None, None, None)


def subgroup_tree(master: Master, *, outcome: str, follow_up: str, comparison: str) -> TreeSearch:
    """Split the participants of a comparison where its effect differs most, and correct for it."""
    plan = master.protocol.subgroup_search
    asked = Question(outcome, follow_up, comparison)
    covariates = plan.covariates.get(outcome, ()) if plan else ()
    people = searched(master, covariates, asked)
    if plan is None or people.data is None:
        return TreeSearch(
            asked, participants=0, trials=0, overall=NO_EFFECT,
            left_out=people.left_out, not_searched=people.reason,
        )  # fmt: skip
    model = effect_model(master.protocol)
    options = _options(plan.tree, model)
    tree = grow(people.data, people.data.covariates, options)
    return _result(asked, people, tree, plan, options=options, model=model)


def _options(settings: TreeSettings, model: EffectModel) -> PartitionOptions:
    return PartitionOptions(
        reading=settings.reading,
        gamma=settings.gamma,
        depth=settings.depth,
        best=settings.best,
        minimum=settings.minimum,
        level=settings.level,
        across=settings.across,
        intercepts=model.intercepts,
        inference=model.inference,
        confidence=model.level,
    )


def _result(
    asked: Question,
    people: Searched,
    tree: SubgroupTree,
    plan: SubgroupSearch,
    *,
    options: PartitionOptions,
    model: EffectModel,
) -> TreeSearch:
    data, settings, seed = people.people, plan.tree, plan.seed
    honest, notes, chosen = {}, [tree.convention], {}
    if tree.found:
        repeated = honesty(
            data,
            Repeated(options),
            model,
            covariates=[each.name for each in data.covariates],
            replicates=settings.bootstrap,
            seed=seed,
        )
        honest = {
            node.number: repeated.subgroups[key] for key, node in ranked(tree, options).items()
        }
        notes += repeated.notes
        chosen = repeated.chosen
    test = None
    if settings.permutations:
        test = permute_partition(data, tree, permutations=settings.permutations, seed=seed)
        notes.append(f"Permutation test: {test.convention}")
    return TreeSearch(
        asked,
        participants=data.n,
        trials=data.k,
        overall=_effect(tree.nodes[0]),
        excluded=people.excluded,
        left_out=people.left_out,
        bootstrap=settings.bootstrap if tree.found else 0,
        chosen=chosen,
        notes=sentences(notes),
        nodes=tuple(_node(node, tree, data, model, honest.get(node.number)) for node in tree.nodes),
        candidates=_candidates(tree),
        global_p=test.p if test else None,
        permutations=settings.permutations,
    )


def _effect(node: Node) -> Effect:
    limits = known(node.ci_low), known(node.ci_high)
    return Effect(known(node.effect), *limits, known(node.p))


def _node(
    node: Node, tree: SubgroupTree, data: SearchData, model: EffectModel, honest: Honest | None
) -> TreeNode:
    rest, difference = None, None
    if node.rule:
        members = tree.members(node.number, data)
        rest, difference = inside_and_outside(data, members, model)
    split = node.splits[0] if node.splits else None
    return TreeNode(
        number=node.number,
        parent=node.parent,
        depth=node.depth,
        group=Found(
            rule=tuple(map(limit_of, node.rule)),
            share=node.n / tree.participants,
            n=node.n,
            treated=node.n_treated,
            controls=node.n_control,
            trials=node.k,
            effect=_effect(node),
            rest=rest,
            difference=difference,
            honest=honest,
        ),
        children=tuple(number for pair in node.children for number in pair),
        split_p=split.p if split else None,
        split_p_adjusted=split.p_overall if split else None,
        ends=node.ends,
    )


def _candidates(tree: SubgroupTree) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(
            covariate=each.covariate,
            limit=limit_of(each.first),
            difference=Effect(
                known(each.difference), known(each.ci_low), known(each.ci_high), known(each.p)
            ),
            p=each.p,
            p_adjusted=each.p_overall,
            splits=each.splits,
        )
        for each in tree.nodes[0].candidates
    )
