"""`ipdbook demo`: the synthetic trials of a demonstration review."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.console import HERE, out
from analysis.errors import IpdbookError


def demo(target: Annotated[Path, typer.Argument(help="Folder of the review.")] = HERE) -> None:
    """Generate the synthetic trials of a demonstration review anew.

    Example: ipdbook demo .
    """
    from analysis.demo import SEED, generate, write_truth
    from analysis.demo.extraction_sheet import write_extraction_sheet
    from analysis.demo.therapist_care import is_therapist_care, write_therapist_care
    from analysis.results.review_kind import is_aggregate

    if is_aggregate(target):
        write_extraction_sheet(target / "data")
        out.print(f"Synthetic extraction sheet written to {target / 'data'}.")
        return
    if is_therapist_care(target):
        write_therapist_care(target / "data")
        out.print(f"Synthetic trials and their truth written to {target / 'data'}.")
        return
    data, published = target / "data", target / "data" / "published"
    if not published.is_dir():
        raise IpdbookError(
            f"{published} does not exist: the synthetic trials are calibrated by the published "
            "figures in it. Run this in the folder of the demonstration review."
        )
    generate(data, seed=SEED, published=published)
    out.print(f"Synthetic trials written to {data / 'trials'}.")
    out.print("Simulating the truth of the derived outcome: a minute or two.")
    write_truth(data, seed=SEED, published=published)
    out.print(f"What the trials were made from: {data / 'demo_truth.yml'}.")
