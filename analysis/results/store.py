"""Keep each result under a record of what it depends on, and say why one is stale.

A stored result is one JSON file: a hash of the rest, the record of its inputs (trial → hash of
what enters it, protocol section → hash, room of the code → hash, package → version) and the value.
It is current when the record that would be written now is the same.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from analysis.errors import ResultError
from analysis.files import write_atomically

Value = TypeVar("Value")
Inputs = dict[str, dict[str, str]]

SEALED = len('{\n "sha256": "0123456789abcdef",')
VERSIONS_THAT_MATTER = ("numpy", "scipy", "pandas", "statsmodels", "formulaic")


@dataclass(frozen=True, slots=True)
class Staleness:
    """Why a result must be computed again; no reason means that it is current."""

    name: str
    reasons: tuple[str, ...]

    @property
    def current(self) -> bool:
        """Whether the stored result can be used."""
        return not self.reasons


@dataclass(frozen=True)
class Store(Generic[Value]):
    """Stored results in one folder."""

    folder: Path

    def path(self, name: str) -> Path:
        """File of a result."""
        return self.folder / f"{name}.json"

    def staleness(self, name: str, inputs: Inputs) -> Staleness:
        """Compare the record of a stored result with the record of today's inputs."""
        try:
            stored = self._read(name)
        except FileNotFoundError:
            return Staleness(name, ("it was never computed",))
        except ValueError:
            return Staleness(name, ("its stored file is damaged",))
        return Staleness(name, tuple(_differences(stored["inputs"], inputs)))

    def load(self, name: str, kind: TypeAdapter[Value]) -> Value:
        """Load a result.

        Raises
        ------
        ResultError
            When it was never computed, or its file is damaged.
        """
        try:
            return kind.validate_python(self._read(name)["value"])
        except FileNotFoundError:
            raise ResultError(
                f"The result {name!r} is not there. Run `ipdbook build` first."
            ) from None
        except ValueError:
            raise ResultError(
                f"The stored result {self.path(name)} is damaged. Run `ipdbook build`, which "
                "computes it again."
            ) from None

    def inputs(self, name: str) -> Inputs:
        """Load the record of what a stored result was computed from.

        Raises
        ------
        ResultError
            When it was never computed, or its file is damaged.
        """
        try:
            found: Inputs = self._read(name)["inputs"]
        except (FileNotFoundError, ValueError):
            raise ResultError(
                f"The result {name!r} is not there or damaged. Run `ipdbook build` first."
            ) from None
        return found

    def save(self, name: str, inputs: Inputs, value: Value, kind: TypeAdapter[Value]) -> None:
        """Write a result; a reader never sees half a file, and notices what changed in it."""
        content = {"inputs": inputs, "value": kind.dump_python(value, mode="json")}
        body = json.dumps(content, indent=1)
        write_atomically(self.path(name), f"{_seal(body)}{body.removeprefix('{')}\n")

    def fingerprint(self, name: str) -> str:
        """Hash a stored result, so that a page knows when a number on it may have changed."""
        try:
            return text_fingerprint(json.dumps(self._read(name)["value"]))
        except (FileNotFoundError, ValueError):
            return ""

    def _read(self, name: str) -> dict[str, Any]:
        """Read a file and compare it with its seal; ValueError when it is damaged."""
        text = self.path(name).read_text(encoding="utf-8")
        body = "{" + text[SEALED:].removesuffix("\n")
        if text[:SEALED] != _seal(body):
            raise ValueError(name)
        content: dict[str, Any] = json.loads(body)
        return content


def _seal(body: str) -> str:
    """Open a JSON object with the hash of its other members."""
    return f'{{\n "sha256": "{text_fingerprint(body)}",'


def text_fingerprint(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def package_versions() -> dict[str, str]:
    """Versions of the packages that can change a number."""
    return {name: version(name) for name in VERSIONS_THAT_MATTER}


WORDS = {
    "trials": "data or mapping of trial {}",
    "protocol": "protocol: {}",
    "code": "code of analysis/{}",
    "versions": "version of {}",
    "files": "file {}",
}


def _differences(old: Mapping[str, Mapping[str, str]], new: Inputs) -> list[str]:
    reasons = []
    for kind, words in WORDS.items():
        before, after = old.get(kind, {}), new.get(kind, {})
        for key in sorted({*before, *after}):
            if before.get(key) == after.get(key):
                continue
            change = "is new" if key not in before else "is gone" if key not in after else "changed"
            reasons.append(f"{words.format(key)} {change}")
    return reasons
