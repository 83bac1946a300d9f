"""What a component says about its vendor; everything in it is data or a plain function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, digits
from typing import Any, Literal

from .clock import Clock
from .exchange import Reply, Request
from .store import Store

Handler = Callable[[Request], Reply]
Window = Literal["bucket", "sliding", "fixed"]


@dataclass(frozen=True)
class User:
    """Somebody who can sign in."""

    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Route:
    """One thing that can be asked.  ``{name}`` in the path matches one segment; the first route that fits is taken."""

    method: str
    path: str
    handler: Handler
    scope: str | None = None
    open: bool = False  # needs no token


@dataclass(frozen=True)
class OAuth:
    """How the vendor signs people in."""

    authorize: str = "/oauth2/authorize"
    token: str = "/oauth2/token"
    revoke: str | None = None
    info: str | None = None  # where a token is told what it is worth
    scopes: tuple[str, ...] = ()
    grants: tuple[str, ...] = ("authorization_code", "refresh_token")
    implicit: bool = False  # response_type=token
    access_life: float = 3600
    refresh_life: float | None = None
    refresh_once: bool = True  # each refresh gives a new refresh token and ends the old one
    token_length: int = 64
    token_alphabet: str = ascii_lowercase + digits
    token_prefix: str = ""
    personal_prefix: str = ""  # of tokens that were made without a sign-in and never expire
    connection: str = "oauth"  # the key of the component's connection


@dataclass(frozen=True)
class Rate:
    """How much one token may ask: so many in a period.

    A ``bucket`` holds one period's worth and refills steadily; a ``sliding`` window allows no more than that in any
    stretch of one period, which is stricter; a ``fixed`` one starts anew with each period of the clock.
    """

    limit: float = 0  # none
    period: float = 1
    window: Window = "bucket"
    shared: bool = False  # all tokens live on one budget
    cost: Callable[[Request], float] = lambda request: 1
    headers: Callable[[float, float, float], Mapping[str, str]] = lambda limit, left, resets_in: {}


def _accept_request(request: Request) -> None:
    """Every request is well-formed."""


def _leave_reply(request: Request, reply: Reply) -> Reply:
    return reply


@dataclass(frozen=True)
class Service:
    """An imitation of one vendor's API."""

    name: str  # as people know it: stands on the consent page
    routes: Sequence[Route]
    refuse: Callable[[int, str], Reply]  # (status, what is wrong) -> the vendor's error
    seed: Callable[[Store, Clock, int], None]
    users: Callable[[Store], Sequence[User]]
    oauth: OAuth = field(default_factory=OAuth)
    rate: Rate = field(default_factory=Rate)
    check: Callable[[Request], Any] = _accept_request
    suffix: str = ""  # an ending that paths may have without meaning anything else by it
    finish: Callable[[Request, Reply], Reply] = _leave_reply
    quirks: Sequence[str] = ()  # faults of the vendor's own, which only its handlers can play
