"""Parts of an object that are worked out when they are needed first.

Python 3.11 holds a lock while it works out a ``cached_property``, one for all objects of a class: a store that is
locked would keep all others waiting, and a child process would wait for ever for a lock that a thread of its parent
held.  From 3.12 on there is none, and threads may end up with different ones.  Here there is none, and they do not.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class lazy(Generic[T]):
    """A property that is worked out once.  Where several threads do so, all get what came first."""

    def __init__(self, work: Callable[[Any], T]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        found: T = instance.__dict__.setdefault(self._name, self._work(instance))
        return found
