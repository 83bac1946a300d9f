"""What a process owns, and a child of it must not: sockets, locks and pools.

A child that went on with its parent's sockets would read its parent's replies, other people's records, as its own; a
lock that another thread held in the moment of the fork would never be given back.
"""

import importlib
import logging  # noqa: F401 - a module with hooks of its own for forks that came while one waits would run half of them
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Condition, local
from typing import Any, Protocol
from weakref import WeakSet

MAX_QUIET_WAIT_SECONDS = 15.0
"""How long a fork waits for what must not be forked in the middle: longer than a statement waits for a lock."""

MAX_IMPORT_WAIT_SECONDS = 5.0
"""How long it waits for what other threads import: longer than any module takes."""


class Owner(Protocol):
    """Something that holds what only one process may use."""

    def reset_after_fork(self) -> None:
        """Take new locks and sockets in the place of the parent's, without touching those: another thread of the parent
        may hold them.  What closes itself when it is thrown away goes through :func:`keep_untouched`."""
        ...


_owners: WeakSet[Owner] = WeakSet()
_inherited: list[Any] = []


def reset_in_children(owner: Owner) -> None:
    """Have an owner begin anew in every child process; it may be forgotten as if this had not been said."""
    _owners.add(owner)


def retain_inherited(inherited: Any) -> None:
    """Keep what came from the parent for good, so that nothing ever closes it or waits for its locks."""
    _inherited.append(inherited)


class Tidy(Protocol):
    """Something that must not be there at all while the process forks."""

    def tidy_before_fork(self) -> None:
        """Give back what must not cross."""
        ...


_tidied: WeakSet[Tidy] = WeakSet()


def tidy_before_forks(owner: Tidy) -> None:
    """Have an owner give back what must not cross before each fork; it may be forgotten as if this was not said."""
    _tidied.add(owner)


class Gate:
    """Lets no fork come into the middle of what other threads do, as long as that takes no time to speak of."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._is_forking = False
        self._own = local()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Do something that must not be forked in the middle."""
        depth = getattr(self._own, "depth", 0)
        with self._changed:
            while self._is_forking and not depth:
                self._changed.wait()
            self._inside += 1
        self._own.depth = depth + 1
        try:
            yield
        finally:
            self._own.depth = depth
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self) -> None:
        """Wait until nobody is inside, and let nobody in."""
        depth = getattr(self._own, "depth", 0)
        with self._changed:
            self._changed.wait_for(lambda: not self._is_forking, MAX_QUIET_WAIT_SECONDS)  # another thread forks
            self._is_forking = True
            self._changed.wait_for(lambda: self._inside <= depth, MAX_QUIET_WAIT_SECONDS)

    def open(self) -> None:
        with self._changed:
            self._is_forking = False
            self._changed.notify_all()


_gate = Gate()


def hold_off_forks() -> AbstractContextManager[None]:
    """Let no fork of another thread come in between."""
    return _gate.hold()


def _wait_for_imports() -> None:
    """Wait until no other thread is importing: a child would wait for ever for a module that such a one was at."""
    ends = time.monotonic() + MAX_IMPORT_WAIT_SECONDS
    while _is_anybody_importing() and time.monotonic() < ends:
        time.sleep(0.001)


def _is_anybody_importing() -> bool:
    own = threading.get_ident()
    locks = [found() for found in list(getattr(importlib.__dict__.get("_bootstrap"), "_module_locks", {}).values())]
    return any(getattr(lock, "owner", None) not in (None, own) for lock in locks)


def _prepare() -> None:
    _gate.close()
    for owner in list(_tidied):
        owner.tidy_before_fork()
    _wait_for_imports()


def _go_on() -> None:
    _gate.open()


def _begin_anew() -> None:
    global _gate
    _gate = Gate()
    for owner in list(_owners):
        owner.reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_prepare, after_in_parent=_go_on, after_in_child=_begin_anew)
