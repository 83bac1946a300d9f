"""What a handler speaks to its service with."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from .request import Repeat, Response

Query = Mapping[str, Any] | Sequence[tuple[str, Any]]

ABSENT: Any = object()
"""No body at all; None is the JSON null."""


def parse_pairs(given: Query | Sequence[Mapping[str, Any]] | None) -> list[tuple[str, Any]]:
    """A query that a caller gave, as an object or as a list of ``{key, value}``, in pairs: a name may stand twice."""
    if isinstance(given, Mapping):
        return list(given.items())
    return [(pair["key"], pair["value"]) if isinstance(pair, Mapping) else pair for pair in given or ()]


class Client(Protocol):
    """The service as one call sees it: paths, queries and JSON in, decoded JSON out.

    Errors are raised as the tree of :mod:`sales_connectors.errors`; a path names nothing but the API's own host.
    """

    def get(self, path: str, query: Query | None = None) -> Any: ...

    def post(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any: ...

    def put(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any: ...

    def patch(self, path: str, json: Any = ABSENT, query: Query | None = None) -> Any: ...

    def delete(self, path: str, query: Query | None = None) -> None:
        """Delete; whatever the service answers, the result of a delete is nothing."""

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = ABSENT,
        data: Any = None,
        files: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        repeat: Repeat | None = None,
    ) -> Response:
        """One exchange, whatever its body; the reply is good (2xx), anything else is raised."""
        ...

    def in_bulk(self) -> "Client":
        """The same client for work that can wait: it leaves room for calls that somebody waits for."""
        ...
