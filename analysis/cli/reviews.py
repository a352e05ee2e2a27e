"""Open the review of a folder, of either kind, and bring its results up to date."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.cli.console import err, out, progress
from analysis.files import only_one

if TYPE_CHECKING:
    from analysis.results.aggregate_review import AggregateReview
    from analysis.results.build import BuildReport, Report
    from analysis.results.review import Review

FEW = 6  # trials that are named; more are counted


def is_review(project: Path) -> bool:
    """Whether a folder holds data; otherwise its documents are plain ones, such as the guide."""
    return (project / "data").is_dir() or not (project / "_quarto.yml").is_file()


def build_review(project: Path) -> tuple[dict[str, str], dict[str, float]]:
    """Build, print one line, and return what the pages depend on and the seconds spent."""
    if not is_review(project):
        out.print("No folder data/ here: the documents are rendered without results of a review.")
        return _own_code(project), {}
    review, compute = open_review(project)
    with only_one(project / "_build", waiting=err.print), progress() as tell:
        report = compute(tell)
    for why in dict.fromkeys(report.read.values()):
        trials = [trial for trial, reason in report.read.items() if reason == why]
        few = ", ".join(trials) if len(trials) < FEW else f"{len(trials)} trials"
        out.print(f"Read {few}: {why}.")
    if report.nothing_done:
        out.print(f"Results: all {len(report.kept)} are current, nothing computed.")
    else:
        reasons = sorted({reason for why in report.computed.values() for reason in why})
        more = f" and {len(reasons) - 3} more reasons" if len(reasons) > 3 else ""
        out.print(f"Results: {len(report.computed)} computed, {len(report.kept)} kept.")
        out.print(f"  because {'; '.join(reasons[:3])}{more}")
    return shown_on_pages(review), dict(report.seconds)


def _own_code(project: Path) -> dict[str, str]:
    """Hash our code and the modules beside the documents: plain documents may show either."""
    from analysis.code import PACKAGE, code_fingerprints
    from analysis.results.store import text_fingerprint

    rooms = tuple(sorted(path.stem for path in PACKAGE.iterdir() if path.stem[:1].isalpha()))
    beside = {path.name: path.read_text(encoding="utf-8") for path in sorted(project.glob("*.py"))}
    return {
        **code_fingerprints(rooms),
        **{name: text_fingerprint(text) for name, text in beside.items()},
    }


def open_review(
    project: Path,
) -> "tuple[Review | AggregateReview, Callable[[Report], BuildReport]]":
    """Open a review of either kind, with the function that computes its results."""
    from analysis.results.review_kind import is_aggregate

    if is_aggregate(project):
        from analysis.results.aggregate_review import build_aggregate, find_aggregate_review

        aggregate = find_aggregate_review(project)
        return aggregate, lambda tell: build_aggregate(aggregate, report=tell)
    from analysis.results.build import build as build_results
    from analysis.results.review import find_review

    review = find_review(project)
    return review, lambda tell: build_results(review, report=tell)


def shown_on_pages(review: "Review | AggregateReview") -> dict[str, str]:
    """Hash all that a page shows but its own text: results, manifest, plan, and our code."""
    from analysis.code import code_fingerprints
    from analysis.results.store import text_fingerprint

    stored = {named.name: review.store.fingerprint(named.name) for named in review.named()}
    rooms = code_fingerprints(("tables", "figures", "wording", "formats", "results"))
    return {
        **stored,
        **review.shown(),
        **{f"analysis/{room}": value for room, value in rooms.items()},
        "manifest": text_fingerprint(repr(review.manifest())),
        str(review.plan_file): text_fingerprint(
            (review.project / review.plan_file).read_text(encoding="utf-8")
        ),
    }
