"""Run the commands of the guide and show what they really print.

A command that exits with another code than the guide says stops the guide: what it shows is true.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]
PRINTED = 40  # lines of one output; the middle of a longer one is left out


class Shown:
    """A piece of Markdown as the output of a cell."""

    def __init__(self, markdown: str) -> None:
        self.markdown = markdown

    def _repr_markdown_(self) -> str:
        return self.markdown


class Shell:
    """A folder in which commands are run, as a reader would type them.

    Parameters
    ----------
    name
        What the folder is called in the guide.
    """

    def __init__(self, name: str) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="ipdbook-guide-"))
        self.folder = self._root / name
        self.folder.mkdir()

    def __call__(self, *commands: str, exits: int = 0, lines: int = PRINTED) -> Shown:
        """Run commands one after the other; the last one exits with `exits`."""
        shown = []
        for number, command in enumerate(commands, 1):
            done = self._run(command)
            expected = exits if number == len(commands) else 0
            if done.returncode != expected:
                raise RuntimeError(
                    f"The guide says that this exits with {expected}, it was {done.returncode}: "
                    f"{command}\n{done.stdout}{done.stderr}"
                )
            shown.append(f"$ {command}\n{_shortened(self._tidy(done.stdout + done.stderr), lines)}")
        return Shown(_fenced("\n".join(shown), "text"))

    def fetch(self, *paths: str, to: str = ".") -> None:
        """Copy files of the project into the folder, as if a trial had sent them."""
        for path in paths:
            target = self.folder / to
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(HOUSE / path, target)

    def edit(self, path: str, *changes: tuple[str, str]) -> Shown:
        """Replace texts in a file, each of which must stand there once, and show the new lines."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        before = text.splitlines()
        for old, new in changes:
            if text.count(old) != 1:
                raise RuntimeError(f"The guide changes {old!r} in {path}: {text.count(old)} found.")
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
        new_lines = [line for line in text.splitlines() if line not in before]
        return Shown(_fenced(f"# {path}\n" + "\n".join(new_lines), "yaml"))

    def show(self, path: str, *, start: str = "", lines: int = PRINTED) -> Shown:
        """Show a text file, or its part from the first line that holds `start`."""
        text = (self.folder / path).read_text(encoding="utf-8").splitlines()
        first = next((i for i, line in enumerate(text) if start in line), None)
        if first is None:
            raise RuntimeError(f"The guide shows {start!r} of {path}, which is not there.")
        language = "yaml" if path.endswith((".yml", ".yaml")) else "text"
        return Shown(_fenced(f"# {path}\n" + "\n".join(text[first : first + lines]), language))

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._root)

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        words = shlex.split(command)
        if words[0] == "ipdbook":
            words = [sys.executable, "-c", "from analysis.cli import main; main()", *words[1:]]
        quiet = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONPATH": str(HOUSE)}
        return subprocess.run(
            words,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **quiet},
            stdin=subprocess.DEVNULL,
        )

    def _tidy(self, output: str) -> str:
        """Leave out what differs between machines: the folder's place, and widths of lines."""
        for place in (self.folder.resolve(), self.folder):
            output = output.replace(f"{place}/", "")
        return "\n".join(line.rstrip() for line in output.splitlines())


def _shortened(text: str, lines: int) -> str:
    found = text.splitlines()
    if len(found) <= lines:
        return text
    half = lines // 2
    left_out = f"… ({len(found) - 2 * half} lines left out)"
    return "\n".join([*found[:half], left_out, *found[-half:]])


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{{.{language}}}\n{text}\n{fence}\n"
