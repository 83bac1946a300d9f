"""How a component's connection describes its vendor to the runtime.

A connection handler, ``def connection(fields) -> Service``, says everything about the vendor that more than one
handler needs: where the API lives, how a request is signed, how it pages, how it words an error.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from .paging import Pages

if TYPE_CHECKING:
    from .auth.signin import OAuth
    from .transport.client import Client

Token = Mapping[str, Any]
Query = Mapping[str, Any]


class VendorFault(NamedTuple):
    """One complaint of the service about one field of the request, under its own name for it."""

    pointer: str
    message: str


@dataclass(frozen=True)
class Problem:
    """What an error body of the vendor says, in its own words."""

    message: str = ""
    code: str | None = None
    faults: Sequence[VendorFault] = ()
    request_id: str | None = None


@dataclass(frozen=True)
class Service:
    """One vendor's API, as one kind of connection reaches it."""

    api_url: str
    """Scheme, host and port, without a path."""
    sign: Callable[[Token], Mapping[str, str]]
    """The headers that a token puts on a request."""
    whoami: str
    """The path whose GET says whose token it is: the connection test."""
    pages: Callable[["Client", str, Query, int], Pages]
    """The vendor's way of paging: ``(client, path, query, size)``."""
    problem: Callable[[Any], Problem]
    """Reads the decoded JSON of an error reply; it must cope with any shape."""
    rate: float
    """Requests a second that the vendor allows on one token; 0 for no limit."""
    oauth: "OAuth | None" = None
    """How a token is got and refreshed; None where the fields themselves sign a request."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request, below what a handler asks for."""
    cost: Callable[[str, Query], float] | None = None
    """What a GET of this path and query takes from the budget, in requests; 1 where the vendor counts plainly."""
    spent: Callable[[int, Mapping[str, str]], float | None] | None = None
    """Seconds to hold back after a reply with this status and these headers, where the vendor tells its budget."""
