"""What a rendered document was made from, and whether any of it changed since."""

import hashlib
import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from analysis.files import write_atomically
from analysis.publish.embedded.shortcodes import SHORTCODE
from analysis.publish.embedded.source import read_source
from analysis.publish.embedded.titleblock import included_files, shown_date
from analysis.publish.project import SETTINGS, VARIABLES, Project, merged

_PACKAGES = ("pypandoc_binary", "typst", "nbclient", "ipykernel", "matplotlib")
_IMAGE = re.compile(r"\]\(([^)\s]+)")
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Record:
    """What a document was rendered from and into.

    Parameters
    ----------
    engine
        Hash of the engine's code, templates and versions.
    inputs
        Hash of every file and environment variable used, by name; empty for an absent file. The
        date, when the document shows that of today.
    dependencies
        What the caller said that the document depends on: names and hashes.
    outputs
        Hash of every file made, by its path relative to the project.
    """

    engine: str
    inputs: Mapping[str, str]
    dependencies: Mapping[str, str]
    outputs: Mapping[str, str]


def read_records(project: Project) -> dict[str, Record]:
    """Read the records of the last renders; none when there are none or they are unreadable."""
    try:
        content = json.loads(_path(project).read_text(encoding="utf-8"))
        return {name: Record(**each) for name, each in content["documents"].items()}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def write_records(project: Project, records: Mapping[str, Record]) -> None:
    """Write the records, whole or not at all."""
    content = {"documents": {name: asdict(each) for name, each in sorted(records.items())}}
    write_atomically(_path(project), json.dumps(content, indent=1, sort_keys=True))


def changes(
    project: Project, record: Record | None, engine: str, dependencies: Mapping[str, str]
) -> list[str]:
    """Say what changed since a document was rendered; an empty list when nothing did.

    Parameters
    ----------
    project
        The project.
    record
        The record of the document, None when it was never rendered.
    engine
        Hash of the engine now.
    dependencies
        What the document depends on now.
    """
    if record is None:
        return ["not rendered before"]
    found = ["the engine"] if record.engine != engine else []
    names = sorted({*record.dependencies, *dependencies})
    found += [each for each in names if record.dependencies.get(each) != dependencies.get(each)]
    for kept in (record.inputs, record.outputs):
        found += [name for name, hashed in kept.items() if _hash_input(project, name) != hashed]
    return found


def make_record(
    project: Project,
    document: str,
    *,
    engine: str,
    dependencies: Mapping[str, str],
    images: Sequence[Path],
    outputs: Sequence[Path],
) -> Record:
    """Record what a document was just rendered from and into."""
    names = [SETTINGS, VARIABLES, *_inputs(project, document)]
    names += [_name(project, each) for each in images if project.build not in each.parents]
    inputs = {each: _hash_input(project, each) for each in names}
    made = {_name(project, each): hash_file(each) for each in outputs}
    return Record(engine, inputs, dict(dependencies), made)


def engine_hash(name: str, version: str) -> str:
    """Hash an engine: its name and version, our code and templates, the packages that they use."""
    digest = hashlib.sha256(f"{name} {version} {sys.version}".encode())
    for package in _PACKAGES:
        digest.update(f"{package} {importlib.metadata.version(package)}".encode())
    for path in sorted(_HERE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def hash_file(path: Path) -> str:
    """Hash a file; empty when there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _inputs(project: Project, document: str) -> list[str]:
    """Names of what a document is made from: files, and environment variables as `env:NAME`."""
    source = read_source(project.root, document)
    metadata = merged(project.settings, source.metadata)
    paths = list(source.files)
    for target in project.targets(metadata):
        settings = {**metadata, **project.format_settings(metadata, target)}
        paths += included_files(project.root, settings, target)[1]
    text = "\n".join(line.text for line in source.lines)
    folder = (project.root / document).parent
    for stated in _IMAGE.findall(text):
        base = project.root if stated.startswith("/") else folder
        path = base / stated.lstrip("/")
        paths += [path] if path.is_file() else []
    variables = [each["rest"].split()[0] for each in SHORTCODE.finditer(text) if _is_env(each)]
    names = [*(_name(project, each) for each in paths), *(f"env:{each}" for each in variables)]
    return [*names, "today"] if metadata.get("date") in {"today", "now"} else names


def _is_env(shortcode: re.Match[str]) -> bool:
    return shortcode["name"] == "env" and bool(shortcode["rest"])


def _hash_input(project: Project, name: str) -> str:
    if name == "today":
        return shown_date("today")
    if name.startswith("env:"):
        return hashlib.sha256(os.environ.get(name[4:], "").encode()).hexdigest()
    return hash_file(project.root / name)


def _name(project: Project, path: Path) -> str:
    return Path(os.path.relpath(path, project.root)).as_posix()


def _path(project: Project) -> Path:
    return project.build / "render.json"
