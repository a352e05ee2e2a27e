"""Tell whether code has changed: that of a room, or a module and all of ours that it builds on."""

import hashlib
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
NO_NUMBERS = {"code", "errors", "files", "problems"}  # rooms that cannot change a number
IMPORT = re.compile(r"^\s*from (analysis[\w.]*) import (\([^)]*\)|[^\n]*)", re.MULTILINE)


@cache
def code_behind(module: str) -> dict[str, str]:
    """Hash the source of a module and of all of this package that it imports, however far.

    Parameters
    ----------
    module
        Such as ``results.overall``.

    Returns
    -------
    dict
        Room → hash of its files among them. A file that nothing imports changes no hash.
    """
    found: set[Path] = set()
    waiting = set(_files(f"analysis.{module}"))
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting |= _imported(path)
    rooms: dict[str, list[Path]] = {}
    for path in sorted(found):
        rooms.setdefault(path.relative_to(PACKAGE).parts[0].removesuffix(".py"), []).append(path)
    return {
        room: _hashed(paths, _content)
        for room, paths in sorted(rooms.items())
        if room not in NO_NUMBERS
    }


def code_fingerprints(rooms: tuple[str, ...]) -> dict[str, str]:
    """Hash the whole source of rooms of the package: room → hash."""
    return {room: _hashed(_room(room)) for room in rooms}


def _room(room: str) -> list[Path]:
    place = PACKAGE / room
    return sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]


@cache
def _imported(path: Path) -> frozenset[Path]:
    """List the files of ours that a file imports, at its top or later."""
    found: set[Path] = set()
    for origin, names in IMPORT.findall(_content(path).decode()):
        found |= _files(origin)
        for name in re.findall(r"\w+", names):
            found |= _files(f"{origin}.{name}")
    return frozenset(found)


@cache
def _files(module: str) -> frozenset[Path]:
    """Find the file of a module, with those of the packages around it; none for another name."""
    parts = module.split(".")[1:]
    place = PACKAGE.joinpath(*parts)
    own = {path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()}
    around = {PACKAGE.joinpath(*parts[:n], "__init__.py") for n in range(1, len(parts))}
    return frozenset(own | around) if own else frozenset()


@cache
def _content(path: Path) -> bytes:
    """Read a source file once: most results rest on the same ones."""
    return path.read_bytes()


def _hashed(files: list[Path], read: Callable[[Path], bytes] = Path.read_bytes) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.relative_to(PACKAGE).as_posix().encode())
        digest.update(read(file))
    return digest.hexdigest()[:16]
