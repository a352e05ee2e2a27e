"""Credibility of claimed effect modifiers: the questions of ICEMAN, answered as far as they can be.

Schandelmaier, Briel, Varadhan et al. 2020, CMAJ 192:E901, version for meta-analyses, in own words.
What can be computed is; the direction hypothesised beforehand comes from the protocol. The eight
questions are those of Table 1; that claims are interactions with P < 0.1, that comparisons within
trials definitely increase credibility, and how a hypothesised direction is graded, was read in the
authors' online manual (iceman.help, version 1.1). The form itself leaves similarity between trials
to judgement: here it is graded by I² and Cochran's Q.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analysis.formats import count, in_words, number, p_text
from analysis.protocol import Modifier, Outcome, Protocol
from analysis.results.estimates import Estimate, Interaction
from analysis.results.multiplicity import THRESHOLD, multiplicity
from analysis.results.stages import StageComparison

Grade = Literal[
    "definitely reduced", "probably reduced", "probably increased", "definitely increased", ""
]  # fmt: skip
Rating = Literal["very low", "low", "moderate", "high"]
Key = Literal[
    "within", "similar", "between_trials", "direction", "chance", "tests", "random", "cut_points"
]  # fmt: skip

CLAIMED = 0.10
CHANCE: tuple[tuple[float, Grade], ...] = (
    (0.005, "definitely increased"),
    (0.01, "probably increased"),
    (0.05, "probably reduced"),
)
FEW, MANY = 3, 10  # modifiers tested
NOT_SIMILAR, SIMILAR = 50.0, 25.0  # I² in per cent


@dataclass(frozen=True, slots=True)
class CredibilityItem:
    """One question: its answer, and what this does to the credibility; no grade when it is void."""

    key: Key
    answer: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Credibility:
    """The credibility of one claimed modifier.

    Parameters
    ----------
    outcome, follow_up, modifier
        Keys of the protocol.
    p
        Of the interaction, all levels together.
    items
        The eight questions in order.
    rating
        Proposed by rule; a person may lower it.
    """

    outcome: str
    follow_up: str
    modifier: str
    p: float
    items: tuple[CredibilityItem, ...]
    rating: Rating


def credibility(
    rows: Sequence[Interaction], stages: Sequence[StageComparison], protocol: Protocol
) -> tuple[Credibility, ...]:
    """Judge the modifiers of one outcome with P < 0.1, smallest P first.

    Parameters
    ----------
    rows
        Interactions of one outcome and follow-up, all adjusted or all unadjusted.
    stages
        The second stage of the same outcome, which knows how similar the trials are; may be empty.
    protocol
        The plan.
    """
    family = multiplicity(rows)
    claimed = sorted((t for t in family.tests if t.p < CLAIMED), key=lambda test: test.p)
    found = []
    for test in claimed:
        mine = [row for row in rows if row.modifier == test.modifier]
        two = [each for each in stages if each.modifier == test.modifier]
        plan, outcome = protocol.modifiers[test.modifier], protocol.outcomes[test.outcome]
        items = (
            _within(mine[0].within, protocol),
            _similar(two, protocol),
            CredibilityItem("between_trials", "Not asked of a comparison within trials", ""),
            _direction(mine, plan, outcome),
            _chance(test.p),
            _tests(len(family.tests), test.adjusted_p),
            _random(two),
            _cut_points(plan),
        )
        found.append(
            Credibility(test.outcome, test.follow_up, test.modifier, test.p, items, rating(items))
        )
    return tuple(found)


def rating(items: Sequence[CredibilityItem]) -> Rating:
    """Rate the credibility by the rule that the form suggests.

    Very low when nothing increases it; at most low when two answers or more definitely reduce it;
    at most moderate when one does, or when any answer probably does (the form says: two; with one
    it leaves the choice); otherwise high.
    """
    grades = [item.grade for item in items if item.grade]
    definitely, probably = grades.count("definitely reduced"), grades.count("probably reduced")
    if definitely + probably == len(grades):
        return "very low"
    if definitely > 1:
        return "low"
    return "moderate" if definitely or probably else "high"


def _within(effect: Estimate, protocol: Protocol) -> CredibilityItem:
    """Ask whether participants of the same trial were compared."""
    single = effect.trials - effect.contrast_trials
    many = protocol.unit[1]
    if not single:
        return CredibilityItem(
            "within", f"Yes, in all {effect.trials} {many}", "definitely increased"
        )
    answer = f"Mostly: slopes of {single} of {effect.trials} {many} with one arm enter too"
    return CredibilityItem("within", answer, "probably increased")


def _similar(stages: Sequence[StageComparison], protocol: Protocol) -> CredibilityItem:
    """Ask whether the interaction is similar from trial to trial."""
    only = stages[0] if len(stages) == 1 else None
    if only is None or only.i2 is None or only.two.estimate is None or only.two.trials < FEW:
        reason = only.two.not_estimable if only else ""
        known = f"Unclear: {reason}" if reason else "Unclear: too few estimates by trial to tell"
        return CredibilityItem("similar", known, "probably reduced")
    said = (
        f"I²={number(only.i2, 0)}% (heterogeneity {p_text(only.q_p)}); {only.same_direction} of "
        f"{count(only.two.trials)} {protocol.unit[1]} point as the pooled interaction does"
    )
    if only.i2 >= NOT_SIMILAR:
        clear = only.q_p is not None and only.q_p < 0.05
        return CredibilityItem(
            "similar", said, "definitely reduced" if clear else "probably reduced"
        )
    grade: Grade = "definitely increased" if only.i2 < SIMILAR else "probably increased"
    return CredibilityItem("similar", said, grade)


def _direction(rows: Sequence[Interaction], plan: Modifier, outcome: Outcome) -> CredibilityItem:
    """Ask whether the direction was stated beforehand, and was right.

    Definitely when it can be looked up where the protocol says; probably on its word alone.
    """
    stated = plan.hypothesis
    if stated is None:
        return CredibilityItem(
            "direction", "Named in the protocol, without a direction", "probably reduced"
        )
    where = plan.levels.get(stated.greater_benefit, stated.greater_benefit)
    said = f"{stated.date}: more benefit with {where}" + (
        f" ({stated.source})" if stated.source else ""
    )
    right = _as_hypothesised(rows, plan, outcome)
    if right is None:
        return CredibilityItem("direction", f"{said}; unclear whether found", "probably reduced")
    if right:
        grade: Grade = "definitely increased" if stated.source else "probably increased"
        return CredibilityItem("direction", f"{said}; found", grade)
    return CredibilityItem("direction", f"{said}; the opposite was found", "definitely reduced")


def _as_hypothesised(rows: Sequence[Interaction], plan: Modifier, outcome: Outcome) -> bool | None:
    """Whether the interactions point where the hypothesis says; None when they cannot tell."""
    where = plan.hypothesis.greater_benefit if plan.hypothesis else ""
    gains = {row.level: _gain(row.within, outcome) for row in rows}
    if None in gains.values():
        return None
    known = {level: gain or 0.0 for level, gain in gains.items()}
    if plan.kind == "continuous":
        (gain,) = known.values()
        return gain > 0 if where == "higher" else gain < 0
    effects = known | {plan.reference or "": 0.0}
    return max(effects, key=effects.__getitem__) == where


def _gain(effect: Estimate, outcome: Outcome) -> float | None:
    """How much more benefit per unit or at a level: above 0 for more."""
    if effect.estimate is None:
        return None
    size = effect.estimate - effect.null
    return size if outcome.high_effect == "better" else -size


def _chance(p: float) -> CredibilityItem:
    grade: Grade = next((each for limit, each in CHANCE if p <= limit), "definitely reduced")
    return CredibilityItem("chance", f"Interaction {p_text(p)}", grade)


def _tests(tests: int, adjusted: float) -> CredibilityItem:
    """Ask how many modifiers were tested; P values that allow for it are at hand here."""
    said = f"{in_words(tests).capitalize()} tested; Benjamini-Hochberg {p_text(adjusted)}"
    if tests <= FEW or adjusted < THRESHOLD:
        return CredibilityItem("tests", said, "definitely increased")
    grade: Grade = "definitely reduced" if tests > MANY else "probably reduced"
    return CredibilityItem("tests", said, grade)


def _random(stages: Sequence[StageComparison]) -> CredibilityItem:
    """Ask for a random-effects model: the one-stage model has none for the interaction itself."""
    two = [each.two for each in stages if each.two.p is not None]
    if not two:
        said = "Treatment effect random, interaction common"
        return CredibilityItem("random", said, "probably reduced")
    p = min(each.p for each in two if each.p is not None)
    said = f"Interaction common in one stage, random in two ({p_text(p)})"
    grade: Grade = "definitely increased" if p < CLAIMED else "probably increased"
    return CredibilityItem("random", said, grade)


def _cut_points(plan: Modifier) -> CredibilityItem:
    if plan.kind == "categorical":
        return CredibilityItem("cut_points", "Not continuous", "")
    return CredibilityItem("cut_points", "The whole range, none cut", "definitely increased")
