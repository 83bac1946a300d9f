"""What a process owns, and a child of it must not: sockets, locks and pools.

A child that went on with its parent's sockets would read its parent's replies, other people's records, as its own; a
lock that another thread held in the moment of the fork would never be given back.
"""

import os
from typing import Any, Protocol
from weakref import WeakSet


class Owner(Protocol):
    """Something that holds what only one process may use."""

    def begin_anew(self) -> None:
        """Take new locks and sockets in the place of the parent's, without touching those: another thread of the parent
        may hold them.  What closes itself when it is thrown away goes through :func:`keep_untouched`."""
        ...


_owners: WeakSet[Owner] = WeakSet()
_inherited: list[Any] = []


def begin_anew_in_children(owner: Owner) -> None:
    """Have an owner begin anew in every child process; it may be forgotten as if this had not been said."""
    _owners.add(owner)


def keep_untouched(inherited: Any) -> None:
    """Keep what came from the parent for good, so that nothing ever closes it or waits for its locks."""
    _inherited.append(inherited)


def _begin_anew() -> None:
    for owner in list(_owners):
        owner.begin_anew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
