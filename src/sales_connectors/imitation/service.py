"""What a component says about its vendor; everything in it is data or a plain function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_lowercase, digits
from typing import Any, Literal, Protocol

from .clock import Clock
from .exchange import Reply, Request
from .store import Store

Handler = Callable[[Request], Reply]
Window = Literal["bucket", "sliding", "fixed"]
Payer = Literal["token", "user", "everybody"]
"""Whose budget a request is taken from."""


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


def _holds(scopes: frozenset[str], scope: str) -> bool:
    """A scope is nothing but its name."""
    return scope in scopes


@dataclass(frozen=True)
class OAuth:
    """How the vendor signs people in."""

    authorize: str = "/oauth2/authorize"
    token: str = "/oauth2/token"
    revoke: str | None = None
    info: str | None = None  # where a token is told what it is worth
    scopes: tuple[str, ...] = ()
    usual_scopes: tuple[str, ...] = ()  # of a token that nobody asked any for; all of them, if none are named
    scope_required: bool = False  # a sign-in has to say for which scopes
    covers: Callable[[frozenset[str], str], bool] = _holds  # (a token's scopes, a scope) -> whether they do for it
    grants: tuple[str, ...] = ("authorization_code", "refresh_token")
    implicit: bool = False  # response_type=token
    access_life: float = 3600
    refresh_life: float | None = None
    refresh_once: bool = True  # each refresh gives a new refresh token and ends the old one
    refresh_most: int | None = None  # refresh tokens that one user has at a time; the oldest goes first
    grant_interval: float = 0  # seconds from one grant to a user to the next
    lenient_bodies: bool = False  # the token endpoint takes JSON, and what stands in its query, too
    token_type: str = "bearer"
    token_dated: bool = False  # a token comes with its ``created_at``
    token_length: int = 64
    token_alphabet: str = ascii_lowercase + digits
    token_prefix: str = ""
    personal_prefix: str = ""  # of tokens that were made without a sign-in and never expire
    connection: str = "oauth"  # the key of the component's connection


@dataclass(frozen=True)
class Budget:
    """How much may still be asked."""

    limit: float
    left: float
    resets_in: float  # seconds
    resets_at: float  # seconds since 1970


def _tell_nothing(budget: Budget) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Rate:
    """How much may be asked: so many in a period, and so many at a time.

    A ``bucket`` holds one period's worth and refills steadily; a ``sliding`` window allows no more than that in any
    stretch of one period, which is stricter; a ``fixed`` one starts anew with each period of the clock.
    """

    limit: float = 0  # none
    period: float = 1
    window: Window = "bucket"
    payer: Payer = "token"
    at_once: int | None = None  # requests of one payer that are under way together
    cost: Callable[[Request], float] = lambda request: 1
    headers: Callable[[Budget], Mapping[str, str]] = _tell_nothing


class Mint(Protocol):
    """Makes a token for a user, and answers as the token endpoint does."""

    def __call__(
        self, user_id: int, scopes: tuple[str, ...], *, expires_in: float | None, refreshable: bool = True
    ) -> dict[str, Any]: ...


def _accept_request(request: Request) -> None:
    """Every request is well-formed."""


def _leave_reply(request: Request, reply: Reply) -> Reply:
    return reply


def _sign_in_otherwise(mint: Mint) -> Sequence[Route]:
    """There is no other way to a token than OAuth."""
    return ()


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
    sign_in: Callable[[Mint], Sequence[Route]] = _sign_in_otherwise  # routes that give out tokens in the vendor's way
    connections: Mapping[str, Callable[[Store], Mapping[str, Any]]] = field(default_factory=dict)
    """Kinds of connection beside OAuth's, by key: the fields that one to this sandbox has, its address apart."""
