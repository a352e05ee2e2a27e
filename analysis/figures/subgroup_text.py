"""What a subgroup forest plot says, in words: its alternative text and the notes beneath it."""

from collections.abc import Iterator
from math import log

from analysis.figures.words import (
    EFFECT_NAMES,
    NO_WORDS,
    Words,
    effect_sentence,
    lower_first,
    made_as,
    side_of,
)
from analysis.formats import count, in_units, number, p_text
from analysis.results.estimates import Estimate, Measure, SubgroupBlock, SubgroupForest
from analysis.results.remarks import remarks
from analysis.results.suppression import notes_if_withheld, shown_arms

ONE_TRIAL = "†"
NO_BREAK = "\N{NO-BREAK SPACE}"
NAMED_DIFFERENCES = 3
NAMED_PLACES = 3


def rests_on_one_trial(effect: Estimate) -> bool:
    """Whether a single trial has participants in both groups, so that nothing is pooled."""
    return effect.estimate is not None and effect.contrast_trials == 1


def alt_text(result: SubgroupForest, *, words: Words = NO_WORDS) -> str:
    """Describe the plot for a reader who cannot see it.

    It says the overall effect and its side of no effect, how many levels lie where, and the
    largest differences between the levels of one characteristic.
    """
    levels = sum(len(block.levels) for block in result.blocks)
    groups = f"{lower_first(words.treated)} against {lower_first(words.controls)}"
    place = f"{count(levels)} levels of {count(len(result.blocks))} characteristics"
    sentences = [
        f"Forest plot of the effect of {groups} on {words.outcome or result.outcome}, in {place}",
        f"Pooled {effect_sentence(result.overall, words.places(result.measure))}",
        *_worthwhile_sentence(result, words),
        *_side_sentence(result),
        *_difference_sentence(result, words),
    ]
    return ". ".join(sentences) + "."


def notes(result: SubgroupForest, *, words: Words = NO_WORDS) -> tuple[str, ...]:
    """Sentences that belong under the plot: levels without an estimate and why, marks, cuts."""
    one, effects = words.unit[0], list(_effects(result))
    found = []
    if any(rests_on_one_trial(effect) for _, effect in effects):
        found.append(f"{ONE_TRIAL} Only one {one} has participants in both groups.")
    missing = [
        f"{place} ({_reason(effect)})" for place, effect in effects if effect.estimate is None
    ]
    missing += [f"{b.label} ({b.not_estimable})" for b in result.blocks if b.not_estimable]
    if missing:
        found.append(f"Not estimable: {'; '.join(missing)}.")
    cuts = list(dict.fromkeys(block.cut for block in result.blocks if block.cut))
    for cut in cuts:
        names = [block.label for block in result.blocks if block.cut == cut]
        found.append(f"Cut at the {cut}: {'; '.join(names)}.")
    found += [
        *_warnings(effects, words.unit),
        *made_as([in_units(e.convention, words.unit) for _, e in effects]),
    ]
    found += _withheld(result, words.minimum)
    if words.data_note:
        found.append(words.data_note)
    return tuple(found)


def _withheld(result: SubgroupForest, minimum: int) -> list[str]:
    """Say what withheld numbers mean, when there are any."""
    shown = [
        arm for block in result.blocks for arms in shown_arms(block.levels, minimum) for arm in arms
    ]
    return notes_if_withheld([f"{arm.n} {arm.events}" for arm in shown], minimum)


def _effects(result: SubgroupForest) -> Iterator[tuple[str, Estimate]]:
    for block in result.blocks:
        for level in block.levels:
            yield f"{block.label}, {level.label}", level.effect
    yield "Overall", result.overall


def _warnings(effects: list[tuple[str, Estimate]], unit: tuple[str, str]) -> list[str]:
    """Each distinct warning once: the places that it concerns, or their number when many."""
    places: dict[str, list[str]] = {}
    for place, effect in effects:
        for text in remarks(effect, unit):
            places.setdefault(text.rstrip("."), []).append(place)
    everywhere = sum(effect.estimate is not None for _, effect in effects)
    return [f"{text}{_where(found, everywhere)}." for text, found in places.items()]


def _where(places: list[str], everywhere: int) -> str:
    if len(places) == everywhere:
        return ": all estimates"
    named = "; ".join(places) if len(places) <= NAMED_PLACES else f"{len(places)} estimates"
    return f": {named}"


def _reason(effect: Estimate) -> str:
    return effect.not_estimable or "no reason recorded"


def _worthwhile_sentence(result: SubgroupForest, words: Words) -> Iterator[str]:
    overall = result.overall
    if result.worthwhile is None or overall.ci_low is None or overall.ci_high is None:
        return
    value = words.worthwhile(result.worthwhile, result.measure)
    side = side_of(overall.ci_low, overall.ci_high, value)
    printed = number(value, words.places(result.measure))
    yield f"Its interval {side} the smallest worthwhile effect ({printed})"


def _side_sentence(result: SubgroupForest) -> Iterator[str]:
    effects = [level.effect for block in result.blocks for level in block.levels]
    sides = [
        side_of(e.ci_low, e.ci_high, e.null)
        for e in effects
        if e.ci_low is not None and e.ci_high is not None
    ]
    words = {
        "lies entirely below": "entirely below no effect",
        "includes": "across no effect",
        "lies entirely above": "entirely above no effect",
    }
    counted = [f"{count(sides.count(s))} {text}" for s, text in words.items() if s in sides]
    if len(sides) < len(effects):
        counted.append(f"{count(len(effects) - len(sides))} not estimable")
    yield f"Intervals of the levels: {', '.join(counted)}"


def _difference_sentence(result: SubgroupForest, words: Words) -> Iterator[str]:
    found = [
        (spread, block)
        for block in result.blocks
        if (spread := _spread(block, result.measure)) is not None
    ]
    found.sort(key=lambda pair: -pair[0])
    if found:
        described = [_described(block, words) for _, block in found[:NAMED_DIFFERENCES]]
        name = EFFECT_NAMES[result.measure].lower()
        yield f"Largest differences in {name} between levels: {'; '.join(described)}"


def _estimates(block: SubgroupBlock) -> list[tuple[float, str]]:
    """Estimates of a block's levels with their labels, from low to high."""
    found = [(level.effect.estimate, level.label) for level in block.levels]
    return sorted((value, label) for value, label in found if value is not None)


def _spread(block: SubgroupBlock, measure: Measure) -> float | None:
    values = [log(v) if measure == "OR" else v for v, _ in _estimates(block)]
    return values[-1] - values[0] if len(values) > 1 else None


def _described(block: SubgroupBlock, words: Words) -> str:
    decimals = words.places(block.levels[0].effect.measure)
    ends = (_estimates(block)[0], _estimates(block)[-1])
    values = " to ".join(f"{number(value, decimals)} ({label})" for value, label in ends)
    p = f", interaction {p_text(block.interaction_p)}" if block.interaction_p is not None else ""
    return f"{block.label}, {values}{p}"
