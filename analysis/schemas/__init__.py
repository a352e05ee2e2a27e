"""JSON Schemas of the files that people write, so that editors complete keys and mark errors.

They are made from the models that read the files, and committed beside this module. A file names
its schema in a comment that the YAML language server of most editors understands:

    # yaml-language-server: $schema=../analysis/schemas/protocol.schema.json
"""

import json
import os
from pathlib import Path
from typing import Any, Literal, cast

from pydantic import BaseModel

from analysis.aggregate_protocol import AggregateProtocol
from analysis.protocol import Protocol
from analysis.trials.mapping import TrialMapping

Kind = Literal["protocol", "trial", "aggregate_protocol"]
MODELS: dict[Kind, type[BaseModel]] = {
    "protocol": Protocol,
    "trial": TrialMapping,
    "aggregate_protocol": AggregateProtocol,
}
FOLDER = Path(__file__).parent


def schema(kind: Kind) -> dict[str, Any]:
    """Make the JSON Schema (draft 2020-12) of `trial.yml`, or of `protocol.yml` of either kind.

    Titles are left out: editors show the key and its description.
    """
    made = MODELS[kind].model_json_schema()
    plain = cast("dict[str, Any]", _without_titles(made))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **plain}


def schema_file(kind: Kind) -> Path:
    """Give the path of a committed schema."""
    return FOLDER / f"{kind}.schema.json"


def schema_text(kind: Kind) -> str:
    """Write a schema as the text of its file."""
    return json.dumps(schema(kind), indent=1, ensure_ascii=False) + "\n"


def schema_comment(kind: Kind, folder: Path) -> str:
    """Write the line that names the schema in a file of `folder`.

    A review inside this project refers to the committed schema; one elsewhere to its own copy in
    `data/schemas/`, which `copy_schemas` makes. Empty when it has none.
    """
    house, here = FOLDER.parent.parent.resolve(), folder.resolve()
    known = schema_file(kind)
    if house not in (here, *here.parents):
        known = _data_folder(here) / "schemas" / known.name
        if not known.is_file():
            return ""
    relative = Path(os.path.relpath(known, here)).as_posix()
    return f"# yaml-language-server: $schema={relative}\n"


def copy_schemas(review: Path) -> tuple[Path, ...]:
    """Put the schemas into `data/schemas/` of a review, for editors that open only its folder."""
    target = review / "data" / "schemas"
    target.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind in MODELS:
        path = target / f"{kind}.schema.json"
        path.write_text(schema_text(kind), encoding="utf-8")
        paths.append(path)
    return tuple(paths)


def _data_folder(folder: Path) -> Path:
    """Find the folder `data` of the review to which a folder belongs."""
    named = [each for each in (folder, *folder.parents) if each.name == "data"]
    return named[0] if named else folder


def _without_titles(node: object) -> object:
    if isinstance(node, dict):
        kept = {k: v for k, v in node.items() if not (k == "title" and isinstance(v, str))}
        return {key: _without_titles(value) for key, value in kept.items()}
    return [_without_titles(each) for each in node] if isinstance(node, list) else node
