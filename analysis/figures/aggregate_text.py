"""What the forest plot of published results says in words: heterogeneity, difference, notes."""

from analysis.figures.words import Words, made_as, percent_ci, side_of, words_of
from analysis.formats import count, in_units, interval, number, p_text, with_interval
from analysis.protocol import Protocol
from analysis.results.eligible import AggregateForest, PooledTrials, Source

SOURCES: dict[Source, str] = {
    "with_ipd": "with participant data",
    "without_ipd": "without participant data",
}


def heterogeneity_line(pooled: PooledTrials) -> str:
    """Print τ² with its interval, I² and Cochran's Q; empty for one trial.

    Examples
    --------
    >>> heterogeneity_line(pooled)  # doctest: +SKIP
    'τ²=57.3 (20.6 to 174.4); I²=77%; Q=58.5, P<0.001'
    """
    if pooled.tau2 is None or pooled.i2 is None or pooled.q is None:
        return ""
    spread = with_interval(pooled.tau2, pooled.tau2_low, pooled.tau2_high, 1)
    return f"τ²={spread}; I²={number(pooled.i2, 0)}%; Q={number(pooled.q, 1)}, {p_text(pooled.q_p)}"


def difference_line(result: AggregateForest, words: Words) -> str:
    """Print the difference between the two groups of trials, with its test."""
    found = result.difference
    if found is None:
        return ""
    size = with_interval(found.estimate, found.ci_low, found.ci_high, words.places("MD"))
    return f"Difference (with − without): {size}, {p_text(found.p)}"


def notes(result: AggregateForest, protocol: Protocol) -> tuple[str, ...]:
    """Sentences that belong under the plot: weights, heterogeneity, conventions, gaps."""
    words = words_of(result, protocol)
    one, many = words.unit
    groups = (result.with_ipd, result.without_ipd, result.everyone)
    made = [in_units(each.convention, words.unit) for each in groups]
    if result.difference:
        made.append(result.difference.convention)
    found = [
        f"Published results; the arms of a {one} were combined into two.",
        f"Each group of {many} has weights and a variance of its own between {many} (τ², with CI).",
        f"I²=τ²/(τ²+typical variance within {many}).",
        *made_as(made),
        *_left_out(result, words),
        *(
            f"{name} not estimable ({in_units(each.not_estimable, words.unit)})."
            for name, each in zip(("With data", "Without data", "All"), groups, strict=True)
            if each.not_estimable and each.trials
        ),
    ]
    return (*found, words.data_note) if words.data_note else tuple(found)


def _left_out(result: AggregateForest, words: Words) -> list[str]:
    """Say how many trials of each group are not in the plot, and why."""
    said = []
    for source, reasons in result.left_out.items():
        parts = [f"{in_units(reason, words.unit)} ({n})" for reason, n in reasons.items()]
        if parts:
            said.append(f"{SOURCES[source]}: {', '.join(parts)}")
    return [f"Not in the plot, {'; '.join(said)}."] if said else []


def alt_text(result: AggregateForest, protocol: Protocol) -> str:
    """Describe the plot for a reader who cannot see it: the pooled effects, not each trial."""
    words = words_of(result, protocol)
    many = words.unit[1]
    said = [
        f"Forest plot of published results of {count(len(result.trials))} {many}: {words.outcome}",
        _pooled_sentence(f"{many} {SOURCES['with_ipd']}", result.with_ipd, result, words),
        _pooled_sentence(f"{many} {SOURCES['without_ipd']}", result.without_ipd, result, words),
    ]
    if result.difference:
        said.append(difference_line(result, words))
    return ". ".join(f"{text[:1].upper()}{text[1:]}" for text in said if text) + "."


def _pooled_sentence(name: str, pooled: PooledTrials, result: AggregateForest, words: Words) -> str:
    start = f"{name} ({count(pooled.trials)}): "
    if pooled.estimate is None or pooled.ci_low is None or pooled.ci_high is None:
        return f"{start}{in_units(pooled.not_estimable, words.unit)}"
    decimals = words.places("MD")
    limits = interval(pooled.ci_low, pooled.ci_high, decimals)
    side = side_of(pooled.ci_low, pooled.ci_high, 0).replace("includes", "crosses")
    spread = "" if pooled.i2 is None else f"; I² {number(pooled.i2, 0)}%"
    return (
        f"{start}mean difference {number(pooled.estimate, decimals)}, "
        f"{percent_ci(result.level)} {limits}, {side} no effect (0){spread}"
    )
