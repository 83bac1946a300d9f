"""A connection in a file, ``--connection @FILE``: its token is refreshed in place."""

import json
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Literal

from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, Unavailable
from ..files import Draft
from ..fork import reset_in_children
from ..unicode import decode_file
from .errand import Errand
from .tokens import (
    REFRESH_LEASE_SECONDS,
    REFRESH_POLL_SECONDS,
    OnToken,
    RefusedToken,
    RequestToken,
    Token,
    connection_changed_error,
    hold_lock,
    is_same,
)

MAX_FILE_LOCK_SECONDS = 2 * REFRESH_LEASE_SECONDS
"""Seconds to wait for a process that refreshes the token of the same file; one that stands still is not waited for."""


class FileTokens:
    """The token under ``token`` of a JSON file.

    Processes take turns by a lock on the file itself, where the platform has one; who gets it reads the file again.
    """

    are_kept = True

    def __init__(self, path: Path, connection: Mapping[str, Any] | None = None, *, clock: Clock = SYSTEM_CLOCK) -> None:
        """``connection`` is what the file was found to hold, where it was read already."""
        self._path = Path(os.path.realpath(path))
        self._clock = clock
        self._refused = RefusedToken()
        connection = _read_connection(self._path) if connection is None else connection
        self._token, self._origin = _extract_token(connection), _extract_origin(connection)
        self._new: Token | None = None
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = Lock()

    def get_token(self) -> Token | None:
        return self._token

    def refresh(
        self, stale: Token, exchange: RequestToken, *, deadline: float | None = None, on_token: OnToken | None = None
    ) -> Token:
        return Errand(partial(self._refresh, stale, exchange, deadline)).wait(deadline, self._clock)

    def _refresh(self, stale: Token, exchange: RequestToken, deadline: float | None) -> Token:
        with hold_lock(self._lock, deadline, self._clock), _lock_file(self._path, deadline, self._clock):
            connection = _read_connection(self._path)
            if _extract_origin(connection) != self._origin:
                raise connection_changed_error(str(self._path))
            if self._new is not None or is_same(_extract_token(connection), stale):
                self._renew(connection, exchange)
            else:
                self._token = _extract_token(connection)
            return self._token

    def _renew(self, connection: Mapping[str, Any], exchange: RequestToken) -> None:
        """That the file can be written is proven first: one that cannot must not cost us the token."""
        with _open_target(self._path) as target:
            if self._new is None:
                self._new = self._refused.exchange(_extract_token(connection), exchange, self._clock.now())
            _write_file(self._path, target, {**connection, "token": self._new})
        self._token, self._new = self._new, None


@contextmanager
def _lock_file(path: Path, deadline: float | None, clock: Clock) -> Iterator[None]:
    """Hold the lock of the file that has the name now, not of one that it replaced."""
    ends = clock.monotonic() + MAX_FILE_LOCK_SECONDS if deadline is None else deadline
    while True:
        with _open_file(path, "r+b") as file:
            if _try_lock(file, path) and _is_named(path, file):
                yield
                return
        if clock.monotonic() >= ends:
            raise Unavailable(
                f"Another process has been refreshing {path} for too long. End it", code="busy", fix="admin"
            )
        clock.sleep(random.uniform(REFRESH_POLL_SECONDS, 5 * REFRESH_POLL_SECONDS))


def _is_named(path: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _try_lock(file: BinaryIO, path: Path) -> bool:
    """Whether nobody else holds the lock of the file; it is ours until the file is closed.

    Where there are no locks, the threads of this process still take turns.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # NFS without its lock service, some file systems in user space
        import warnings

        warnings.warn(
            f"{path} cannot be locked ({error.strerror}), so that two processes may refresh its token at once and one"
            " lose it. Use it in one process, or keep the connection: sales-connectors connect COMPONENT NAME --from"
            f" @{path}",
            RuntimeWarning,
            stacklevel=2,
        )
    return True


def _open_target(path: Path) -> BinaryIO:
    """The file, to be written in place; where only its folder can be written, which takes its name, as it is."""
    try:
        try:
            return path.open("r+b")
        except PermissionError:
            with Draft(path):
                return path.open("rb")
    except OSError as error:
        raise _connection_file_error(path, "cannot be rewritten", error) from error


def _write_file(path: Path, target: BinaryIO, connection: Mapping[str, Any]) -> None:
    """In one step where that can be; in place in a folder that takes no file, and where the file itself is mounted."""
    content = json.dumps(connection, ensure_ascii=False, indent=2).encode() + b"\n"
    try:
        with Draft(path) as draft:
            draft.replace(content)
    except OSError:
        _write_in_place(path, target, content)


def _write_in_place(path: Path, target: BinaryIO, content: bytes) -> None:
    try:
        target.seek(0)
        target.write(content)
        target.truncate()
        target.flush()
        os.fsync(target.fileno())
    except OSError as error:
        raise _connection_file_error(path, "cannot be rewritten", error) from error


def _read_connection(path: Path) -> dict[str, Any]:
    try:
        with _open_file(path, "rb") as file:
            connection = json.loads(decode_file(file.read()))
    except OSError as error:
        raise _connection_file_error(path, "cannot be read", error) from error
    except (ValueError, RecursionError) as error:
        raise _connection_file_error(path, "is not JSON", error) from None  # the cause holds the whole text
    if not isinstance(connection, dict):
        raise ConfigurationError(f"The connection file {path} must hold an object {{key, fields, token}}")
    return connection


def _open_file(path: Path, mode: Literal["rb", "r+b"]) -> BinaryIO:
    """The file; where only its folder can be written, as it is."""
    try:
        return path.open(mode)
    except OSError as error:
        if mode == "r+b":
            return _open_file(path, "rb")
        raise _connection_file_error(path, "cannot be read", error) from error


def _extract_token(connection: Mapping[str, Any]) -> Token:
    token = connection.get("token") or {}
    return {"access_token": token} if isinstance(token, str) else token


def _extract_origin(connection: Mapping[str, Any]) -> dict[str, Any]:
    """What the token goes with: it is sent nowhere else."""
    return {name: part for name, part in connection.items() if name != "token"}


def _connection_file_error(path: Path, what: str, error: Exception) -> ConfigurationError:
    reason = error.strerror if isinstance(error, OSError) else "it does not parse"
    return ConfigurationError(f"The connection file {path} {what}: {reason}", code="connection_file")
