"""`ipdbook init`: a new review for a new topic."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.prompt import Prompt

from analysis.cli.console import out
from analysis.errors import ProtocolError

if TYPE_CHECKING:
    from analysis.demo.new_review import NewReview

Several = list[str] | None
Target = Annotated[Path, typer.Argument(help="A folder that is empty or not there yet.")]
Title = Annotated[str | None, typer.Option(help="Title of the review.")]
Treatment = Annotated[str | None, typer.Option(help="The treatment, as 'Exercise therapy'.")]
Comparator = Annotated[Several, typer.Option(help="What it is compared with. Repeatable.")]
Outcome = Annotated[
    Several, typer.Option(help="Pain:0-100:worse, or Recovery:yes-no:better. Repeatable.")
]
FollowUp = Annotated[
    Several, typer.Option(help="short term:13, in weeks after randomisation. Repeatable.")
]
Modifier = Annotated[Several, typer.Option(help="Age:years, or Sex:female/male. Repeatable.")]

Published = Annotated[
    bool, typer.Option("--published", help="Of published results alone, without participants.")
]


def init(
    folder: Target,
    *,
    title: Title = None,
    treatment: Treatment = None,
    comparator: Comparator = None,
    outcome: Outcome = None,
    follow_up: FollowUp = None,
    modifier: Modifier = None,
    published: Published = False,
) -> None:
    """Start a new review: plan, chapters, and synthetic example trials; it renders at once.

    With --published, a review of published results: the trials stand in two sheets.

    Example: ipdbook init knee --title "Exercise for knee pain" --treatment Exercise
    --comparator "Usual care" --outcome Pain:0-100:worse
    """
    from analysis.demo.new_review import write_published_review, write_review
    from analysis.demo.new_review.write import refuse_full

    refuse_full(folder)
    needed = {
        "title": [title] if title else [],
        "treatment": [treatment] if treatment else [],
        "comparator": comparator or [],
        "outcome": outcome or [],
    }
    optional = {"follow-up": follow_up or [], "modifier": modifier or []}
    if published and optional.pop("modifier"):
        raise ProtocolError(
            "A review of published results has no modifiers: leave --modifier out, and name "
            "characteristics of the trials in data/protocol.yml."
        )
    if sys.stdin.isatty() and out.is_terminal:
        _ask(needed, optional)
    lacking = [f"--{name}" for name, given in needed.items() if not given]
    if lacking:
        raise ProtocolError(f"{', '.join(lacking)} is needed: see ipdbook init --help.")
    write = write_published_review if published else write_review
    files = write(folder, _review(needed, optional))
    out.print(f"{len(files)} files written to {folder}; the example trials in it are synthetic.")
    out.print(f"Next: ipdbook render --project {folder}", markup=False)


_QUESTIONS = {
    "title": "Title of the review",
    "treatment": "The treatment",
    "comparator": "Compared with (several: separate by ;)",
    "outcome": "Outcomes, as Pain:0-100:worse; Recovery:yes-no:better",
    "follow-up": "Follow-ups in weeks, as short term:13; long term:52 (empty: short term:13)",
    "modifier": "Modifiers, as Age:years; Sex:female/male (empty: these two)",
}


def _ask(needed: dict[str, list[str]], optional: dict[str, list[str]]) -> None:
    """Ask for what no flag gave."""
    for name, given in {**needed, **optional}.items():
        if not given:
            answer = Prompt.ask(_QUESTIONS[name], console=out, default="", show_default=False)
            single = name in {"title", "treatment"}
            parts = [answer] if single else answer.split(";")
            given.extend(part.strip() for part in parts if part.strip())


def _review(needed: dict[str, list[str]], optional: dict[str, list[str]]) -> "NewReview":
    from analysis.demo.new_review import NewReview, read_follow_up, read_modifier, read_outcome

    review = NewReview(
        title=needed["title"][0],
        treatment=needed["treatment"][0],
        comparators=tuple(needed["comparator"]),
        outcomes=tuple(map(read_outcome, needed["outcome"])),
    )
    return NewReview(
        review.title,
        review.treatment,
        review.comparators,
        review.outcomes,
        tuple(map(read_follow_up, optional["follow-up"])) or review.follow_ups,
        tuple(map(read_modifier, optional.get("modifier", ()))) or review.modifiers,
    )
