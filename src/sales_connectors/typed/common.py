"""What the typed components have in common; the modules beside this one are generated from the manifests."""

from collections.abc import Mapping
from typing import Any, NotRequired, Protocol, Self, TypedDict, Unpack, overload

from ..doors.python.connector import Connector
from .options import AnyOptions, PlainOptions


class Choice(TypedDict):
    """One option of a picklist; ``missing`` marks a saved key whose record is gone."""

    label: str
    key: str
    missing: NotRequired[bool]


class Picked(TypedDict):
    """Options of a picklist, and the cursor to the next ones where there are more."""

    result: list[Choice]
    nextCursor: str | None
    total: int | None


class Changes(TypedDict):
    """Records that changed between two polls."""

    created: list[dict[str, Any]]
    updated: list[dict[str, Any]]
    deleted: list[dict[str, Any]]


class Polled(TypedDict):
    """What a poll found, and the state to store once it is dealt with."""

    data: Changes
    state: Any


class TypedConnector(Protocol):
    """What every component over a connection can do."""

    def whoami(self) -> Any:
        """Who the service says that the token belongs to: the connection test."""

    @property
    def token(self) -> Mapping[str, Any]:
        """The newest token."""

    def close(self) -> None:
        """Give the pooled connections back; the next call opens them again."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exception: object) -> None: ...

    @overload
    def with_options(self, **options: Unpack[PlainOptions]) -> Self:
        """The same connection with other options; None takes one off."""

    @overload
    def with_options(self, **options: Unpack[AnyOptions]) -> Connector:
        """With a dry run or an idempotency key actions return more than their data, so they are not typed."""
