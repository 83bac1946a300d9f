"""The connections beneath the adapter: they note how far a request came, and wait no longer than its attempt may.

``urllib3`` makes them in its pools, through ``ConnectionCls``; where those are replaced, as test tools do, nobody notes
anything.  A timeout of a socket alone would not do: it begins anew with each byte that arrives.
"""

import io
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPResponse
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import allowed_gai_family, create_connection

MAX_SOCKET_SECONDS = 86_400.0
"""Seconds that a socket is waited for at the most; larger numbers do not fit into it."""


@dataclass
class Progress:
    """How far one request came."""

    patience: float
    """Seconds that its attempt may take."""
    ends: float
    """When its attempt is over, on the monotonic clock."""
    monotonic: Callable[[], float]
    is_noted: bool = False
    """Whether a connection of ours carries it, so that the rest is known."""
    is_sent: bool = False
    """Whether a byte of it has left."""
    status: int | None = None
    """What the service answered, once its first line is here."""

    def left(self) -> float:
        """Seconds that are left; TimeoutError where none are."""
        left = self.ends - self.monotonic()
        if left <= 0:
            raise TimeoutError("the time of the attempt is over")
        return min(left, MAX_SOCKET_SECONDS)


class _UnderWay(threading.local):
    """The request that this thread is sending: connections are made and used by the thread that waits for them."""

    progress: Progress | None = None


UNDER_WAY = _UnderWay()


class _BoundedReader(io.RawIOBase):
    """The reading side of a socket, which waits as long as the attempt has time, however little comes at once."""

    def __init__(self, raw: Any, sock: socket.socket, progress: Progress) -> None:
        self._raw, self._sock, self._progress = raw, sock, progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        self._sock.settimeout(self._progress.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    """Reads within the time of the attempt, past whatever a service sends before its answer."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self._progress = UNDER_WAY.progress
        if self._progress is not None:
            self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), sock, self._progress))

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        while 101 < status < 200:  # early hints and the like; http.client knows "continue" alone
            self._skip_headers()
            version, status, reason = super()._read_status()  # type: ignore[misc]
        if self._progress is not None and self._progress.is_sent and status >= 200:
            self._progress.status = status
        return version, status, reason

    def _skip_headers(self) -> None:
        while self.fp.readline(65537).strip():
            pass


class _Connection(HTTPConnection):
    """A connection that notes what happens on it; see the module."""

    response_class = _Response
    _is_opening = False

    def connect(self) -> None:
        self._is_opening = True
        try:
            super().connect()
        finally:
            self._is_opening = False

    def send(self, data: Any) -> None:
        progress = UNDER_WAY.progress
        if progress is not None and not self._is_opening:  # what opens a tunnel through a proxy is nothing of a request
            if self.sock is None:
                self.connect()
            cast("socket.socket", self.sock).settimeout(progress.left())
            progress.is_sent = True
        super().send(data)

    def _new_conn(self) -> socket.socket:
        """A socket to the host, or urllib3's own word for what kept us from one."""
        where = {"source_address": self.source_address, "socket_options": self.socket_options}
        try:
            return _open_socket(self._dns_host, self.port or 0, float(self.timeout), **where)  # type: ignore[arg-type]  # the adapter always sets one
        except socket.gaierror as error:
            raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            message = f"Connection to {self.host} timed out. (connect timeout={self.timeout})"
            raise urllib3.exceptions.ConnectTimeoutError(self, message) from error
        except OSError as error:
            message = f"Failed to establish a new connection: {error}"
            raise urllib3.exceptions.NewConnectionError(self, message) from error
        finally:
            sys.audit("http.client.connect", self, self.host, self.port)


class _SecureConnection(_Connection, HTTPSConnection):
    def _connect_tls_proxy(self, hostname: str, sock: socket.socket) -> Any:
        return _BoundedSocket(super()._connect_tls_proxy(hostname, sock))


class _BoundedSocket:
    """A socket to a proxy that speaks TLS.  The TLS of the service within waits anew for each piece that arrives."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def recv(self, *given: Any) -> Any:
        if UNDER_WAY.progress is not None:
            self._sock.settimeout(UNDER_WAY.progress.left())
        return self._sock.recv(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}
"""The pools that a manager makes, by scheme."""


def _open_socket(host: str, port: int, timeout: float, **options: Any) -> socket.socket:
    """A socket to the first address of a host that takes one, within the time for all of them."""
    ends = time.monotonic() + timeout
    failure: OSError = socket.gaierror(f"{host} has no address")
    for address in _resolve(host, port, timeout):
        try:
            sock = create_connection((address, port), max(ends - time.monotonic(), 0.001), **options)
        except OSError as error:
            failure = error
        else:
            sock.settimeout(max(ends - time.monotonic(), 0.001))  # what is left is for the handshake
            return sock
    raise failure


def _resolve(host: str, port: int, patience: float) -> list[str]:
    """The addresses of a host; a resolver that hangs is left behind in a thread of its own."""
    if _is_address(host):
        return [host]
    answer: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)
            answer.put([str(where[0]) for *_, where in found])
        except (OSError, UnicodeError) as error:  # the latter where a part of the name is too long or empty
            answer.put(error if isinstance(error, OSError) else socket.gaierror(str(error)))

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=patience)
    except Empty:
        raise TimeoutError(f"the name {host} was not resolved in time") from None
    if isinstance(found, Exception):
        raise found
    return list(dict.fromkeys(found))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
