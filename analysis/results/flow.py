"""Trials and participants from the search to the analysis (Figure 1, after PRISMA-IPD).

What came before the requests for data stands in the section `search` of the protocol, and every
layer of it may be missing. All other numbers are counted.
"""

from collections.abc import Iterator, Mapping

from analysis.protocol import Search
from analysis.results.aggregate import aggregate_forest
from analysis.results.eligible import Flow, FlowBox, FlowCount, FlowStep
from analysis.results.labels import in_sentence
from analysis.trials.master import Master

NO_SCORE = "no score at this follow-up"
OTHER_ARM = "arm not part of the comparison"
NO_BASELINE = "{} at baseline missing"


def flow(master: Master) -> Flow:
    """Count trials and participants at every step.

    Participants are those of trials whose number is known. The analysed ones are those of the
    primary models: everybody of the comparison with the outcome and its baseline.
    """
    search = master.protocol.search or Search()
    steps = [*_search_steps(search), *_data_steps(master, search), _analysis_step(master)]
    return Flow(tuple(steps))


def _search_steps(search: Search) -> Iterator[FlowStep]:
    if search.identified:
        total = FlowCount("identified", records=sum(search.identified.values()))
        box = FlowBox("identified", total, _records(search.identified))
        yield FlowStep("identification", (box,), _left("removed", search.removed))
    if search.screened is not None:
        out = search.screened_out
        left = FlowBox("screened_out", FlowCount("", records=out)) if out is not None else None
        box = FlowBox("screened", FlowCount("", records=search.screened))
        yield FlowStep("screening", (box,), left)
    if search.assessed is not None:
        box = FlowBox("assessed", FlowCount("", records=search.assessed))
        yield FlowStep("screening", (box,), _left("assessed_out", search.assessed_out))


def _records(counts: Mapping[str, int]) -> tuple[FlowCount, ...]:
    """List the parts of a total; one part would only repeat it without its name."""
    return tuple(FlowCount(label, records=n) for label, n in counts.items())


def _left(name: str, counts: Mapping[str, int]) -> FlowBox | None:
    if not counts:
        return None
    return FlowBox(name, FlowCount("", records=sum(counts.values())), _records(counts))


def _data_steps(master: Master, search: Search) -> Iterator[FlowStep]:
    """Participant data: asked for, obtained, and eligible."""
    people, others = master.participants, master.without_ipd
    gave = int(people["trial"].nunique())
    obtained = len(people) + sum(each.participants for each in search.not_eligible)
    missing = len(others) or sum(search.not_obtained.values())
    theirs = sum(each.participants for each in others) if others or not missing else None
    sought = None if theirs is None else obtained + theirs
    asked = FlowBox("sought", FlowCount("", trials=gave + missing, participants=sought))
    yield FlowStep("data", (asked,), _trials_left("not_sought", search.not_sought))
    there = FlowBox("obtained", FlowCount("", trials=gave, participants=obtained))
    absent = _trials_left("not_obtained", search.not_obtained)
    if missing:
        total = FlowCount("", trials=missing, participants=theirs)
        absent = FlowBox("not_obtained", total, absent.parts if absent else ())
    yield FlowStep("data", (there,), absent)
    reasons = [
        FlowCount(each.reason, trials=each.trials, participants=each.participants)
        for each in search.not_eligible
    ] + _excluded(master)
    if reasons:
        out = sum(each.participants or 0 for each in reasons)
        total = FlowCount("", trials=gave, participants=obtained - out)
        left = FlowBox("not_eligible", FlowCount("", participants=out), tuple(reasons))
        yield FlowStep("data", (FlowBox("eligible", total),), left)


def _trials_left(name: str, counts: Mapping[str, int]) -> FlowBox | None:
    if not counts:
        return None
    parts = tuple(FlowCount(label, trials=n) for label, n in counts.items())
    return FlowBox(name, FlowCount("", trials=sum(counts.values())), parts)


def _excluded(master: Master) -> list[FlowCount]:
    """Count the participants whom the protocol excludes from every outcome, by reason."""
    log = master.exclusions[master.exclusions["outcome"] == ""]
    return [
        FlowCount(str(reason), trials=int(rows["trial"].nunique()), participants=len(rows))
        for reason, rows in log.groupby("reason", sort=False)
    ]


def _analysis_step(master: Master) -> FlowStep:
    plan = master.protocol.interactions
    follow_up = plan.follow_ups[0]
    boxes = [
        _analysed(master, outcome, follow_up)
        for outcome in plan.outcomes
        if follow_up in master.protocol.outcomes[outcome].follow_ups
    ]
    return FlowStep("analysis", (*boxes, *_published(master)))


def _analysed(master: Master, outcome: str, follow_up: str) -> FlowBox:
    """Count who is in the primary model of an outcome, and why the others are not."""
    protocol = master.protocol
    log = master.exclusions
    whole = log["outcome"] == ""
    here = (log["outcome"] == outcome) & log["follow_up"].isin(["", follow_up])
    keys = ["trial", "participant"]
    people = master.participants.merge(log.loc[whole, keys], how="left", indicator="out")
    people = people[people.pop("out") == "left_only"]
    people = people.merge(log.loc[here, [*keys, "reason"]], on=keys, how="left")
    scores = master.outcomes
    scores = scores[(scores["outcome"] == outcome) & (scores["follow_up"] == follow_up)]
    people = people.merge(scores[[*keys, "value"]], on=keys, how="left")
    controls = protocol.comparisons[protocol.interactions.comparison].control
    reason = people["reason"].fillna("").astype(object)
    reason = reason.mask((reason == "") & people["value"].isna(), NO_SCORE)
    elsewhere = ~people["category"].isin({*protocol.treated(), *controls})
    reason = reason.mask((reason == "") & elsewhere, OTHER_ARM)
    baseline = protocol.baseline_outcome(outcome)
    if baseline:
        gap = people[f"{baseline}_baseline"].isna()
        text = NO_BASELINE.format(in_sentence(protocol.outcomes[baseline].label))
        reason = reason.mask((reason == "") & gap, text)
    kept = people[reason == ""]
    counted = reason[reason != ""].value_counts(sort=False)
    parts = tuple(FlowCount(str(why), participants=int(n)) for why, n in counted.items())
    label = f"{protocol.outcomes[outcome].label}, {protocol.follow_ups[follow_up].label}"
    total = FlowCount(label, trials=int(kept["trial"].nunique()), participants=len(kept))
    return FlowBox(f"analysed_{outcome}", total, parts)


def _published(master: Master) -> Iterator[FlowBox]:
    """Count the trials without participant data whose published results were pooled."""
    plan = master.protocol.aggregate
    if plan is None or not master.without_ipd:
        return
    parts = []
    for outcome in plan.outcomes:
        found = aggregate_forest(master, outcome=outcome, follow_up=plan.follow_ups[0]).without_ipd
        label = master.protocol.outcomes[outcome].label
        people = found.treated + found.controls
        parts.append(FlowCount(label, trials=found.trials, participants=people))
    label = master.protocol.follow_ups[plan.follow_ups[0]].label
    yield FlowBox("published", FlowCount(label), tuple(parts))
