"""Render a project with Quarto itself; Word files with the embedded engine.

Quarto's own Word files cannot go to a journal: CONTRIBUTING.md says what they lack.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.errors import RenderError
from analysis.problems import Problem
from analysis.publish.embedded.render import render_embedded
from analysis.publish.embedded.source import read_source
from analysis.publish.progress import Progress, RenderProblemsError
from analysis.publish.project import Project, merged
from analysis.publish.rendered import Rendered

OLDEST = (1, 9)
WORD = "docx"
_HOME = Path(__file__).resolve().parents[2]
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_UNRESOLVED = re.compile(
    r"(?:Unable to resolve crossref|unresolved cross-?reference)\W*@?([\w:-]+)", re.IGNORECASE
)
_CITATION = re.compile(r"[Cc]itation\W+([\w:.-]+)\W+not found")


@dataclass(frozen=True, slots=True)
class Found:
    """Whether Quarto can be used, and why or why not.

    Parameters
    ----------
    executable
        Path of Quarto, None when there is none.
    version
        Its version.
    where
        Where it was found, or what is wrong, as part of a sentence.
    usable
        Whether it is there and new enough.
    """

    executable: Path | None
    version: str
    where: str
    usable: bool


def find_quarto() -> Found:
    """Look for Quarto in the variable QUARTO, then on PATH."""
    named = os.environ.get("QUARTO")
    where = "named by QUARTO" if named else "found on PATH"
    path = shutil.which(named or "quarto")
    if path is None:
        missing = f"QUARTO names {named}, which is no program" if named else "Quarto is not on PATH"
        return Found(None, "", missing, usable=False)
    done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    version = done.stdout.strip()
    numbers = tuple(int(each) for each in re.findall(r"\d+", version)[:2])
    if done.returncode or len(numbers) < 2:
        return Found(Path(path), version, f"{path} does not tell its version", usable=False)
    if numbers < OLDEST:
        return Found(Path(path), version, f"Quarto {version} is older than 1.9", usable=False)
    return Found(Path(path), version, where, usable=True)


def render_quarto(project: Project, executable: Path, work: Path, progress: Progress) -> Rendered:
    """Render every document of a project into a working folder.

    Word files are made by the embedded engine.

    Parameters
    ----------
    project
        The project.
    executable
        Path of Quarto.
    work
        An empty folder inside the project's folder.
    progress
        Told before every call of Quarto.

    Raises
    ------
    RenderProblemsError
        References or citations are not resolved, which Quarto itself only warns about.
    RenderError
        Quarto fails, or does not write what it was asked for.
    """
    rendered = Rendered()
    output = work / "quarto"
    outputs = {name: _outputs(project, name) for name in project.documents}
    calls = _calls(project, {name: tuple(each) for name, each in outputs.items()})
    problems: list[Problem] = []
    with rendered.stage("quarto"):
        for done, (name, formats) in enumerate(calls):
            progress(f"Quarto renders {'the project' if name == '.' else name}", done, len(calls))
            log = _call(project, executable, name, formats, output)
            problems += _log_problems(log, project.documents if name == "." else [name])
    if problems:
        raise RenderProblemsError(problems)
    for name, finals in outputs.items():
        for target, final in finals.items():
            path = output / final.relative_to(project.output)
            if target != WORD and not path.is_file():
                raise RenderError(f"Quarto did not write {final.name} for {name}.")
            rendered.files[name, target] = path
    _add_word(rendered, project, outputs, work, progress)
    return rendered


def _outputs(project: Project, name: str) -> dict[str, Path]:
    return project.outputs(name, merged(project.settings, read_source(project.root, name).metadata))


def _calls(
    project: Project, formats: Mapping[str, tuple[str, ...]]
) -> list[tuple[str, tuple[str, ...]]]:
    """Say what Quarto is called with: the project or a document, and the formats if not all."""
    asked = {
        name: tuple(each for each in found if each != WORD) if WORD in found else ()
        for name, found in formats.items()
        if found != (WORD,)
    }
    listed = (project.settings.get("project") or {})["render"]
    if list(asked) == list(listed) and len(set(asked.values())) == 1:
        return [(".", asked[listed[0]])]
    return list(asked.items())


def _add_word(
    rendered: Rendered,
    project: Project,
    outputs: Mapping[str, Mapping[str, Path]],
    work: Path,
    progress: Progress,
) -> None:
    documents = tuple(name for name, each in outputs.items() if WORD in each)
    if not documents:
        return
    part = replace(project, documents=documents, only=(WORD,))
    made = render_embedded(part, work, progress)
    rendered.files |= made.files
    for name, images in made.images.items():
        rendered.images.setdefault(name, set()).update(images)
    rendered.seconds["word"] = sum(made.seconds.values())


def _call(
    project: Project, executable: Path, name: str, formats: tuple[str, ...], output: Path
) -> str:
    relative = output.relative_to(project.root).as_posix()
    command = [str(executable), "render", name, "--output-dir", relative, "--no-clean"]
    command += ["--to", ",".join(formats)] if formats else []
    paths = [str(project.root), str(_HOME), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "QUARTO_PYTHON": sys.executable,
        "PYTHONPATH": os.pathsep.join(each for each in paths if each),
        "PYTHONHASHSEED": "0",
    }
    done = subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True, check=False
    )
    log = _ANSI.sub("", done.stdout + done.stderr)
    if done.returncode:
        tail = "\n".join(log.strip().splitlines()[-40:])
        raise RenderError(f"Quarto could not render {name}:\n{tail}")
    return log


def _log_problems(log: str, names: list[str] | tuple[str, ...]) -> list[Problem]:
    file = ", ".join(names)
    found = [
        Problem(file, f"Quarto could not resolve the reference @{each}.", "Correct it.")
        for each in dict.fromkeys(_UNRESOLVED.findall(log))
    ]
    return found + [
        Problem(file, f"the citation key {each!r} is not in the bibliography.", "Correct the key.")
        for each in dict.fromkeys(_CITATION.findall(log))
    ]
