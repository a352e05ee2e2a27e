"""Write a new review into an empty folder."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from string import Template

from analysis.demo.new_review.answers import NewReview
from analysis.demo.new_review.example_trials import PER_ARM, example_trial
from analysis.demo.new_review.plan import protocol_text
from analysis.errors import ProtocolError
from analysis.files import said_clearly
from analysis.protocol import Protocol, read_protocol
from analysis.schemas import Kind, copy_schemas, schema_comment

TEMPLATES = Path(__file__).with_name("templates")


def write_review(folder: Path, review: NewReview) -> tuple[Path, ...]:
    """Write the files of a new review: plan, settings, chapters, example trials, read-me.

    Parameters
    ----------
    folder
        An empty folder, or one that does not exist yet.
    review
        The topic.

    Returns
    -------
    tuple of Path
        The files, relative to the folder.

    Raises
    ------
    ProtocolError
        The folder is not empty, or the answers make no plan. Nothing is written.
    """
    refuse_full(folder)
    plan = protocol_text(review)
    texts = {"data/protocol.yml": plan, **_templates(review)}
    protocol = _read(plan)
    for number in range(1, len(PER_ARM) + 1):
        for name, text in example_trial(number, protocol).items():
            texts[f"data/trials/example_{number}/{name}"] = text
    return write_files(folder, texts, kind="protocol")


def write_files(folder: Path, texts: Mapping[str, str], *, kind: Kind) -> tuple[Path, ...]:
    """Write texts and the schemas into a folder; return their paths, relative to it.

    Parameters
    ----------
    folder
        Where to.
    texts
        What, by path below the folder.
    kind
        Schema of `protocol.yml`.
    """
    with said_clearly(folder):
        schemas = copy_schemas(folder)
        for name, text in texts.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_schema_of(path, kind) + text, encoding="utf-8", newline="\n")
    written = [Path(name) for name in texts] + [path.relative_to(folder) for path in schemas]
    return tuple(sorted(written))


def _schema_of(path: Path, kind: Kind) -> str:
    """Write the comment that names the schema of a file; empty for one that has none."""
    if path.name == "protocol.yml":
        return schema_comment(kind, path.parent)
    return schema_comment("trial", path.parent) if path.name == "trial.yml" else ""


def refuse_full(folder: Path) -> None:
    """Refuse a folder that holds anything.

    Raises
    ------
    ProtocolError
        It does, or it is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise ProtocolError(f"{folder} is a file. Name a folder that is empty or not there yet.")
    if folder.is_dir() and any(folder.iterdir()):
        raise ProtocolError(
            f"{folder} is not empty; nothing was changed. Name a folder that is empty or not there."
        )


def _templates(review: NewReview) -> dict[str, str]:
    """Fill in the templates; only the title and the number of examples vary."""
    values = {
        "title": json.dumps(review.title, ensure_ascii=False),
        "supplement": json.dumps(f"{review.title}: supplement", ensure_ascii=False),
        "plain": review.title,
        "examples": str(len(PER_ARM)),
    }
    found = {}
    for path in sorted(TEMPLATES.rglob("*")):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(TEMPLATES).as_posix()
            chapter = name.startswith("chapters/")
            found[name] = text if chapter else Template(text).safe_substitute(values)
    return found


def _read(text: str) -> Protocol:
    """Read the plan back, so that answers that make no plan are refused before writing."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "protocol.yml")
        path.write_text(text, encoding="utf-8")
        return read_protocol(path)
