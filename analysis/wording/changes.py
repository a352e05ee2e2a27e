"""The change report as Markdown, for the console and for a pull request."""

from collections.abc import Iterator, Sequence

from analysis.results.changes import Changes, EstimateChange
from analysis.results.changes_words import (
    CAUSES,
    LEGEND,
    difference_text,
    effect_text,
    flip_text,
    information_text,
    overview,
    people_text,
    tau2_text,
    trial_text,
)

NEEDED = (
    "Information: of what is needed to detect the smallest worthwhile effect with 90% power, "
    "1/SE² of the random-effects estimate."
)


def changes_markdown(changes: Changes) -> str:
    """Write the whole report: flipped conclusions first, then trials, then every estimate."""
    blocks = [f"# Changes from {changes.before} to {changes.after}", overview(changes)]
    if changes.flipped:
        blocks += ["## Conclusions that flipped", "\n".join(_flips(changes))]
    if changes.trial_changes:
        lines = (f"- {trial_text(each)}" for each in changes.trial_changes)
        blocks += ["## Trials", "\n".join(lines)]
    moved = [each for each in changes.estimates if each.cause != "none"]
    main = [each for each in moved if each.estimate.kind != "interaction"]
    others = [each for each in moved if each.estimate.kind == "interaction"]
    if main:
        blocks += ["## Effects", _table(_MAIN, [_main_cells(each) for each in main]), NEEDED]
    if others:
        blocks += ["## Interactions", _table(_OTHER, [_cells(each) for each in others])]
    if moved:
        blocks.append(LEGEND)
    return "\n\n".join(blocks) + "\n"


def changes_sentence(changes: Changes) -> str:
    """Write what came, what went and what moved, in a few sentences."""
    return overview(changes)


def flips_sentence(changes: Changes) -> str:
    """Write the conclusions that flipped, one sentence each; empty when none did."""
    return " ".join(flip_text(each, flip) for each in changes.flipped for flip in each.flips)


def _flips(changes: Changes) -> Iterator[str]:
    for each in changes.flipped:
        for flip in each.flips:
            yield f"- {flip_text(each, flip)}"


_OTHER = ("Estimate", "Before", "Now", "Difference", "Because of")
_MAIN = (*_OTHER, "Trials (participants)", "τ²", "Information")


def _cells(change: EstimateChange) -> tuple[str, ...]:
    return (
        change.estimate.label,
        effect_text(change.before),
        effect_text(change.after),
        difference_text(change),
        CAUSES[change.cause],
    )


def _main_cells(change: EstimateChange) -> tuple[str, ...]:
    return (*_cells(change), people_text(change), tau2_text(change), information_text(change))


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
