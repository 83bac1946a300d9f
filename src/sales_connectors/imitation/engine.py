"""The way of a request through the sandbox."""

import logging
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from email.utils import formatdate
from threading import Event
from typing import Any

from starlette.routing import compile_path

from .clock import Clock
from .exchange import Refused, Reply, Request
from .faults import Fault, Faults, Spec
from .numbers import check_number
from .oauth import CLIENT_ID, CLIENT_SECRET, SignIn
from .rate import Limiter
from .service import Route, Service, Window
from .store import Store, TooMuch
from .tokens import Tokens

LOG = logging.getLogger(__name__)
REMEMBERED = 10_000  # requests in the log
SHOWN = 10_240  # bytes of a body in the log
LONGEST_LIFE_SECONDS = 100 * 365 * 86_400.0


class Sandbox:
    """One imitation with its state."""

    def __init__(
        self,
        service: Service,
        *,
        rate: float | None = None,
        window: Window | None = None,
        seed: int = 1,
        state: str | None = None,
        faults: Spec = None,
    ) -> None:
        self.service = service
        self.clock = Clock()
        self.store = Store(state)
        self.faults = Faults(faults, service.quirks)
        self.over = Event()
        """Set where somebody asks the sandbox to stop; whoever serves it looks."""
        self.requests: deque[dict[str, Any]] = deque(maxlen=REMEMBERED)
        self.limiter = Limiter(service.rate, self.clock, rate, window)
        self.tokens = Tokens(self.store, self.clock, service.oauth)
        self.router = Router(
            [
                *SignIn(service, self.store, self.clock, self.tokens).routes(),
                *service.sign_in(self.tokens.mint),
                *service.routes,
            ],
            service.suffix,
        )
        self._fill(seed)

    def close(self) -> None:
        self.store.close()

    def connection(self, base_url: str, key: str | None = None) -> dict[str, Any]:
        """A connection to this sandbox, in the form that every call takes; OAuth's has a token of its own."""
        oauth = self.service.oauth
        if key not in (None, oauth.connection):
            return {"key": key, "fields": {"apiUrl": base_url, **self._fields_of(str(key))}}
        return {
            "key": oauth.connection,
            "fields": {
                "apiUrl": base_url,
                "authorizeUrl": base_url + oauth.authorize,
                "tokenUrl": base_url + oauth.token,
                "clientId": CLIENT_ID,
                "clientSecret": CLIENT_SECRET,
            },
            "token": self.mint(),
        }

    def mint(
        self,
        *,
        expires_in: float | None = None,
        personal: bool = False,
        refresh_once: bool | None = None,
        scope: str | None = None,
        user: int | str | None = None,
    ) -> dict[str, Any]:
        """A token without a sign-in: for the root user and with the usual scopes, unless said otherwise.

        A ``personal`` one never expires and cannot be refreshed.
        """
        oauth = self.service.oauth
        life = oauth.access_life
        if expires_in is not None:
            life = check_number("expires_in", expires_in, least=-LONGEST_LIFE_SECONDS, most=LONGEST_LIFE_SECONDS)
        if not isinstance(scope, str | None):
            raise ValueError(f"scope must be names with spaces between them, given: {str(scope)[:40]}")
        with self.store.transaction():
            minted = self.tokens.mint(
                self._find_user(user),
                tuple(scope.split()) if scope is not None else oauth.usual_scopes or oauth.scopes,
                expires_in=None if personal else life,
                refreshable=not personal,
                refresh_once=refresh_once,
            )
        return minted if personal else {**minted, "expires_at": time.time() + life}

    def _fields_of(self, key: str) -> Mapping[str, Any]:
        kinds = self.service.connections
        if key not in kinds:
            raise ValueError(
                f"there is no connection {key!r} (known: {', '.join([self.service.oauth.connection, *kinds])})"
            )
        with self.store.transaction():
            return kinds[key](self.store)

    def under_way(self, request: Request) -> AbstractContextManager[bool]:
        """For as long as the answer to a request takes: whether there was room for it beside others."""
        return self.limiter.under_way(self.tokens.look_up(request.bearer() or ""))

    def answer(self, request: Request, fault: Fault, has_room: bool = True) -> Reply:
        """The reply to one request, as far as it is no matter of the connection."""
        started = time.perf_counter()
        reply = fault.replace_reply(self.service.refuse, self.clock.now())
        if not (reply or has_room):
            reply = self.service.refuse(429, "Too many requests at once.")
        reply = reply or self._answer_unfaulted(request, fault)
        reply = fault.spoil(self._finish(request, reply))
        self._remember(request, reply, fault, time.perf_counter() - started)
        return reply

    def _answer_unfaulted(self, request: Request, fault: Fault) -> Reply:
        if fault.expired_token:
            with self.store.transaction():
                self.tokens.expire(request.bearer() or "")
        try:
            with self.store.transaction():
                return self._serve(replace(request, quirks=fault.quirks))
        except Refused as refused:
            return refused.reply
        except (TooMuch, RecursionError, OverflowError):  # of what was sent, not a defect of ours
            return self.service.refuse(400, "The request asks for too much at once.")
        except Exception:  # whatever a handler did not foresee: the vendor's own defects look no different
            LOG.exception("The sandbox failed at %s %s.", request.method, request.path)
            return self.service.refuse(500, "The sandbox failed at this request; its log says where.")

    def _serve(self, request: Request) -> Reply:
        route, params = self.router.find(request.method, request.path)
        if route and route.open:
            return route.handler(replace(request, params=params))
        self.service.check(request)
        token = self.tokens.find(request.bearer() or "")
        if token is None:
            raise self._refusal(401, "The access token is missing, unknown or has expired.")
        if not self.limiter.allows(request, token):
            raise self._refusal(429, "Too many requests.")
        if route is None:
            raise self._refusal(405 if self.router.knows(request.path) else 404, "There is nothing at this path.")
        if route.scope and not self.service.oauth.covers(token.scopes, route.scope):
            raise self._refusal(403, f"The token lacks the scope {route.scope}.")
        return route.handler(replace(request, params=params, token=token))

    def _refusal(self, status: int, detail: str) -> Refused:
        return Refused(self.service.refuse(status, detail))

    def _finish(self, request: Request, reply: Reply) -> Reply:
        route, _ = self.router.find(request.method, request.path)
        budget = {} if route and route.open else self.limiter.headers(self.tokens.look_up(request.bearer() or ""))
        told = {**budget, "Date": formatdate(self.clock.now(), usegmt=True)}
        return self.service.finish(request, reply.with_headers(told))

    def _remember(self, request: Request, reply: Reply, fault: Fault, seconds: float) -> None:
        self.requests.append(
            {
                "time": self.clock.now(),
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "headers": dict(request.headers),
                "body": request.body[:SHOWN].decode("utf-8", "replace"),
                "status": None if fault.drop else reply.status,
                "faults": fault.names(),
                "seconds": seconds,
            }
        )

    def _find_user(self, user: int | str | None) -> int:
        users = self.service.users(self.store)
        if user is None:
            return users[0].id
        named = [known.id for known in users if str(user) in (str(known.id), known.email)]
        if not named:
            raise ValueError(f"there is no user {user!r}")
        return named[0]

    def _fill(self, seed: int) -> None:
        filled = self.store.collection("sandbox_seeds")
        if filled.count():
            return  # a state file that an earlier run has filled
        with self.store.transaction():
            self.service.seed(self.store, self.clock, seed)
            filled.insert({"seed": seed})


class Router:
    """Finds the route of a request, the first that fits."""

    def __init__(self, routes: Sequence[Route], suffix: str = "") -> None:
        self._suffix = suffix
        self._routes = [(compile_path(route.path)[0], route) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str]]:
        wanted = "GET" if method == "HEAD" else method
        for route, params in self._match(path):
            if route.method == wanted:
                return route, params
        return None, {}

    def knows(self, path: str) -> bool:
        """Whether the path is served by another method."""
        return any(True for _ in self._match(path))

    def _match(self, path: str) -> Iterator[tuple[Route, dict[str, str]]]:
        for pattern, route in self._routes:
            match = pattern.fullmatch(path.removesuffix(self._suffix))
            if match:
                yield route, match.groupdict()
