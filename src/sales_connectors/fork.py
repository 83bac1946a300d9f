"""What a process owns, and a child of it must not: sockets, locks and pools.

A child that went on with its parent's sockets would read its parent's replies, other people's records, as its own; a
lock that another thread held in the moment of the fork would never be given back.
"""

import os
from typing import Any, Protocol
from weakref import WeakSet


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


def _reset_owners() -> None:
    for owner in list(_owners):
        owner.reset_after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_owners)
