"""What an update of the paper costs: cold, one new trial, prose only, nothing.

Each step is the command that a user runs, in a copy of the review; the seconds of work are those of
all processors together (half of them is the time on two quiet cores), since other work on the
machine stretches the time on the clock. Run: python benchmarks/update.py [TRIAL]
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("_quarto.yml", "manuscript.qmd", "supplement.qmd", "references.bib")
FOLDERS = ("assets", "chapters", "data")
COMMAND = (sys.executable, "-c", "from analysis.cli import main; main()")
RENDER = ("render", "--engine", "embedded")
SOUGHT = "sought: {}"


def main() -> None:
    trial = sys.argv[1] if len(sys.argv) > 1 else "unsgaardtondel2010"
    with tempfile.TemporaryDirectory(prefix="ipdbook-update-") as place:
        project, held = Path(place) / "review", Path(place) / trial
        copy(project)
        take_out(project, trial, held)
        measure("cold, without the trial", project, *RENDER)
        put_back(project, trial, held)
        measure("one new trial, rendered", project, *RENDER)
        prose = project / "chapters" / "_04-discussion.qmd"
        prose.write_text(prose.read_text(encoding="utf-8") + "\nOne more sentence.\n")
        measure("prose only, rendered", project, *RENDER)
        measure("nothing, rendered", project, *RENDER)
        measure("nothing, built", project, "build")


def copy(project: Path) -> None:
    project.mkdir()
    for name in PARTS:
        shutil.copy(ROOT / name, project)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, project / name)


def take_out(project: Path, trial: str, held: Path) -> None:
    """Take a trial out, and out of the count of trials that were sought."""
    shutil.move(project / "data" / "trials" / trial, held)
    _count(project, 56, 55)


def put_back(project: Path, trial: str, held: Path) -> None:
    shutil.move(held, project / "data" / "trials" / trial)
    _count(project, 55, 56)


def _count(project: Path, old: int, new: int) -> None:
    protocol = project / "data" / "protocol.yml"
    text = protocol.read_text(encoding="utf-8")
    assert SOUGHT.format(old) in text
    protocol.write_text(text.replace(SOUGHT.format(old), SOUGHT.format(new)), encoding="utf-8")


def measure(what: str, project: Path, *words: str) -> None:
    """Run a command and print its time on the clock and its work."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    work = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    clock = time.perf_counter() - start
    print(f"{what:26} {clock:7.1f} s on the clock {work:7.1f} s of work", flush=True)


if __name__ == "__main__":
    main()
