"""How a component's connection describes its vendor to the runtime.

A connection handler, ``def connection(fields) -> Service``, says everything about the vendor that more than one
handler needs: where the API lives, how a request is signed, how it pages, how it words an error.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from .client import Client
from .envelope import Envelope
from .oauth import OAuth
from .pages import Pages
from .request import Request

Token = Mapping[str, Any]
Query = Mapping[str, Any]


class Caller(Protocol):
    """What the paging of a vendor needs of a call; a :class:`~sales_connectors.sdk.Context` is one."""

    @property
    def client(self) -> Client: ...

    @property
    def envelope(self) -> Envelope: ...


class VendorFault(NamedTuple):
    """One complaint of the service about one field of the request, under its own name for it."""

    pointer: str
    message: str


@dataclass(frozen=True)
class VendorError:
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
    sign: Callable[[Request, Token], Request]
    """The request with its signature: headers, parameters of the query, or whatever else the vendor wants.  It is asked
    anew for each attempt; the token is empty where there is none, and the fields sign."""
    whoami: str
    """The path whose GET says whose token it is: the connection test."""
    pages: Callable[[Caller, str, Query, int], Pages]
    """The vendor's way of paging: ``(ctx, path, query, size)``."""
    error: Callable[[Any], VendorError]
    """What the decoded JSON of an error reply says; it must cope with any shape."""
    rate: float
    """Requests a second that the vendor allows on one token; 0 for no limit."""
    oauth: OAuth | None = None
    """How a token is got and refreshed; None where the fields themselves sign a request."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Sent with every request, below what a handler asks for."""
    media_type: str = "application/json"
    """What a body of JSON is sent as."""
    account: Callable[[Any], Any] = lambda answer: answer
    """The record of the account in the answer to ``whoami``, in the envelope of one record."""
    cost: Callable[[str, Query], float] | None = None
    """What a GET of this path and query takes from the budget, in requests; 1 where the vendor counts plainly."""
    spent: Callable[[int, Mapping[str, str]], float | None] | None = None
    """Seconds to hold back after a reply with this status and these headers, where the vendor tells its budget."""
    scope_codes: Collection[str] = ("insufficient_scope",)
    """The codes of errors by which the vendor says that the token lacks a scope; this one is of RFC 6750."""
    refusals: Collection[int] = ()
    """Statuses from 500 up after which, as the vendor documents, nothing was done: any request may be repeated."""


def find_service_fault(service: Service) -> str | None:
    """What is wrong with the parts of a service that are no functions, or None."""
    if not isinstance(service.api_url, str) or not service.api_url.startswith(("https://", "http://")):
        return "api_url must be an address"
    if not isinstance(service.whoami, str) or not service.whoami.startswith(("/", "https://", "http://")):
        return "whoami must be a path, such as /me"
    rate: object = service.rate
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not math.isfinite(rate) or rate < 0:
        return "rate must be a number of requests a second, or 0 for no limit"
    if not isinstance(service.oauth, OAuth | None):
        return "oauth must be an OAuth, or None"
    return None
