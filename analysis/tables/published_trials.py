"""Table 1 of a review of published results: the trials as their reports describe them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from great_tables import GT

from analysis.aggregate_protocol import AggregateProtocol
from analysis.formats import DASH, count, number
from analysis.results.labels import in_sentence
from analysis.tables.frame import table_of
from analysis.tables.notes import finished

if TYPE_CHECKING:  # it brings the statistics with it, which no table needs
    from analysis.results.published_trials import PublishedTrial

WIDTHS = {
    "trial": 13.0,
    "randomised": 5.0,
    "comparators": 13.0,
    "bias": 14.0,
    "outcomes": 7.0,
}  # per cent of the table; characteristics share the rest
NUMERIC = 8.5
GAP = 4  # letters, between columns


def published_trials_table(trials: Sequence["PublishedTrial"], protocol: AggregateProtocol) -> GT:
    """Lay out the trials: size, participants, training, controls, risk of bias, outcomes."""
    letters = _letters(protocol)
    cells = [_cells(trial, protocol, letters) for trial in trials]
    for name in _numeric(protocol):
        values = [trial.characteristics[name] for trial in trials]
        decimals = 0 if all(float(value or 0).is_integer() for value in values) else 1
        for row, value in zip(cells, values, strict=True):
            row[name] = DASH if value == "" else number(float(value), decimals)
    heads = {
        "randomised": "n",
        "comparators": "Controls",
        "bias": "Overall risk of bias",
        "outcomes": "Results",
        **{name: _head(protocol, name) for name in protocol.described_by},
    }
    table = (
        table_of(cells, rowname_col="trial", name="published-trials")
        .tab_stubhead(protocol.unit[0].capitalize())
        .cols_label({**heads})
        .cols_align("right", ["randomised", *_numeric(protocol)])
        .cols_align("center", ["outcomes"])
        .cols_width({name: f"{width:.3g}%" for name, width in _widths(protocol).items()})
    )
    named = "; ".join(
        f"{letters[key]} {in_sentence(plan.label)}" for key, plan in protocol.outcomes.items()
    )
    controls = [
        f"{_words(key)}={plan.label}"
        for key, plan in protocol.comparators.items()
        if _words(key) != plan.label
    ]
    if not all(trial.comparators for trial in trials):
        controls.append(f"{DASH} not extracted")
    notes = [
        "n=randomised." + (f" Controls: {'; '.join(controls)}." if controls else ""),
        f"Results that could be pooled: {named}; {DASH} none.",
    ]
    if any(row[name] == DASH for row in cells for name in _numeric(protocol)):
        notes.append(f"A number that is {DASH} was not reported.")
    return finished(table, protocol, notes=notes)


def _letters(protocol: AggregateProtocol) -> dict[str, str]:
    """Name each outcome by the first letters of its label, as many as tell them apart."""
    labels = {
        key: plan.label[:1].upper() + plan.label[1:] for key, plan in protocol.outcomes.items()
    }
    longest = max(map(len, labels.values()))
    for size in range(1, longest):
        found = {key: label[:size] for key, label in labels.items()}
        if len(set(found.values())) == len(found):
            return found
    return labels


def _cells(
    trial: "PublishedTrial", protocol: AggregateProtocol, letters: dict[str, str]
) -> dict[str, str]:
    return {
        "trial": f"{trial.trial} {trial.year}",
        "randomised": count(trial.participants),
        **{name: _value(trial, protocol, name) for name in protocol.described_by},
        "comparators": ", ".join(map(_words, trial.comparators)) or DASH,
        "bias": trial.overall,
        "outcomes": " ".join(letters[outcome] for outcome in trial.outcomes) or DASH,
    }


def _words(key: str) -> str:
    return key.replace("_", " ")


def _value(trial: "PublishedTrial", protocol: AggregateProtocol, name: str) -> str:
    """Name the level of one characteristic."""
    value = str(trial.characteristics[name])
    return protocol.characteristics[name].levels.get(value, value)


def _head(protocol: AggregateProtocol, name: str) -> str:
    plan = protocol.characteristics[name]
    return f"{plan.label}, {plan.unit}" if plan.unit else plan.label


def _numeric(protocol: AggregateProtocol) -> list[str]:
    return [name for name in protocol.described_by if not protocol.characteristics[name].levels]


def _widths(protocol: AggregateProtocol) -> dict[str, float]:
    """Share what the fixed columns leave: numbers are narrow, categories by their longest level."""
    numeric = _numeric(protocol)
    longest = {
        name: GAP + max(map(len, protocol.characteristics[name].levels.values()))
        for name in protocol.described_by
        if name not in numeric
    }
    left = 100 - sum(WIDTHS.values()) - NUMERIC * len(numeric)
    shares = {name: left * length / sum(longest.values()) for name, length in longest.items()}
    return {**WIDTHS, **dict.fromkeys(numeric, NUMERIC), **shares}
