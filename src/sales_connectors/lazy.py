"""What is worked out when it is first asked for."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class cached_property(Generic[T]):  # the name that everybody knows it by
    """``functools.cached_property`` as it is from Python 3.12 on.

    The one before holds a lock, one for all instances, over whatever is worked out: a call would wait for the store of
    another one, and a child that is forked meanwhile for ever.  Here the first of several threads to finish is taken.
    """

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> "cached_property[T]": ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> "T | cached_property[T]":
        if instance is None:
            return self
        found: T = instance.__dict__.setdefault(self._name, self._work_out(instance))
        return found
