"""What stands under a table: abbreviations, conventions, and what the data are."""

from collections.abc import Iterable, Sequence

from great_tables import GT

from analysis.aggregate_protocol import AggregateProtocol, Plan, ScaledOutcome
from analysis.formats import in_units
from analysis.protocol import Protocol
from analysis.results.estimates import Estimate
from analysis.results.labels import in_sentence
from analysis.results.remarks import remarks
from analysis.tables.style import publication_style

ABBREVIATIONS = {
    "CI": "confidence interval",
    "IQR": "interquartile range",
    "LBP": "low back pain",
    "MD": "mean difference",
    "OR": "odds ratio",
    "PI": "prediction interval",
    "SD": "standard deviation",
    "SMD": "standardised mean difference",
}


def finished(
    table: GT, protocol: Plan, *, abbreviations: Iterable[str] = (), notes: Iterable[str] = ()
) -> GT:
    """Give a table its look and its notes, the last of which says what the data are.

    Parameters
    ----------
    table
        The table.
    protocol
        The plan; synthetic data are called so under every table.
    abbreviations
        Keys of `ABBREVIATIONS` that the table uses.
    notes
        Sentences, one paragraph each.
    """
    spelt = "; ".join(f"{short}={ABBREVIATIONS[short]}" for short in sorted(abbreviations))
    for note in (f"{spelt}." if spelt else "", *notes, data_note(protocol)):
        if note:
            table = table.tab_source_note(note)
    return publication_style(table)


def data_note(protocol: Plan) -> str:
    """Say that the data are synthetic; empty for real data."""
    return protocol.data_note if protocol.data_status == "synthetic" else ""


def favour_note(protocol: AggregateProtocol) -> str:
    """Say which side of no effect is better."""
    return f"Negative effects favour {protocol.treatment}."


def points_note(protocol: AggregateProtocol) -> str:
    """Say how standardised effects were put on the outcomes' scales, and what matters there.

    A scale and a source that all outcomes share are said once.
    """
    plans = protocol.outcomes.values()
    same = len({(plan.scale, plan.sd_source) for plan in plans}) == 1
    told = [
        f"{in_sentence(plan.label)}, {'' if same else f'{_scale(plan)}, '}SD {plan.sd:g}"
        f"{'' if same else f' ({plan.sd_source})'}, smallest worthwhile difference "
        f"{plan.worthwhile:g}"
        for plan in plans
    ]
    first = next(iter(plans))
    shared_parts = f" ({first.sd_source}), on a {_scale(first)}" if same else ""
    return f"Points=SMD times the SD{shared_parts}: {'; '.join(told)}."


def _scale(plan: ScaledOutcome) -> str:
    return f"scale from {plan.scale[0]:g} to {plan.scale[1]:g}"


def conventions(estimates: Iterable[Estimate], protocol: Protocol) -> list[str]:
    """Name each distinct way in which the intervals of a table were made."""
    used = dict.fromkeys(e.convention for e in estimates if e.convention)
    texts = (in_units(each.rstrip("."), protocol.unit) for each in used)
    return [f"{text[:1].upper()}{text[1:]}." for text in texts]


def reason(estimate: Estimate) -> str:
    """Say as a footnote why something could not be estimated; empty when it could."""
    why = estimate.not_estimable.rstrip(".")
    return f"{why[:1].upper()}{why[1:]}." if why else ""


def for_all(common: Iterable[str], *, what: str = "estimates") -> list[str]:
    """Turn what `shared` found into notes: without a mark, a note must say what it is about."""
    return [f"{text.rstrip('.')}: all {what}." for text in common]


def shared(estimates: Sequence[Estimate], protocol: Protocol) -> tuple[str, ...]:
    """Pick the remarks that hold for every estimate of a table: they become a note."""
    there = [remarks(each, protocol.unit) for each in estimates if each.estimate is not None]
    if not there:
        return ()
    return tuple(text for text in there[0] if all(text in other for other in there))
