"""A connection in a file, ``--connection @FILE``: its token is refreshed in place."""

import json
import os
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from errno import EACCES
from functools import partial
from io import FileIO
from pathlib import Path
from stat import S_ISVTX
from threading import Lock
from typing import Any, BinaryIO, Literal, Self

from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, Unavailable, warn
from ..files import Draft, write_whole
from ..fork import reset_in_children
from ..unicode import decode_file
from .errand import Errand
from .tokens import (
    MAX_KEEP_SECONDS,
    MAX_REFRESH_POLL_SECONDS,
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
ROOM_BYTES = 16_384
"""How much longer than what a file holds the new content may be, for sure."""


class FileTokens:
    """The token under ``token`` of a JSON file.

    Processes take turns by a lock on the file itself, where the platform has one; who gets it reads the file again.
    """

    are_kept = True

    def __init__(
        self,
        path: Path,
        content: Mapping[str, Any] | None = None,
        *,
        part: str | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        """``content`` is what the file was found to hold, where it was read already; ``part`` names the connection in
        it, where it holds several."""
        self._path, self._part = Path(os.path.realpath(path)), part
        self._clock = clock
        self._refused = RefusedToken()
        connection = self._select(_read_content(self._path) if content is None else content)
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
            content = _read_content(self._path)
            connection = self._select(content)
            if _extract_origin(connection) != self._origin:
                raise connection_changed_error(str(self._path))
            if self._new is not None or is_same(_extract_token(connection), stale):
                self._renew(content, exchange)
            else:
                self._token = _extract_token(connection)
            return self._token

    def _select(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """The connection in what the file holds."""
        found = content if self._part is None else content.get(self._part)
        if not isinstance(found, Mapping):
            raise connection_changed_error(str(self._path))
        return found

    def _renew(self, content: Mapping[str, Any], exchange: RequestToken) -> None:
        """That the file can be written is proven first: one that cannot must not cost us the token.

        Where it does not take the new one for long, we hold on to the only copy.
        """
        connection = self._select(content)
        ends = self._clock.monotonic() + MAX_KEEP_SECONDS
        while True:
            try:
                with _Target(self._path) as target:
                    if self._new is None:
                        self._new = self._refused.exchange(_extract_token(connection), exchange, self._clock.now())
                    renewed = {**connection, "token": self._new}
                    target.write(_encode(renewed if self._part is None else {**content, self._part: renewed}))
            except ConfigurationError:
                if self._new is None or self._clock.monotonic() >= ends:
                    raise
                self._clock.sleep(MAX_REFRESH_POLL_SECONDS)
            else:
                self._token, self._new = self._new, None
                return


@contextmanager
def _lock_file(path: Path, deadline: float | None, clock: Clock) -> Iterator[None]:
    """Hold the lock of the file that has the name now, not of one that it replaced."""
    ends = clock.monotonic() + MAX_FILE_LOCK_SECONDS if deadline is None else deadline
    while True:
        with _open_file(path, "r+b") as file:
            if _try_lock(file, path) and _is_named(path, file):
                try:
                    yield
                finally:
                    _unlock(file)
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
        warn(
            f"{path} cannot be locked ({error.strerror}), so that two processes may refresh its token at once and one"
            " lose it. Use it in one process, or keep the connection: sales-connectors connect COMPONENT NAME --from"
            f" @{path}"
        )
    return True


def _unlock(file: BinaryIO) -> None:
    """Give the lock back.  To close the file would not do: a child that was forked meanwhile holds it open too."""
    with suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)


class _Target:
    """A file that is about to be rewritten: that it takes what will be written is proven before there is anything.

    Another file takes its name, in one step, where that can be; else it is written in place: in a folder that takes no
    file, where the file itself is mounted, has other names too, or belongs to somebody whom we cannot give a new one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: FileIO | None = None
        """The file itself, where it can be written."""
        self._draft: Draft | None = None

    def __enter__(self) -> Self:
        try:
            size = os.stat(self._path).st_size + ROOM_BYTES
            self._file = _open_writable(self._path)
            self._draft = _make_draft(self._path, size, is_needed=self._file is None)
            if self._file is not None and self._draft is None:
                _take_room(self._file, size)
        except OSError as error:
            self._close()
            raise _connection_file_error(self._path, "cannot be rewritten", error) from error
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def write(self, content: bytes) -> None:
        try:
            if self._draft is not None:
                with suppress(OSError) if self._file is not None else nullcontext():
                    return self._draft.replace(content)
                self._drop_draft()
            assert self._file is not None
            _write_in_place(self._file, content)
        except OSError as error:
            raise _connection_file_error(self._path, "cannot be rewritten", error) from error

    def _close(self) -> None:
        self._drop_draft()
        if self._file is not None:
            self._file.close()

    def _drop_draft(self) -> None:
        """Give back its room, too."""
        if self._draft is not None:
            self._draft.close()
            self._draft = None


def _open_writable(path: Path) -> FileIO | None:
    """The file, to be written in place; None where only its folder can be written, and lets another take the name."""
    try:
        return path.open("r+b", buffering=0)
    except PermissionError as error:
        # EPERM says that the file must not change: it is immutable, or can only be appended to
        if error.errno != EACCES or not _can_be_replaced(path):
            raise
        return None


def _can_be_replaced(path: Path) -> bool:
    """Whether its folder lets us; one that is sticky, such as /tmp, lets only the owners."""
    folder, file = os.stat(path.parent), os.stat(path)
    return not folder.st_mode & S_ISVTX or os.geteuid() in (folder.st_uid, file.st_uid)


def _make_draft(path: Path, size: int, *, is_needed: bool) -> Draft | None:
    """A draft with room for so many bytes, to take the name of the file; None where that cannot be, or should not."""
    about = os.stat(path)
    if about.st_nlink > 1 and not is_needed:
        return None
    draft = None
    try:
        draft = Draft(path)
        draft.prepare(size, None if is_needed else about.st_uid)
    except OSError:
        if draft is not None:
            draft.close()
        if is_needed:
            raise
        return None
    return draft


def _take_room(file: FileIO, size: int) -> None:
    """Let a file have so many bytes: white space behind the connection, which JSON may have there."""
    before = os.fstat(file.fileno()).st_size
    try:
        file.seek(before)
        left = size - before
        while left > 0:
            left -= file.write(b" " * left)
        os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            file.truncate(before)
        raise


def _write_in_place(file: FileIO, content: bytes) -> None:
    """Over what the file holds, and white space over the rest of that: cut short, it is read all the same."""
    size = os.fstat(file.fileno()).st_size
    write_whole(file, content.ljust(size))
    os.fsync(file.fileno())
    file.truncate(len(content))


def _encode(connection: Mapping[str, Any]) -> bytes:
    return json.dumps(connection, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass") + b"\n"


def _read_content(path: Path) -> dict[str, Any]:
    try:
        with _open_file(path, "rb") as file:
            content = json.loads(decode_file(file.read()))
    except OSError as error:
        raise _connection_file_error(path, "cannot be read", error) from error
    except (ValueError, RecursionError) as error:
        raise _connection_file_error(path, "is not JSON", error) from None  # the cause holds the whole text
    if not isinstance(content, dict):
        raise ConfigurationError(f"The connection file {path} must hold an object {{key, fields, token}}")
    return content


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
