"""Write files that are whole or not there, one process at a time.

A file is written beside its place, forced to the disk, and moved into place in one step: whoever
is killed meanwhile, and whatever the disk lacks, leaves the last good file.
"""

import errno
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import StorageError

UNFINISHED = ".unfinished-"
LOCK = "lock"

Waiting = Callable[[str], None]
POLL = 0.2  # seconds between two looks at a lock
FULL = {"ENOSPC", "EDQUOT", "EFBIG"}

_held: set[Path] = set()
_threads = threading.RLock()


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file so that it is either the old or the new one, never a half.

    Raises
    ------
    StorageError
        When the disk is full or the place cannot be written to; the old file stays.
    """
    data = content if isinstance(content, bytes) else content.encode()
    with said_clearly(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{UNFINISHED}{path.name}-")
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(RIGHTS)
            move(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def move(source: Path, target: Path) -> None:
    """Move a file or folder to its place in one step, and let the disk know."""
    source.replace(target)
    if os.name == "posix":
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def replaced_folder(target: Path) -> Iterator[Path]:
    """Give an empty folder that takes the place of `target` when the block ends without error.

    Raises
    ------
    StorageError
        When the disk is full or the place cannot be written to; `target` stays as it was.
    """
    with said_clearly(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix = f"{UNFINISHED}{target.name[:20]}-"
        scratch = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
        fresh, old = scratch / "new", scratch / "old"
        fresh.mkdir()
        try:
            yield fresh
            for path in fresh.rglob("*"):
                sync(path)
            if target.exists():
                target.replace(old)
            move(fresh, target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def sync(path: Path) -> None:
    """Force a file to the disk; folders are passed over."""
    if path.is_file():
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())


def sweep(folder: Path) -> None:
    """Remove what killed processes left unfinished, anywhere below a folder."""
    for path in folder.rglob(f"{UNFINISHED}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def said_clearly(path: Path) -> Iterator[None]:
    """Say what an error of the disk means for the user.

    Raises
    ------
    StorageError
        Instead of the system's error.
    """
    try:
        yield
    except OSError as error:
        full = errno.errorcode.get(error.errno or 0) in FULL
        why = "the disk is full" if full else error.strerror or str(error)
        remedy = "Free some space" if full else "Make the place writable"
        raise StorageError(
            f"{path} could not be written: {why}. What was there before is as it was. "
            f"{remedy} and run the command again."
        ) from error


@contextmanager
def only_one(folder: Path, *, waiting: Waiting | None = None) -> Iterator[None]:
    """Let one process at a time work in a folder; the system frees it when the process dies.

    Others wait for their turn. A process may take the same folder again while it holds it.

    Parameters
    ----------
    folder
        The folder, such as `_build`.
    waiting
        Told, when there is somebody to wait for, who it is.
    """
    place = folder.resolve()
    with _threads:
        if place in _held:
            yield
            return
        handle = _opened(place)
        try:
            _wait(handle, place, waiting)
            _held.add(place)
            yield
        finally:
            _held.discard(place)
            os.close(handle)  # which frees the lock


def _opened(place: Path) -> int:
    with said_clearly(place / LOCK):
        place.mkdir(parents=True, exist_ok=True)
        return os.open(place / LOCK, os.O_RDWR | os.O_CREAT, 0o644)


def _wait(handle: int, place: Path, waiting: Waiting | None) -> None:
    """Take the lock, and write into it who has it."""
    if not _taken(handle):
        if waiting:
            who = os.read(handle, 20).decode(errors="replace").strip() or "unknown"
            waiting(f"Another ipdbook (process {who}) works in {place}; waiting until it is done.")
        while not _taken(handle):
            time.sleep(POLL)
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, f"{os.getpid()}\n".encode())


if sys.platform == "win32":
    import msvcrt

    def _taken(handle: int) -> bool:
        """Take a byte far behind what is written, which others must be able to read."""
        place = os.lseek(handle, 0, os.SEEK_CUR)
        os.lseek(handle, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(handle, place, os.SEEK_SET)
        return True

else:
    import fcntl

    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def _umask() -> int:
    """Read the rights that new files lack; there is no way to ask without setting them."""
    found = os.umask(0o022)
    os.umask(found)
    return found


RIGHTS = 0o666 & ~_umask()
