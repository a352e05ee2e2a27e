"""Sentences about searches for subgroups: what was found, how much of it stays, what to do."""

from collections.abc import Sequence
from statistics import median

from analysis.formats import count, in_words, interval, listing, number, p_text
from analysis.protocol import Protocol
from analysis.results.estimates import OverallEffect
from analysis.results.labels import in_sentence
from analysis.results.moderators import SIGNIFICANT, WEAK, Moderator
from analysis.results.subgroup_search import Found, PeelSearch, TreeSearch
from analysis.results.subgroup_search_text import first_capital, question_text, rule_text
from analysis.results.subgroup_search_use import Use
from analysis.wording.effects import verdict
from analysis.wording.robustness import some


def settings_sentence(protocol: Protocol) -> str:
    """Say the settings of the searches, as the protocol has them."""
    plan = protocol.subgroup_search
    if plan is None:
        return "No search for subgroups was planned."
    tree, peel = plan.tree, plan.peel
    sizes = [f"{100 * size:g}%" for size in peel.sizes]
    span = f"{sizes[0]} to {sizes[-1]}" if len(sizes) > 1 else sizes[0]
    depth = f"{in_words(tree.depth)} {'split' if tree.depth == 1 else 'splits'}"
    return (
        f"Trees were at most {depth} deep, with at least {tree.minimum} participants per arm in "
        f"two trials on each side and a threshold of P={tree.level:g} after adjustment; "
        f"{tree.bootstrap} bootstrap samples measured their optimism and {tree.permutations} "
        "permutations tested whether there is any modification at all. Peeling removed "
        f"{100 * peel.alpha:g}% of the remaining participants at a time and gave boxes of {span}, "
        f"with {peel.bootstrap} bootstrap samples. The seed was {plan.seed}."
    )


def effects_sentence(results: Sequence[OverallEffect], protocol: Protocol) -> str:
    """Count, by follow-up, the outcomes in which the treatment was clearly better."""
    parts = []
    for key, plan in protocol.follow_ups.items():
        here = [r for r in results if r.follow_up == key and r.effect.estimate is not None]
        better = sum(verdict(r.effect, protocol.outcomes[r.outcome]) == "benefit" for r in here)
        if here:
            parts.append(f"{some(better)} of {_outcomes(len(here))} at {plan.label}")
    if not parts:
        return "No overall effect could be estimated."
    treatment = protocol.treatment_label(results[0].comparison)
    return f"{treatment} was clearly better than control for {listing(parts)}."


def _outcomes(number_of: int) -> str:
    return "one outcome" if number_of == 1 else f"{in_words(number_of)} outcomes"


def moderators_sentence(rows: Sequence[Moderator], protocol: Protocol) -> str:
    """Name the moderators that are significant, and count those that are weakly so."""
    tests = {(row.outcome, row.modifier): row for row in rows}
    strong = [row for row in tests.values() if row.p < SIGNIFICANT]
    weak = [row for row in tests.values() if SIGNIFICANT <= row.p < WEAK]
    if not tests:
        return "No interaction could be estimated."
    chance = number(SIGNIFICANT * len(tests), 1)
    start = f"Of {count(len(tests))} interactions, {some(len(strong))} had P<{SIGNIFICANT:g}"
    end = f"{chance} would be expected by chance"
    were = "was" if len(weak) == 1 else "were"
    more = f"; {some(len(weak))} more {were} weakly significant (P<{WEAK:.2f})"
    if not strong:
        return f"{start} ({end}){more}."
    named = [
        f"{_moderator_name(row, protocol)} for "
        f"{protocol.outcomes[row.outcome].label} ({p_text(row.p)})"
        for row in strong
    ]
    return f"{start} ({end}): {listing(named)}{more}."


def _moderator_name(row: Moderator, protocol: Protocol) -> str:
    plan = protocol.modifiers[row.modifier]
    name = in_sentence(plan.label)
    return f"baseline {name}" if plan.baseline_of else name


def tree_sentence(tree: TreeSearch, protocol: Protocol) -> str:
    """Say what a tree found, with the effect where it is greatest and least, and what stays."""
    about = question_text(tree.asked, protocol)
    if tree.not_searched:
        return f"{first_capital(about)}: not searched, {tree.not_searched}."
    test = _test(tree)
    if not tree.leaves:
        return (
            f"For {about}, no split was below the threshold among {count(tree.participants)} "
            f"participants of {in_words(tree.trials)} {protocol.unit[1]}{test}."
        )
    first, last = tree.leaves[0].group, tree.leaves[-1].group
    return (
        f"For {about}, the tree found {in_words(len(tree.leaves))} subgroups among "
        f"{count(tree.participants)} participants of {in_words(tree.trials)} {protocol.unit[1]}"
        f"{test}. The effect was greatest in those with {_described(first, tree, protocol)} and "
        f"least in those with {_described(last, tree, protocol)}."
    )


def _test(tree: TreeSearch) -> str:
    if tree.global_p is None:
        return ""
    return f" (permutation test of any modification {p_text(tree.global_p)})"


def _described(found: Found, search: TreeSearch | PeelSearch, protocol: Protocol) -> str:
    decimals = protocol.outcomes[search.asked.outcome].decimals
    effect = found.effect
    numbers = f"{number(effect.estimate, decimals)}"
    limits = interval(effect.ci_low, effect.ci_high, decimals)
    level = f"{100 * protocol.model.level:g}%"
    honest = found.honest.effect.point632_plus if found.honest else None
    corrected = f"; corrected {number(honest, decimals)}" if honest is not None else ""
    return f"{rule_text(found.rule, protocol)} ({numbers}, {level} CI {limits}{corrected})"


def peeling_sentence(search: PeelSearch, protocol: Protocol) -> str:
    """Say how the effect grows as the subgroup shrinks, and what the correction leaves."""
    about = question_text(search.asked, protocol)
    if not search.boxes:
        why = search.not_searched or "no box has enough participants"
        return f"{first_capital(about)}: no box, {why}."
    decimals = protocol.outcomes[search.asked.outcome].decimals
    small, large = search.boxes[0][1], search.boxes[-1][1]
    return (
        f"For {about}, the effect was {number(search.overall.estimate, decimals)} in everybody, "
        f"{number(large.effect.estimate, decimals)} in the box of {100 * large.share:.0f}% and "
        f"{number(small.effect.estimate, decimals)} in that of {100 * small.share:.0f}% "
        f"({rule_text(small.rule, protocol)}), where the correction left "
        f"{number(small.honest.effect.point632_plus if small.honest else None, decimals)}."
    )


def optimism_sentence(trees: Sequence[TreeSearch], peelings: Sequence[PeelSearch]) -> str:
    """Say how much of the apparent differences from the rest the correction takes away."""
    groups = [leaf.group for tree in trees for leaf in tree.leaves[:1]]
    groups += [box for search in peelings for _, box in search.boxes[:1]]
    shares = []
    for group in groups:
        apparent = group.difference.estimate if group.difference else None
        honest = group.honest.difference.point632_plus if group.honest else None
        if apparent is not None and honest is not None and apparent > 0:
            shares.append(1 - honest / apparent)
    if not shares:
        return "No difference between a subgroup and the rest could be corrected."
    lost = [100 * share for share in shares]
    gone = sum(share >= 1 for share in shares)
    nothing = f"; of {in_words(gone)} of them nothing was left" if gone else ""
    return (
        f"Over {in_words(len(shares))} subgroups, the greatest of each tree and the smallest box "
        f"of each peeling, the correction took away {number(median(lost), 0)}% of the apparent "
        f"difference from the rest in the median{nothing}."
    )


def corrections_sentence(uses: Sequence[Use]) -> str:
    """Say, correction by correction, how much of the apparent differences from the rest is left."""
    ways: dict[str, list[float]] = {"corrected": [], "point632_plus": [], "out_of_bag": []}
    away = []
    for use in uses:
        apparent = use.group.difference.estimate if use.group.difference else None
        honest = use.group.honest
        if apparent is None or apparent <= 0 or honest is None:
            continue
        for way, shares in ways.items():
            value = getattr(honest.difference, way)
            if value is not None:
                shares.append(100 * value / apparent)
        tried = honest.elsewhere.difference.estimate if honest.elsewhere else None
        if tried is not None:
            away.append(100 * tried / apparent)
    if not all(ways.values()):
        return "No difference between a subgroup and the rest could be corrected."
    left = {way: f"{number(median(shares), 0)}%" for way, shares in ways.items()}
    return (
        f"Of the apparent difference from the rest, the mean optimism alone left "
        f"{left['corrected']} in the median of {_subgroups(len(ways['corrected']))}, the "
        f".632+ estimate {left['point632_plus']}, and the participants who were not drawn showed "
        f"{left['out_of_bag']}. {_tried_elsewhere(away)}"
    )


def _subgroups(number_of: int) -> str:
    return f"{in_words(number_of)} {'subgroup' if number_of == 1 else 'subgroups'}"


def _tried_elsewhere(away: Sequence[float]) -> str:
    if not away:
        return "No subgroup could be tried in a trial left out of the search."
    many = _subgroups(len(away))
    reverse = sum(share <= 0 for share in away)
    none = f"; in {in_words(reverse)} of them none, or the reverse" if reverse else ""
    return (
        f"In trials left out of the search, where {many} could be tried, it was "
        f"{number(median(away), 0)}% in the median{none}."
    )


def use_sentence(use: Use, protocol: Protocol) -> str:
    """Say what one subgroup would mean for care: size, corrected effects, worthwhile effect."""
    decimals = protocol.outcomes[use.asked.outcome].decimals
    who = (
        f"{first_capital(question_text(use.asked, protocol))}: {100 * use.group.share:.0f}% have "
        f"{rule_text(use.group.rule, protocol)}"
    )
    if use.decision == "unknown":
        return f"{who}; no corrected effect could be compared with a worthwhile one."
    sizes = (
        f"their corrected effect is {number(use.inside, decimals)} and that of the rest "
        f"{number(use.outside, decimals)}"
    )
    worthwhile = f"the smallest worthwhile effect of {number(use.worthwhile, decimals)}"
    verdicts = {
        "both": f"both reach {worthwhile}, so that the subgroup changes nothing",
        "neither": f"neither reaches {worthwhile}, so that the subgroup changes nothing",
        "inside": f"only the subgroup's reaches {worthwhile}",
        "outside": f"only the rest's reaches {worthwhile}",
    }
    doubt = ""
    if use.decision == "inside" and not use.certain:
        doubt = ", but the intervals do not rule out that the rest gains as much, or enough"
    tried = _difference_elsewhere(use, protocol)
    return f"{who}; {sizes}{tried}; {verdicts[use.decision]}{doubt}."


def _difference_elsewhere(use: Use, protocol: Protocol) -> str:
    away = use.group.honest.elsewhere if use.group.honest else None
    if away is None or away.difference.estimate is None:
        return "; it could not be tried in a trial left out of the search"
    decimals = protocol.outcomes[use.asked.outcome].decimals
    found = away.difference
    limits = interval(found.ci_low, found.ci_high, decimals)
    level = f"{100 * protocol.model.level:g}%"
    trials = protocol.unit[away.compared > 1]
    return (
        f"; in {in_words(away.compared)} {trials} left out of the search the difference was "
        f"{number(found.estimate, decimals)} ({level} CI {limits})"
    )


def use_conclusion(uses: Sequence[Use], protocol: Protocol, *, brief: bool = False) -> str:
    """Conclude whether any subgroup would change what a clinician does.

    A `brief` conclusion counts the subgroups and names none.
    """
    judged = [use for use in uses if use.decision != "unknown"]
    if not judged:
        return "No subgroup was found that could be judged."
    many = _subgroups(len(judged))
    changing = [use for use in judged if use.would_change]
    if not changing:
        return (
            f"Of {many} judged, none would change what a clinician does: after correction, "
            "treatment is worthwhile on both sides or on neither, or the intervals, also those of "
            "trials left out of the search, do not rule out that the rest gains as much, or enough."
        )
    start = f"Of {many} judged, {in_words(len(changing))}"
    caution = "A subgroup should be tested in a new trial before anybody is denied treatment."
    if brief:
        return (
            f"{start} might change what a clinician does, if the smallest worthwhile effects of "
            f"the protocol are accepted. {caution}"
        )
    named = [
        f"{rule_text(use.group.rule, protocol)} ({question_text(use.asked, protocol)}; "
        f"{100 * use.group.share:.0f}% of participants)"
        for use in changing
    ]
    gain = (
        ""
        if any((use.outside or 0) <= 0 for use in changing)
        else (
            "Those outside still gain, by less than the smallest worthwhile effect that the "
            "protocol assumes. "
        )
    )
    return (
        f"{start} might change what a clinician does, since after correction treatment is "
        f"worthwhile there and not in the rest, and the difference was found again in trials left "
        f"out of the search: {'; '.join(named)}. {gain}{caution}"
    )
