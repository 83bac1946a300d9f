"""The way back from the browser: a listener on this machine that waits for one redirect."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from ..errors import ConfigurationError, InvalidInput, NotAuthenticated

PAGE_TEMPLATE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 1.1rem system-ui, sans-serif; max-width: 32rem; margin: 20vh auto; text-align: center }}</style>
</head>
<body><h1>{title}</h1><p>{text}</p></body>
</html>
"""


class Callback:
    """Listens on 127.0.0.1 while the block lasts.

    >>> with Callback() as callback:
    ...     begun = begin_sign_in(oauth, callback.redirect_uri)
    ...     webbrowser.open(begun.url)
    ...     token = finish_sign_in(oauth, begun, callback.wait(timeout=300))
    """

    def __init__(self, port: int = 0, *, path: str = "/callback", host: str = "127.0.0.1") -> None:
        self._port, self._path, self._host = port, path, host
        self._arrived: Queue[str] = Queue()

    @classmethod
    def at(cls, redirect_uri: str) -> Self:
        """Listen at an address that is registered with the vendor, such as http://localhost:8765/callback."""
        parts = urlsplit(redirect_uri)
        if parts.scheme != "http" or parts.hostname not in ("localhost", "127.0.0.1") or not parts.port:
            raise InvalidInput(
                f"Nobody can listen at {redirect_uri} here. Use http://127.0.0.1:PORT/…, or paste the address that the"
                " browser was sent to",
                code="redirect_uri",
            )
        return cls(parts.port, path=parts.path or "/", host=parts.hostname)

    @property
    def redirect_uri(self) -> str:
        return f"http://{self._host}:{self._server.server_port}{self._path}"

    def wait(self, timeout: float = 300.0) -> str:
        """The address that the browser was sent back to."""
        try:
            return self._arrived.get(timeout=timeout)
        except Empty:
            raise NotAuthenticated(
                f"Nobody came back from the browser within {timeout:g} s. Begin again", code="sign_in_timeout"
            ) from None

    def __enter__(self) -> Self:
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._make_handler())
        except OSError as error:
            raise ConfigurationError(
                f"Nobody can listen on port {self._port} of this machine: {error.strerror}. Name another port",
                code="port_in_use",
            ) from error
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        callback = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 10  # browsers open connections that they may never use

            def do_GET(self) -> None:
                callback._answer(self)

            def log_message(self, *args: object) -> None:
                """Say nothing: the address holds a code."""

        return Handler

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        answer = parse_qs(parts.query)
        if parts.path != self._path or not answer.keys() & {"code", "error"}:
            _send_page(request, 404, "Nothing here", "This address only takes people back from a sign-in.")
            return
        if "error" in answer:
            _send_page(request, 200, "Not signed in", "The sign-in was not granted. The terminal says more.")
        else:
            _send_page(request, 200, "Almost there", "You can close this page and go back to the terminal.")
        self._arrived.put(f"http://{self._host}:{self._server.server_port}{request.path}")


def _send_page(request: BaseHTTPRequestHandler, status: int, title: str, text: str) -> None:
    page = PAGE_TEMPLATE.format(title=title, text=text).encode()
    request.send_response(status)
    request.send_header("Content-Type", "text/html; charset=utf-8")
    request.send_header("Content-Length", str(len(page)))
    request.send_header("Cache-Control", "no-store")
    request.send_header("Referrer-Policy", "no-referrer")
    request.end_headers()
    request.wfile.write(page)
