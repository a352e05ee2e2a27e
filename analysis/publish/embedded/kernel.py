"""A Jupyter kernel of the running interpreter that executes the cells of one document."""

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

from analysis.errors import RenderError

_MIME = "application/vnd.ipdbook+json"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_HOME = Path(__file__).resolve().parents[3]


class _ThisInterpreter(KernelSpecManager):
    """Knows one kernel: the interpreter that runs the engine, whatever else is installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the running interpreter as a kernel."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        quiet = ["--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor"]
        return KernelSpec(argv=command + quiet, display_name=kernel_name, language="python")


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell failed: the message, the line of the cell (from 1), the line of our code."""

    message: str
    line: int
    raised: str
    outputs: tuple[Any, ...]


class Kernel:
    """Executes code; made by :func:`start_kernel`."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    def run(self, code: str) -> tuple[Any, ...] | Failure:
        """Execute one cell and return its notebook outputs.

        Raises
        ------
        DeadKernelError
            The kernel died.
        """
        cell = _node(
            cell_type="code", source=code, metadata=_node(), outputs=[], execution_count=None
        )
        self._client.nb.cells.append(cell)
        at = len(self._client.nb.cells) - 1
        try:
            self._client.execute_cell(cell, at)
        except CellExecutionError as error:
            message = _ANSI.sub("", f"{error.ename}: {error.evalue}")
            place = self.ask("_ipdbook_failure()")
            return Failure(message, place["line"], place["raised"], tuple(cell.outputs))
        return tuple(cell.outputs)

    def inline(self, expressions: Sequence[str]) -> list[tuple[str, str]]:
        """Evaluate inline expressions: for each its kind (text, markdown, type, error) and text."""
        code = f"_ipdbook_inline({json.dumps(list(expressions), ensure_ascii=False)})"
        return [(kind, text) for kind, text in self.ask(code)]

    def ask(self, code: str) -> Any:  # noqa: ANN401 - JSON is whatever the kernel sent
        """Execute code that sends one JSON value, and return that value."""
        outputs = self.run(code)
        if isinstance(outputs, Failure):
            raise DeadKernelError(outputs.message)
        return next(each["data"][_MIME] for each in outputs if _MIME in each.get("data", {}))


@contextmanager
def start_kernel(folder: Path, root: Path) -> Iterator[Kernel]:
    """Start a kernel in a folder, with the project and this package on its import path.

    Parameters
    ----------
    folder
        The working folder of the cells.
    root
        The project's folder.

    Raises
    ------
    RenderError
        The kernel died, other than in a cell.
    """
    with tempfile.TemporaryDirectory(prefix="ipdbook-") as private:
        notebook = _node(cells=[], metadata=_node(), nbformat=4, nbformat_minor=5)
        manager = _manager(private)
        client = NotebookClient(notebook, timeout=None, km=manager, shutdown_kernel="immediate")
        settings = {"env": _environment(private), "cwd": str(folder)}
        said = Path(private) / "log"
        try:
            with (
                said.open("wb") as log,
                client.setup_kernel(cleanup_kc=True, stdout=log, stderr=log, **settings),
            ):
                yield _prepared(Kernel(client), folder, root)
        except RuntimeError as error:  # nbclient's errors of a kernel that is gone
            tail = said.read_text(encoding="utf-8", errors="replace").strip()[-2000:]
            raise RenderError(
                f"the Python kernel that runs the cells died: {error} {tail}"
            ) from None


def _prepared(kernel: Kernel, folder: Path, root: Path) -> Kernel:
    kernel.run(Path(__file__).with_name("cell_side.py").read_text(encoding="utf-8"))
    paths = list(dict.fromkeys([str(root), str(_HOME)]))
    kernel.run(f"_ipdbook_prepare({str(folder)!r}, {paths!r})")
    return kernel


def _node(**content: object) -> NotebookNode:
    make: Callable[..., NotebookNode] = NotebookNode
    return make(**content)


def _manager(private: str) -> AsyncKernelManager:
    """Talk to the kernel through files of our own where the system can, not through ports."""
    manager = AsyncKernelManager(kernel_spec_manager=_ThisInterpreter())
    if os.name == "posix":
        manager.transport, manager.ip = "ipc", f"{private}/kernel"
    return manager


def _environment(private: str) -> dict[str, str]:
    return {**os.environ, "IPYTHONDIR": private, "PYTHONHASHSEED": "0", "MPLBACKEND": "agg"}
