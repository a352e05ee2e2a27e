"""Serve the rendered pages to this machine alone: one folder, read only."""

import html
import posixpath
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from socket import socket
from typing import BinaryIO
from urllib.parse import quote

from analysis.errors import RenderError

HOST = "127.0.0.1"
_NAMES = {HOST, "localhost"}


class _Pages(SimpleHTTPRequestHandler):
    """Gives the files of one folder, and a list of its pages; nothing outside it."""

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Answer with a file or the list of pages; requests in another name are refused.

        A page of another site could otherwise give its own name the address of this machine.
        """
        host = self.headers.get("Host", "").rsplit(":", maxsplit=1)[0]
        if host not in _NAMES:
            self.send_error(HTTPStatus.FORBIDDEN)
            return None
        folder = Path(self.directory).resolve()
        path = Path(self.translate_path(self.path))
        try:
            if path.resolve() == folder:
                return self._list(folder)
            if _may_be_seen(path.resolve(), folder):
                return super().send_head()
        except (ValueError, OSError):
            pass  # a NUL, or a name too long: no such file
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def _list(self, folder: Path) -> BytesIO:
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
        items = "".join(f'<li><a href="/{quote(n)}">{html.escape(n)}</a></li>' for n in names)
        body = (
            '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Pages</title>'
            f"<h1>Pages</h1><ul>{items}</ul></html>"
        ).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)

    def end_headers(self) -> None:
        """Have browsers ask anew each time, since the pages change."""
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


def _may_be_seen(path: Path, folder: Path) -> bool:
    """Whether a path, links followed, is a file of the folder and not hidden."""
    if not path.is_relative_to(folder) or not path.is_file():
        return False
    return not any(part.startswith(".") for part in path.relative_to(folder).parts)


class _Server(ThreadingHTTPServer):
    """Gives each request a thread; a browser that goes away is no error."""

    daemon_threads = True

    def handle_error(
        self, request: socket | tuple[bytes, socket], client_address: tuple[str, int]
    ) -> None:
        """Print nothing for a connection that the browser closed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(folder: Path, port: int) -> Iterator[str]:
    """Serve a folder while the block runs.

    Parameters
    ----------
    folder
        The folder of the pages; it is made when it is not there.
    port
        On 127.0.0.1; 0 takes any that is free.

    Yields
    ------
    str
        The address, ending in a slash.

    Raises
    ------
    RenderError
        The port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handler = partial(_Pages, directory=str(folder))
    try:
        server = _Server((HOST, port), handler)
    except OSError as error:
        raise RenderError(
            f"the port {port} cannot be used ({error.strerror}). Give another one with --port."
        ) from None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield posixpath.join(f"http://{HOST}:{server.server_address[1]}", "")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
