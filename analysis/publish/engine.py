"""Render a project: choose the engine, do only what is needed, replace the outputs all at once."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from analysis.errors import RenderError
from analysis.files import move, only_one, said_clearly, sync
from analysis.publish.embedded.pandoc import pandoc_version
from analysis.publish.embedded.render import render_embedded
from analysis.publish.progress import Progress, silent
from analysis.publish.project import Project, read_project
from analysis.publish.quarto import find_quarto, render_quarto
from analysis.publish.rendered import Rendered
from analysis.publish.staleness import (
    changes,
    engine_hash,
    make_record,
    read_records,
    write_records,
)

WORK = "render-"
Requested = Literal["auto", "quarto", "embedded"]


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine that renders, and why.

    Parameters
    ----------
    name
        ``quarto`` or ``embedded``.
    reason
        Why this engine, for the one line that the user sees.
    executable
        Path of Quarto; None for the embedded engine.
    version
        Version of Quarto, or of pandoc.
    """

    name: Literal["quarto", "embedded"]
    reason: str
    executable: Path | None
    version: str


@dataclass(frozen=True, slots=True)
class RenderReport:
    """What a render did.

    Parameters
    ----------
    outputs
        The rendered files of all documents asked for.
    seconds
        Time of each stage; empty when there was nothing to do.
    engine
        The engine.
    up_to_date
        Whether nothing had changed, so that nothing was done.
    changes
        For each document that was rendered, what had changed.
    """

    outputs: tuple[Path, ...]
    seconds: Mapping[str, float]
    engine: EngineChoice
    up_to_date: bool
    changes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def choose_engine(requested: str = "auto") -> EngineChoice:
    """Choose between Quarto and the embedded engine.

    Parameters
    ----------
    requested
        ``auto`` takes Quarto when the variable QUARTO names it or it is on PATH, in a version that
        is new enough; otherwise the embedded engine.

    Raises
    ------
    RenderError
        Quarto is asked for and absent or too old, or the name is unknown.
    """
    if requested not in get_args(Requested):
        raise RenderError(f"unknown engine {requested!r}: use auto, quarto or embedded.")
    if requested == "embedded":
        return _embedded("as asked")
    found = find_quarto()
    if found.usable and found.executable is not None:
        reason = f"Quarto {found.version}, {found.where}"
        return EngineChoice("quarto", reason, found.executable, found.version)
    if requested == "quarto":
        raise RenderError(
            f"Quarto was asked for, but {found.where}. Install Quarto 1.9 or newer and put it on "
            "PATH or name it in the variable QUARTO, or use --engine embedded."
        )
    return _embedded(found.where)


def render(
    project: Path,
    *,
    engine: str = "auto",
    documents: Sequence[str] | None = None,
    formats: Sequence[str] = (),
    dependencies: Mapping[str, str] | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> RenderReport:
    """Render the documents of a project that are not up to date.

    A document is up to date when nothing changed of its text, includes, settings, bibliography,
    images, the engine, or `dependencies`, and its outputs are as they were made. When anything
    fails, all outputs stay as they were.

    Parameters
    ----------
    project
        Folder with `_quarto.yml`.
    engine
        ``auto``, ``quarto`` or ``embedded``; see :func:`choose_engine`.
    documents
        The documents; all that `_quarto.yml` lists when None.
    formats
        The formats, such as ``html``; all that a document has when empty. Only the embedded engine
        can leave some out.
    dependencies
        Names and hashes of what the cells read: data, results, analysis code.
    force
        Render also what is up to date.
    progress
        Told of the stages, possibly from several threads.

    Returns
    -------
    RenderReport

    Raises
    ------
    RenderProblemsError
        The documents have problems: all of them, with their places.
    RenderError
        The project or the engine cannot be used.
    """
    chosen = choose_engine(engine)
    if formats and chosen.executable is not None:
        raise RenderError("single formats need the embedded engine: use --engine embedded.")
    found = replace(read_project(project, documents), only=tuple(formats))
    wanted = dict(dependencies or {})
    identity = engine_hash(chosen.name, chosen.version)
    records = read_records(found)
    key = {name: " ".join((name, *formats)) for name in found.documents}
    stale = {
        name: tuple(why)
        for name in found.documents
        if (
            why := changes(found, records.get(key[name]), identity, wanted) or ["asked for"] * force
        )
    }
    seconds: Mapping[str, float] = {}
    if stale:
        part = replace(found, documents=tuple(stale))
        rendered, made = _render_all(part, chosen, progress)
        for name, outputs in made.items():
            images = sorted(rendered.images.get(name, ()))
            records[key[name]] = make_record(
                found, name, engine=identity, dependencies=wanted, images=images, outputs=outputs
            )
        write_records(found, records)
        seconds = rendered.seconds
    outputs = [found.root / each for name in found.documents for each in records[key[name]].outputs]
    return RenderReport(tuple(outputs), seconds, chosen, not stale, stale)


def _render_all(
    project: Project, chosen: EngineChoice, progress: Progress
) -> tuple[Rendered, dict[str, list[Path]]]:
    """Render into a folder of its own, then move the files to where they belong."""
    with said_clearly(project.output), only_one(project.build), _workplace(project) as work:
        (work / "figures").mkdir()
        if chosen.executable is None:
            rendered = render_embedded(project, work, progress)
        else:
            rendered = render_quarto(project, chosen.executable, work, progress)
        made: dict[str, list[Path]] = {}
        for (name, _), path in rendered.files.items():
            final = project.output / Path(name).with_suffix(path.suffix)
            final.parent.mkdir(parents=True, exist_ok=True)
            sync(path)
            move(path, final)
            made.setdefault(name, []).append(final)
    return rendered, made


@contextmanager
def _workplace(project: Project) -> Iterator[Path]:
    """Make an empty folder in `_build`, and remove it at the end, with those of killed renders."""
    for left in project.build.glob(f"{WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=WORK, dir=project.build))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _embedded(why: str) -> EngineChoice:
    version = pandoc_version()
    return EngineChoice("embedded", why, None, version)
