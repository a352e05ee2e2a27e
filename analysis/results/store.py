"""Keep each result under a record of what it depends on, and say why one is stale.

A stored result is one JSON file: the record of its inputs (trial → fingerprint, protocol section →
hash, room of the code → hash, package → version) and the value. It is current when the record that
would be written now is the same.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from analysis.errors import ResultError

Value = TypeVar("Value")
Inputs = dict[str, dict[str, str]]

PACKAGE = Path(__file__).resolve().parents[1]
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
        stored = self._read(name)
        if stored is None:
            return Staleness(name, ("it was never computed",))
        return Staleness(name, tuple(_differences(stored["inputs"], inputs)))

    def load(self, name: str, kind: TypeAdapter[Value]) -> Value:
        """Load a result.

        Raises
        ------
        ResultError
            When it was never computed, or its file is damaged.
        """
        stored = self._read(name)
        if stored is None:
            raise ResultError(f"The result {name!r} is not there. Run `ipdbook build` first.")
        try:
            return kind.validate_python(stored["value"])
        except ValidationError as error:
            raise ResultError(
                f"The stored result {self.path(name)} is damaged ({error.error_count()} fields). "
                "Delete the file and run `ipdbook build`."
            ) from None

    def save(self, name: str, inputs: Inputs, value: Value, kind: TypeAdapter[Value]) -> None:
        """Write a result; a reader never sees half a file."""
        content = {"inputs": inputs, "value": kind.dump_python(value, mode="json")}
        write_atomically(self.path(name), json.dumps(content, indent=1) + "\n")

    def fingerprint(self, name: str) -> str:
        """Hash a stored result, so that a page knows when a number on it may have changed."""
        try:
            return hashlib.sha256(self.path(name).read_bytes()).hexdigest()[:16]
        except FileNotFoundError:
            return ""

    def _read(self, name: str) -> dict[str, Any] | None:
        try:
            content = json.loads(self.path(name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (json.JSONDecodeError, UnicodeDecodeError):
            return None
        return content if isinstance(content, dict) and "inputs" in content else None


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that it is either the old or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def code_fingerprints(rooms: tuple[str, ...]) -> dict[str, str]:
    """Hash the source of rooms of the package: room → hash."""
    return {room: _room_hash(room) for room in rooms}


def _room_hash(room: str) -> str:
    place = PACKAGE / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    digest = hashlib.sha256()
    for file in files:
        digest.update(str(file.relative_to(PACKAGE)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def text_fingerprint(text: str) -> str:
    """Hash a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


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
