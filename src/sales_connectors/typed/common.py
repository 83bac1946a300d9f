"""What the typed components have in common; the modules beside this one are generated from the manifests."""

from collections.abc import Mapping
from typing import Any, Protocol, Self, Unpack, overload

from ..doors.python.connector import Connector
from ..runtime import Changes as Changes
from ..runtime import Choice as Choice
from ..runtime import Picked as Picked
from ..runtime import Polled as Polled
from .options import AnyOptions, PlainOptions


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
        """In a dry run actions return the request that they would send, so they are not typed."""
