"""The cells and sentences of a change report, the same on the console and on a page."""

from analysis.formats import DASH, count, in_words, listing, number, with_interval
from analysis.results.changes import Changes, EstimateChange, Flip, TrialChange
from analysis.results.cut import NOW, CutEstimate
from analysis.results.cut_conclusions import share_of_information

CAUSES = {
    "data": "data",
    "method": "method",
    "both": "both",
    "none": "not changed",
    "unexplained": "unexplained",
}
TRIALS = {
    "in": "came in",
    "out": "went out",
    "data": "data changed",
    "mapping": "mapping changed",
    "data and mapping": "data and mapping changed",
}
SIDES = {
    "benefit": "shows benefit",
    "harm": "shows harm",
    "unclear": "includes no effect",
    "no estimate": "not estimable",
    "worthwhile": "lies beyond the worthwhile effect",
    "too small": "lies short of the worthwhile effect",
    "undecided": "includes the worthwhile effect",
}
LEGEND = (
    "Because of: data=files of trials that enter the estimate changed; method=code, protocol or "
    "packages behind it changed; both=one cannot be told from the other; unexplained=neither "
    "changed, so that somebody must look."
)


def effect_text(found: CutEstimate | None) -> str:
    """Print an estimate with its interval; a dash where a cut has none."""
    if found is None:
        return DASH
    if found.estimate is None:
        return "Not estimable"
    return with_interval(found.estimate, found.ci_low, found.ci_high, found.decimals)


def difference_text(change: EstimateChange) -> str:
    """Print the difference of two estimates, or their ratio with a multiplication sign."""
    if change.difference is None:
        return DASH
    if change.estimate.measure == "OR":
        return f"×{number(change.difference, 2)}"
    text = number(change.difference, change.estimate.decimals)
    return f"+{text}" if change.difference > 0 and float(text) else text


def people_text(change: EstimateChange) -> str:
    """Print trials and participants of both cuts: "24 → 27 (2400 → 2700)"."""
    trials = _moved(*(_whole(each.trials if each else None) for each in _both(change)))
    people = _moved(*(_whole(each.participants if each else None) for each in _both(change)))
    return f"{trials} ({people})"


def tau2_text(change: EstimateChange) -> str:
    """Print the variance between trials of both cuts."""
    decimals = 2 if change.estimate.measure == "OR" else change.estimate.decimals
    return _moved(*(number(each.tau2 if each else None, decimals) for each in _both(change)))


def information_text(change: EstimateChange) -> str:
    """Print the share of the needed information of both cuts, in per cent."""
    shares = [share_of_information(each) if each else None for each in _both(change)]
    return _moved(*(DASH if share is None else f"{100 * share:.0f}%" for share in shares))


def _both(change: EstimateChange) -> tuple[CutEstimate | None, CutEstimate | None]:
    return change.before, change.after


def _whole(value: int | None) -> str:
    return DASH if value is None else count(value)


def _moved(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def name_of(cut: str, date: str) -> str:
    """Name a cut in a sentence."""
    return "the present data" if cut == NOW else f"the data cut {cut} of {date}"


def trial_text(change: TrialChange) -> str:
    """Write a line on one trial."""
    n = _moved(_whole(change.before), _whole(change.after))
    if change.what == "in":
        n = _whole(change.after)
    if change.what == "out":
        n = _whole(change.before)
    return f"{change.label}: {TRIALS[change.what]} ({n} participants)"


def flip_text(change: EstimateChange, flip: Flip) -> str:
    """Say in a sentence which conclusion is no longer the same, and why."""
    why = {"data": "of data", "method": "of method alone, not of evidence"}.get(
        change.cause, f"it is {CAUSES[change.cause]}"
    )
    if change.cause == "both":
        why = "of data and of method, which cannot be told apart"
    return (
        f"{change.estimate.label}: the interval {SIDES[flip.before]} before and "
        f"{SIDES[flip.after]} now, from {effect_text(change.before)} to "
        f"{effect_text(change.after)}, because {why}."
    )


def overview(changes: Changes) -> str:
    """Write what came, what went and what moved, in a few sentences."""
    if changes.nothing:
        before, after = changes.before, changes.after
        return f"Nothing changed between {name_of(before, changes.dates[0])} and {_end(after)}."
    start = name_of(changes.before, changes.dates[0])
    (old, new), (fewer, more) = changes.trials, changes.participants
    sentences = [
        (
            f"Since {start}, the review went from {old} trials with {count(fewer)} participants "
            f"to {new} with {count(more)}."
        ),
        _trials_sentence(changes),
        methods_sentence(changes),
        _moves_sentence(changes),
    ]
    return " ".join(each for each in sentences if each)


def _end(cut: str) -> str:
    return "the present" if cut == NOW else f"the data cut {cut}"


def _trials_sentence(changes: Changes) -> str:
    parts = []
    for what, words in TRIALS.items():
        names = [each.label for each in changes.trial_changes if each.what == what]
        if names:
            parts.append(f"{words}: {listing(names)}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else "No trial changed."


def methods_sentence(changes: Changes) -> str:
    """Say which methods changed, so that nobody takes their effect for evidence."""
    named = [*changes.methods, *(f"file {each}" for each in changes.files)]
    if not changes.methods:
        other = f" Changed were {listing(named)}." if named else ""
        return f"Code, protocol and packages are the same.{other}"
    return f"Of methods and other files there changed {listing(named)}."


def _moves_sentence(changes: Changes) -> str:
    moved = [each for each in changes.estimates if each.cause != "none"]
    if not moved:
        return "No estimate moved."
    causes = [
        f"{in_words(sum(each.cause == cause for each in moved))} by {words}"
        for cause, words in (
            ("data", "data"),
            ("method", "method"),
            ("both", "data and method together"),
            ("unexplained", "neither"),
        )
        if any(each.cause == cause for each in moved)
    ]
    flips = len(changes.flipped)
    said = "no conclusion" if not flips else f"{in_words(flips)} conclusion{'s'[: flips > 1]}"
    return (
        f"Of {count(len(changes.estimates))} estimates {in_words(len(moved))} moved: "
        f"{listing(causes)}; {said} flipped."
    )
