"""Builds in child processes: killed at random moments, or two at once.

Run as a script, so that the children are forked from a process without threads:
`killed_builds.py kill WHOLE KILLED SEED KILLS` or `killed_builds.py twice FOLDER`.
"""

import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from analysis.results import compute
from analysis.results.build import build
from analysis.results.review import find_review

DONE, FAILED = 0, 1


def start(folder: Path) -> int:
    """Build a review in a child process; return its id."""
    child = os.fork()
    if child:
        return child
    code = FAILED
    try:
        build(find_review(folder))
        code = DONE
    finally:
        os._exit(code)


def wait(child: int) -> int:
    """Wait for a child; return its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def files(folder: Path) -> dict[str, bytes]:
    """Give the content of all that a build has finished."""
    found = {}
    for path in sorted((folder / "_build").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and ".unfinished-" not in name and path.name != "lock":
            found[name] = path.read_bytes()
    return found


def kill(whole: Path, killed: Path, seed: int, kills: int) -> None:
    """Kill builds from nothing at random moments; all that they finished must be whole."""
    began = time.monotonic()
    if wait(start(whole)) != DONE:
        raise SystemExit("the whole build failed")
    longest, expected = time.monotonic() - began, files(whole)
    moments = np.random.default_rng(seed).uniform(0.1, 1, kills)
    for moment in moments:
        shutil.rmtree(killed / "_build", ignore_errors=True)
        child = start(killed)
        time.sleep(moment * longest)
        os.kill(child, signal.SIGKILL)
        wait(child)
        left = files(killed)
        wrong = [name for name, content in left.items() if expected.get(name) != content]
        if wrong:
            raise SystemExit(f"not as in a whole build: {wrong}")
        sys.stdout.write(f"{len(left)} of {len(expected)} files when it was killed\n")


def twice(folder: Path) -> None:
    """Build one review in two processes at once."""
    codes = [wait(child) for child in [start(folder), start(folder)]]
    if codes != [DONE, DONE]:
        raise SystemExit(f"exit codes {codes}")


if __name__ == "__main__":
    compute.WORTH_WORKERS = 99  # in the child itself, so that killing it ends all of the work
    if sys.argv[1] == "kill":
        kill(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    else:
        twice(Path(sys.argv[2]))
