"""The way back from the browser: a listener on this machine that waits for one redirect.

Any page can send a browser here, so only what carries the state of our own sign-in is its answer.
"""

import hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import SplitResult, parse_qs, urlsplit

from ..addresses import format_location
from ..errors import ConfigurationError, InvalidInput, NotAuthenticated
from ..options import MAX_OPTION_SECONDS

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
    ...     token = finish_sign_in(oauth, begun, callback.wait(begun.url, timeout=300))
    """

    def __init__(self, port: int = 0, *, path: str = "/callback", host: str = "127.0.0.1") -> None:
        self._port, self._path, self._host = port, path, host
        self._arrived: Queue[str] = Queue()
        self._state: bytes | None = None

    @classmethod
    def at(cls, redirect_uri: str) -> Self:
        """Listen at an address that is registered with the vendor, such as http://localhost:8765/callback."""
        parts, port = _split_address(redirect_uri)
        ours = (f"localhost:{port}", f"127.0.0.1:{port}")
        if parts is None or parts.scheme != "http" or not port or parts.netloc not in ours:
            raise InvalidInput(
                f"Nobody can listen at {format_location(redirect_uri) or 'this address'} here. Use"
                " http://127.0.0.1:PORT/…, or paste the address that the browser was sent to",
                code="redirect_uri",
            )
        return cls(port, path=parts.path or "/", host=parts.netloc.partition(":")[0])

    @property
    def redirect_uri(self) -> str:
        return f"http://{self._host}:{self._server.server_port}{self._path}"

    def expect(self, sign_in_url: str) -> None:
        """From now on, take the answer to the sign-in that begins at this address, and no other."""
        states = parse_qs(urlsplit(sign_in_url).query).get("state", [])
        self._state = states[0].encode() if states else None

    def wait(self, sign_in_url: str, timeout: float = 300.0) -> str:
        """The address that the browser was sent back to from the sign-in that begins at this one."""
        self.expect(sign_in_url)
        try:
            return self._arrived.get(timeout=min(max(timeout, 0.0), MAX_OPTION_SECONDS))
        except Empty:
            raise NotAuthenticated(
                f"Nobody came back from the browser within {timeout:g} s. Begin again", code="sign_in_timeout"
            ) from None

    def __enter__(self) -> Self:
        try:
            self._server = _QuietServer(("127.0.0.1", self._port), self._make_handler())
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
        parts, _ = _split_address(request.path)
        answer = parse_qs(parts.query, errors="surrogateescape") if parts else {}
        if parts is None or parts.path != self._path or not answer.keys() & {"code", "error"}:
            _send_page(request, 404, "Nothing here", "This address only takes people back from a sign-in.")
            return
        if not self._is_ours(answer.get("state", [])):
            text = "This page comes from another sign-in, or from one that is over. The one that has begun goes on."
            _send_page(request, 400, "Not this sign-in", text)
            return
        if "error" in answer:
            _send_page(request, 200, "Not signed in", "The sign-in was not granted. The terminal says more.")
        else:
            _send_page(request, 200, "Almost there", "You can close this page and go back to the terminal.")
        self._arrived.put(f"http://{self._host}:{self._server.server_port}{request.path}")

    def _is_ours(self, states: list[str]) -> bool:
        if self._state is None or len(states) != 1:
            return False
        return hmac.compare_digest(states[0].encode("utf-8", "surrogateescape"), self._state)


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a browser that hangs up, or sends what is no request, has no business at the terminal."""


def _split_address(address: str) -> tuple[SplitResult | None, int]:
    """The parts of an address and its port, 0 without one; None for what is no address."""
    try:
        parts = urlsplit(address)
        return parts, parts.port or 0
    except ValueError:
        return None, 0


def _send_page(request: BaseHTTPRequestHandler, status: int, title: str, text: str) -> None:
    page = PAGE_TEMPLATE.format(title=title, text=text).encode()
    request.send_response(status)
    request.send_header("Content-Type", "text/html; charset=utf-8")
    request.send_header("Content-Length", str(len(page)))
    request.send_header("Cache-Control", "no-store")
    request.send_header("Referrer-Policy", "no-referrer")
    request.end_headers()
    request.wfile.write(page)
