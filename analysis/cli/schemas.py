"""`ipdbook schemas`: the JSON Schemas of the files that people write."""

from pathlib import Path
from typing import Annotated

import typer

from analysis.cli.console import out


def schemas(
    review: Annotated[
        Path | None, typer.Argument(help="Review that gets a copy; none: the committed ones.")
    ] = None,
) -> None:
    """Write the JSON Schemas of protocol.yml and trial.yml, with which editors complete keys.

    Example: ipdbook schemas my-review
    """
    from analysis.schemas import MODELS, copy_schemas, schema_file, schema_text

    if review is not None:
        for path in copy_schemas(review):
            out.print(str(path))
        return
    for kind in MODELS:
        schema_file(kind).write_text(schema_text(kind), encoding="utf-8")
        out.print(str(schema_file(kind)))
