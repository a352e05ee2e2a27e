"""Sentences about trials, participants and the integrity of their data."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from analysis.formats import count, in_words, listing, number, percent
from analysis.protocol import Protocol
from analysis.results.estimates import ParticipantTable, PublishedFigure, TrialRow
from analysis.results.suppression import is_small, shown_of
from analysis.wording.effects import lower


def cited(keys: Sequence[str]) -> str:
    """Write citations as Markdown: "[@a; @b]"."""
    return f"[{'; '.join(f'@{key}' for key in dict.fromkeys(keys))}]"


def median_text(values: Sequence[int]) -> str:
    """Print the median of counts, with a half where it falls between two."""
    middle = median(values)
    return count(int(middle)) if float(middle).is_integer() else number(float(middle), 1)


def design_sentence(rows: Sequence[TrialRow]) -> str:
    """Say how many trials have a comparison arm and how many compare treatments alone."""
    without = sum(row.comparison_arms == 0 for row in rows)
    some = len(rows) - without
    if not without:
        return "All have at least one comparison arm."
    if not some:
        return "None has a comparison arm; all compare one form of the treatment with another."
    have = "has" if some == 1 else "have"
    others = "other compares" if without == 1 else f"other {in_words(without)} compare"
    return (
        f"Of these, {in_words(some)} {have} at least one comparison arm; the {others} one form of "
        "the treatment with another."
    )


def categories_text(people: ParticipantTable, protocol: Protocol) -> str:
    """List how many participants each category of comparison has."""
    others = [key for key in protocol.arms if key not in protocol.treated()]
    shown = shown_of([people.by_category[key] for key in others], protocol.minimum_cell)
    return listing(
        [f"{n} {lower(protocol.arms[key].label)}" for key, n in zip(others, shown, strict=True)]
    )


def missing_sentence(people: ParticipantTable, protocol: Protocol) -> str:
    """Say between which shares the characteristics are missing, and how much of it by design."""
    by_share = sorted(people.everyone, key=lambda row: row.missing)
    missing = sum(row.missing for row in people.everyone)
    if not missing:
        return "No value is missing."
    least, most = by_share[0], by_share[-1]
    whole = sum(row.not_measured for row in people.everyone)
    reason = (
        f"; {percent(whole, missing)} of the gaps are whole {protocol.unit[1]} that did not "
        "measure the characteristic"
        if whole
        else ""
    )
    few = protocol.minimum_cell
    low, high = (
        f"fewer than {few}" if is_small(each.missing, few) else percent(each.missing, people.n, 1)
        for each in (least, most)
    )
    return (
        f"Between {low} ({lower(least.label)}) and {high} ({lower(most.label)}) of values are "
        f"missing{reason}."
    )


def integrity_sentence(rows: Sequence[PublishedFigure]) -> str:
    """Count how many published figures the data reproduce."""
    if not rows:
        return "No published figure was given for comparison."
    verdicts = Counter(row.verdict.partition(":")[0] for row in rows)
    parts = [f"{count(n)} {_found(verdict, n)}" for verdict, n in verdicts.most_common()]
    trials = len({row.trial for row in rows})
    of_trials = f" of {in_words(trials)} trials" if trials > 1 else ""
    return (
        f"Of {count(len(rows))} published figures{of_trials}, computed again from the data, "
        f"{listing(parts)}."
    )


def _found(verdict: str, figures: int) -> str:
    """Say what became of published figures: "were reproduced", "was close"."""
    return f"{'was' if figures == 1 else 'were'} {verdict}"


def not_reproduced_sentence(rows: Sequence[PublishedFigure]) -> str:
    """Name the published figures that the data come close to or miss; empty when there is none."""
    missed = [row for row in rows if row.verdict != "reproduced"]
    if not missed:
        return ""
    named = [
        f"{lower(row.figure)}{f' ({lower(row.arm)})' if row.arm else ''}, published "
        f"{number(row.published, row.decimals)}, here "
        f"{row.verdict if row.reproduced is None else number(row.reproduced, row.decimals)}"
        for row in missed
    ]
    verb = "figure was" if len(missed) == 1 else "figures were"
    return f"{in_words(len(missed)).capitalize()} {verb} not reproduced: {'; '.join(named)}."
