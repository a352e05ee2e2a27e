"""Render a project with Quarto itself."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from analysis.errors import RenderError
from analysis.problems import Problem
from analysis.publish.embedded.source import read_source
from analysis.publish.progress import Progress, RenderProblemsError
from analysis.publish.project import Project, merged
from analysis.publish.rendered import Rendered

OLDEST = (1, 9)
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
    """Render every document of a project into a working folder with Quarto.

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
    whole = list(project.documents) == list((project.settings.get("project") or {})["render"])
    inputs = ["."] if whole else list(project.documents)
    problems: list[Problem] = []
    with rendered.stage("quarto"):
        for done, name in enumerate(inputs):
            progress(f"Quarto renders {'the project' if whole else name}", done, len(inputs))
            log = _call(project, executable, name, output)
            problems += _log_problems(log, project.documents if whole else [name])
    if problems:
        raise RenderProblemsError(problems)
    for name in project.documents:
        metadata = merged(project.settings, read_source(project.root, name).metadata)
        for target, final in project.outputs(name, metadata).items():
            path = output / final.relative_to(project.output)
            if not path.is_file():
                raise RenderError(f"Quarto did not write {final.name} for {name}.")
            rendered.files[name, target] = path
    return rendered


def _call(project: Project, executable: Path, name: str, output: Path) -> str:
    relative = output.relative_to(project.root).as_posix()
    command = [str(executable), "render", name, "--output-dir", relative, "--no-clean"]
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
