"""The words that a review lends to its figures, and sentences about intervals for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analysis.figures.axis import Scale
from analysis.figures.presets import PresetName
from analysis.formats import number, with_interval
from analysis.protocol import Protocol
from analysis.results.cumulative import Cumulative
from analysis.results.eligible import AggregateForest
from analysis.results.estimates import Estimate, Measure, OverallEffect, SubgroupForest

NOT_ESTIMABLE = "not estimable"
EFFECT_NAMES: dict[Measure, str] = {"MD": "Mean difference", "OR": "Odds ratio"}
SCALES: dict[Measure, Scale] = {"MD": "linear", "OR": "log"}


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a review, as its protocol has them.

    Parameters
    ----------
    treated, controls
        Names of the two groups, for headers.
    outcome
        What was measured and when, for a sentence: "pain intensity at short term".
    higher
        What a high value of the outcome means, which decides the side of a worthwhile effect.
    favours
        Words under the left and the right side of the axis; made from the groups when None.
    unit
        What is counted as a cluster: one and several.
    decimals
        Of estimates; None for one in differences and two in ratios.
    axis_label
        Words under the axis; empty for none.
    data_note
        What the data are, when they are not real; printed under every figure.
    minimum
        Smallest number of participants that is printed; 0 for any.
    preset
        Look of forest plots.
    """

    treated: str = "Treatment"
    controls: str = "Comparison"
    outcome: str = ""
    higher: Literal["worse", "better"] = "worse"
    favours: tuple[str, str] | None = None
    unit: tuple[str, str] = ("trial", "trials")
    decimals: int | None = None
    axis_label: str = ""
    data_note: str = ""
    minimum: int = 0
    preset: PresetName = "house"

    def sides(self) -> tuple[str, str]:
        """Words under the left and the right side of the axis."""
        if self.favours:
            return self.favours
        groups = (f"Favours {lower_first(self.treated)}", f"Favours {lower_first(self.controls)}")
        return groups if self.higher == "worse" else groups[::-1]

    def places(self, measure: Measure) -> int:
        """Decimals of estimates."""
        return self.decimals if self.decimals is not None else 2 if measure == "OR" else 1

    def worthwhile(self, value: float, measure: Measure) -> float:
        """Put the smallest worthwhile effect, given as a size, on the side of benefit."""
        if measure == "MD":
            return -abs(value) if self.higher == "worse" else abs(value)
        larger = max(value, 1 / value)
        return 1 / larger if self.higher == "worse" else larger


NO_WORDS = Words()


def words_of(
    result: SubgroupForest | OverallEffect | AggregateForest | Cumulative, protocol: Protocol
) -> Words:
    """Take the words for a result from the protocol."""
    outcome = protocol.outcomes[result.outcome]
    controls = protocol.comparisons[result.comparison].label
    unit = f" ({outcome.unit})" if outcome.unit else ""
    axis_label = f"Difference in {lower_first(outcome.label)}{unit}"
    return Words(
        treated=protocol.treatment_label(result.comparison),
        controls=controls[:1].upper() + controls[1:],
        outcome=f"{lower_first(outcome.label)} at {protocol.follow_ups[result.follow_up].label}",
        higher=outcome.high_effect,
        unit=protocol.unit,
        axis_label="" if outcome.kind == "binary" else axis_label,
        decimals=2 if outcome.kind == "binary" else outcome.decimals,
        data_note=protocol.data_note if protocol.data_status == "synthetic" else "",
        minimum=protocol.minimum_cell,
        preset=protocol.forest_preset,
    )


def lower_first(text: str) -> str:
    """Begin with a small letter, unless the first word is an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def made_as(conventions: Iterable[str]) -> list[str]:
    """Name each distinct way in which intervals were made, as a sentence for the notes.

    One that stands whole inside another is not said twice.
    """
    texts = list(dict.fromkeys(text.rstrip(".") for text in conventions if text))
    kept = [text for text in texts if not any(text in other for other in texts if other != text)]
    one = [text.replace("; Maximum likelihood", "; maximum likelihood") for text in kept]
    return [f"{text[:1].upper()}{text[1:]}." for text in one]


def percent_ci(level: float) -> str:
    """Name an interval by its level: "95% CI"."""
    return f"{100 * level:g}% CI"


def side_of(low: float, high: float, value: float) -> str:
    """Say where an interval lies: "lies entirely below", "lies entirely above" or "includes"."""
    if high < value:
        return "lies entirely below"
    return "lies entirely above" if low > value else "includes"


def interval_words(
    low: float, high: float, *, null: float, decimals: int, level: float = 0.95
) -> str:
    """Say an interval, and on which side of no effect it lies.

    Examples
    --------
    >>> interval_words(-14.1, -7.4, null=0, decimals=1)
    '95% CI −14.1 to −7.4, lies entirely below no effect (0)'
    """
    side = side_of(low, high, null).replace("includes", "crosses")
    limits = f"{number(low, decimals)} to {number(high, decimals)}"
    return f"{percent_ci(level)} {limits}, {side} no effect ({null:g})"


def effect_cell(effect: Estimate, words: Words) -> str:
    """Print an estimate with its interval for a column, or that there is none."""
    if effect.estimate is None:
        return NOT_ESTIMABLE
    decimals = words.places(effect.measure)
    return with_interval(effect.estimate, effect.ci_low, effect.ci_high, decimals)


def effect_sentence(effect: Estimate, decimals: int) -> str:
    """Describe an estimate for a reader who cannot see it.

    Examples
    --------
    >>> effect_sentence(effect, 1)  # doctest: +SKIP
    'mean difference −10.7, 95% CI −14.1 to −7.4, lies entirely below no effect (0)'
    """
    name = EFFECT_NAMES[effect.measure].lower()
    if effect.estimate is None or effect.ci_low is None or effect.ci_high is None:
        return f"{name} not estimable ({effect.not_estimable})"
    limits = interval_words(
        effect.ci_low, effect.ci_high, null=effect.null, decimals=decimals, level=effect.level
    )
    return f"{name} {number(effect.estimate, decimals)}, {limits}"
