"""Sentences about all eligible trials: what was obtained, who differs, published results."""

from analysis.formats import (
    count,
    in_units,
    in_words,
    interval,
    listing,
    number,
    p_text,
    percent,
)
from analysis.protocol import Protocol
from analysis.results.eligible import (
    AggregateForest,
    Flow,
    FlowBox,
    PooledTrials,
    TrialCharacteristics,
)
from analysis.results.suppression import shown_count, shown_of
from analysis.wording.effects import lower

NOTABLE = 0.05


def flow_sentence(flow: Flow, protocol: Protocol) -> str:
    """Say whose data were sought and obtained, and why the others' were not."""
    sought, obtained = _box(flow, "sought"), _box(flow, "obtained")
    if sought is None or obtained is None:
        return ""
    asked, gave = sought.total.trials or 0, obtained.total.trials or 0
    people = obtained.total.participants or 0
    text = (
        f"Participant data were sought from {_trials(asked, protocol)} and obtained from "
        f"{'all' if gave == asked else in_words(gave)}, with {count(people)} participants"
    )
    if sought.total.participants and gave < asked:
        share = percent(people, sought.total.participants)
        text += f" ({share} of those in eligible {protocol.unit[1]})"
    absent = _box(flow, "not_obtained")
    reasons = listing([f"{part.label} ({part.trials})" for part in absent.parts]) if absent else ""
    return f"{text}. {_reasons('Reasons for not obtaining data', reasons, protocol)}".strip()


def not_eligible_sentence(flow: Flow, protocol: Protocol) -> str:
    """Say which participants of the trials with data were not eligible; empty when all were."""
    box = _box(flow, "not_eligible")
    if box is None:
        return ""
    least = protocol.minimum_cell
    shown = shown_of([part.participants or 0 for part in box.parts], least)
    reasons = listing(
        [
            f"{part.label} ({people} in {_trials(part.trials or 0, protocol)})"
            for part, people in zip(box.parts, shown, strict=True)
        ]
    )
    left = shown_count(box.total.participants or 0, least)
    return f"Of these participants, {left} were not eligible: {in_units(reasons, protocol.unit)}."


def _box(flow: Flow, name: str) -> FlowBox | None:
    boxes = (b for step in flow.steps for b in (*step.boxes, step.left_out) if b)
    return next((box for box in boxes if box.name == name), None)


def _trials(n: int, protocol: Protocol) -> str:
    return f"{in_words(n)} {protocol.unit[n != 1]}"


def _reasons(start: str, reasons: str, protocol: Protocol) -> str:
    return f"{start}: {in_units(reasons, protocol.unit)}." if reasons else ""


def differing_sentence(table: TrialCharacteristics, protocol: Protocol) -> str:
    """Name the characteristics in which trials with and without data differ, with P below 0.05."""
    treatment = lower(protocol.treatment_label())
    names = {
        "participants": "number of participants",
        "mean_age": "mean age",
        "percent_female": "share of women",
        "setting": "setting",
        "treatment_arms": f"number of {treatment} groups",
        "comparison_arms": "number of comparison groups",
        "type": f"type of {treatment}",
        "design": f"design of {treatment}",
        "delivery": f"delivery of {treatment}",
        "comparison": "type of comparison",
    }
    tests = [(each.name, each.p) for each in table.quantities]
    tests += [(each.name, each.p) for each in table.blocks]
    tested = [(name, p) for name, p in tests if p is not None]
    many = protocol.unit[1]
    who = f"{many} with and without participant data"
    if not tested:
        return f"No characteristic of {who} could be compared."
    found = [
        f"{names.get(name) or 'baseline ' + lower(protocol.outcomes[name].label)} ({p_text(p)})"
        for name, p in tested
        if p < NOTABLE
    ]
    noun = "characteristic" if len(tested) == 1 else "characteristics"
    compared = f"Of {in_words(len(tested))} {noun}"
    if not found:
        return f"{compared}, none differed clearly between {who}."
    return f"{compared}, {listing(found)} differed between {who}."


def aggregate_sentence(result: AggregateForest, protocol: Protocol) -> str:
    """Compare the pooled published results of trials with and without participant data."""
    outcome = protocol.outcomes[result.outcome]
    many, decimals = protocol.unit[1], outcome.decimals
    start = f"In published results, the mean difference in {lower(outcome.label)} was"
    groups = [
        f"{_pooled(pooled, decimals, result.level)} in {in_words(pooled.trials)} {many} {which}"
        for pooled, which in (
            (result.with_ipd, "with participant data"),
            (result.without_ipd, "without"),
        )
        if pooled.estimate is not None
    ]
    if not groups:
        return f"Published results on {lower(outcome.label)} could not be pooled."
    found = result.difference
    if found is None:
        return f"{start} {listing(groups)}."
    size = f"{number(abs(found.estimate), decimals)} {outcome.unit}".rstrip()
    limits = interval(found.ci_low, found.ci_high, decimals)
    figures = f"difference {number(found.estimate, decimals)}, {limits}; {p_text(found.p)}"
    if found.ci_low <= 0 <= found.ci_high:
        said = f"no clear difference between the two ({figures})"
    else:
        gain = found.estimate < 0 if outcome.higher == "worse" else found.estimate > 0
        said = (
            f"those with data were {'more' if gain else 'less'} favourable to the treatment by "
            f"{size} ({figures})"
        )
    return f"{start} {listing(groups)}: {said}."


def _pooled(pooled: PooledTrials, decimals: int, level: float) -> str:
    limits = interval(pooled.ci_low, pooled.ci_high, decimals)
    return f"{number(pooled.estimate, decimals)} ({100 * level:g}% CI {limits})"
