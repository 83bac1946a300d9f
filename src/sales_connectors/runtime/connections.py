"""Connections: parsed and checked, opened, and kept open for the next call.

``{key, fields, token}`` came with the call, or is kept in the store under a name.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..addresses import check_address
from ..clock import Clock
from ..errors import InvalidInput, SalesError, quote_value
from ..fork import reset_in_children
from ..inputs import accept_inputs
from ..manifest import Component, Form, load_component
from ..sdk import Service
from ..unicode import can_be_kept

if TYPE_CHECKING:
    from ..auth.tokens import TokenSource
    from ..store import Store
    from ..transport.session import Session
    from .picklists import OptionCache

ADDRESS_FIELDS = ("apiUrl", "authorizeUrl", "tokenUrl")
CONNECTION_PARTS = ("key", "fields", "token", "name", "component")
GIVEN_NAME = "(given)"
"""What a connection is called in messages that came with the call."""
USE_PAUSE_SECONDS = 3600.0
"""How often the store hears that a connection is used."""
MAX_OPEN_CONNECTIONS = 64
"""How many connections stay open, so that the next call with the same one finds its sockets."""

OnToken = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True)
class OpenConnection:
    """A connection that is ready to be used; it may be shared among threads and lives as long as its session."""

    component: Component
    """Whose service it reaches."""
    key: str
    name: str
    """What it is called in messages: its kept name, or ``(given)``."""
    identity: str
    """Whose rate budget and journal it uses."""
    is_lasting: bool
    """Whether the identity stays the same when the token is refreshed, so that another process finds its journal."""
    service: Service
    session: "Session"
    tokens: "TokenSource"
    clock: Clock

    @cached_property
    def option_cache(self) -> "OptionCache":
        """Options of picklists that were read a moment ago."""
        from .picklists import OptionCache

        return OptionCache(self.clock)

    def close(self) -> None:
        """Give the pooled sockets back; the next request opens others."""
        self.session.close()


Connection = str | Mapping[str, Any] | OpenConnection | None
"""The name of a kept connection, ``{key, fields, token}``, or one that is open already."""


@dataclass(frozen=True)
class ParsedConnection:
    """A connection whose parts are known to be sound."""

    component: Component
    key: str
    fields: dict[str, Any]
    token: dict[str, Any] | None
    name: str | None = None
    """What the caller calls a connection of its own."""


def parse_connection(component: Component, given: Mapping[str, Any]) -> ParsedConnection:
    """``{key, fields, token, name}`` as it came with the call; InvalidInput names the part that is wrong."""
    if not isinstance(given, Mapping):
        raise InvalidInput("A connection is the name of a kept one, or {key, fields, token}", code="invalid_connection")
    unknown = [name for name in given if name not in CONNECTION_PARTS]
    if unknown:
        raise InvalidInput(
            f"A connection is {{key, fields, token}}; {', '.join(map(str, unknown))} is not known",
            code="invalid_connection",
            fields=[{"path": f"/{name}", "message": "is not known"} for name in unknown],
        )
    name = given.get("name")
    if not isinstance(name, str | None) or (name and not can_be_kept(name)):
        raise InvalidInput(
            "The name of a connection is text",
            code="invalid_connection",
            fields=[{"path": "/name", "message": "must be text"}],
        )
    component = _find_component(component, given.get("component"))
    key = str(given.get("key") or next(iter(component.connections)))
    component.entry("connections", key)
    fields = accept_inputs(component.form(key), given.get("fields"), f"connection {key}")
    for field in ADDRESS_FIELDS:
        if field in fields:
            check_address(fields[field], field, with_path=field != "apiUrl")
    return ParsedConnection(component, key, fields, _parse_token(given.get("token")), name)


def _find_component(component: Component, wanted: Any) -> Component:
    """Whose service a connection reaches: the component's own, or for one that has none the one that is named."""
    if component.connections:
        return component
    if not isinstance(wanted, str):
        message = f"{component.key} works over connections of other components; say whose: {{component, key, fields}}"
        raise InvalidInput(
            message, code="invalid_connection", fields=[{"path": "/component", "message": "is required"}]
        )
    return load_component(wanted)


def build_service(component: Component, key: str, fields: Mapping[str, Any]) -> Service:
    """What the component's connection says of its vendor, with these fields."""
    entry = component.entry("connections", key)
    service: Service = component.handler(entry)(fields)
    return service


class ConnectionPool:
    """Opens connections, and keeps those open that the next call will use again."""

    def __init__(self, store: "Callable[[], Store]", clock: Clock, random: Callable[[], float]) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._open: dict[str, OpenConnection] = {}
        self._uses: dict[str, float] = {}
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._opening = Lock()

    def open(
        self,
        component: Component,
        connection: Connection,
        *,
        tokens: "TokenSource | None" = None,
        on_token: OnToken | None = None,
    ) -> OpenConnection:
        """An open connection from its name, from ``{key, fields, token}``, or as it is."""
        if on_token is not None and not callable(on_token):
            message = f"must be a function, not {quote_value(on_token)}"
            raise InvalidInput(
                f"on_token {message}", code="invalid_option", fields=[{"path": "/onToken", "message": message}]
            )
        if isinstance(connection, OpenConnection):
            return connection
        if isinstance(connection, str):
            key = f"kept|{component.key}|{connection}"
            opened = self._reuse(key, lambda: self._open_stored(component, connection))
            self._note_use(connection)
            return opened
        if connection is None:
            raise InvalidInput(
                f"{component.key} needs a connection: the name of a kept one, or {{key, fields, token}}",
                code="no_connection",
            )
        if tokens is not None or on_token is not None or not isinstance(connection, Mapping):
            return self._open_given(component, connection, tokens, on_token)
        try:
            fingerprint = json.dumps([component.key, sorted(connection.items(), key=str)], default=str, skipkeys=True)
        except (ValueError, RecursionError):
            raise InvalidInput("The connection holds what JSON cannot carry", code="invalid_connection") from None
        return self._reuse(fingerprint, lambda: self._open_given(component, connection, None, None))

    def close(self) -> None:
        """Give all sockets back."""
        with self._opening:
            while self._open:
                self._open.popitem()[1].close()

    def _note_use(self, name: str) -> None:
        """Let the store know that somebody uses a connection: once an hour, and no call fails for it."""
        now = self._clock.monotonic()
        if now - self._uses.get(name, -math.inf) >= USE_PAUSE_SECONDS:
            self._uses[name] = now
            with suppress(SalesError):
                self._store().connections.note_use(name)

    def _reuse(self, key: str, open_it: Callable[[], OpenConnection]) -> OpenConnection:
        """The connection that is open under this key: one for all threads, or each would refresh its token."""
        with self._opening:
            opened = self._open.pop(key, None) or open_it()
            if len(self._open) >= MAX_OPEN_CONNECTIONS:
                self._open.pop(next(iter(self._open))).close()
            self._open[key] = opened  # at the end: the one that was used longest ago goes first
            return opened

    def _open_given(
        self,
        component: Component,
        connection: Mapping[str, Any],
        tokens: "TokenSource | None",
        on_token: OnToken | None,
    ) -> OpenConnection:
        from ..auth.tokens import InlineTokens

        parsed = parse_connection(component, connection)
        return self._open_parsed(parsed, tokens or InlineTokens(parsed.token, on_token, clock=self._clock), GIVEN_NAME)

    def _open_stored(self, component: Component, name: str) -> OpenConnection:
        from ..auth.tokens import StoredTokens

        store = self._store()
        kept = store.connections.get(name)
        if component.connections and kept.component != component.key:
            raise InvalidInput(
                f"The connection {name!r} belongs to {kept.component}, not to {component.key}", code="wrong_connection"
            )
        given = {"component": kept.component, "key": kept.key, "fields": kept.fields}
        return self._open_parsed(
            parse_connection(component, given), StoredTokens(store.tokens, name, clock=store.clock), name
        )

    def _open_parsed(self, parsed: ParsedConnection, tokens: "TokenSource", name: str) -> OpenConnection:
        """Lay the way of a connection's requests; nothing is sent."""
        from ..auth.credentials import Credentials
        from ..transport.redact import Redactor, find_secrets
        from ..transport.session import Session

        component, fields, clock = parsed.component, parsed.fields, self._clock
        service = build_service(component, parsed.key, fields)
        token = tokens.get_token() or {}
        identity = _derive_identity(parsed, name, token)
        form = component.form(parsed.key)

        def list_secrets(used: Iterable[Mapping[str, Any]] = ()) -> list[str]:
            """What the form calls secret, what is named like a secret, and every token."""
            tokens_seen = [*used, tokens.get_token() or {}]
            return [*_list_secret_fields(form, fields), *find_secrets(fields), *find_secrets(tokens_seen)]

        session = Session(
            service=service,
            credentials=Credentials(service.oauth, tokens, clock, list_secrets),
            envelope=component.envelope,
            identity=identity,
            rate=float(fields.get("rateLimit", service.rate)),
            budget=lambda: self._store().rate_limiter,
            clock=clock,
            random=self._random,
            redactor_of=lambda used: Redactor(list_secrets(used)),
        )
        lasting = name != GIVEN_NAME or bool(parsed.name) or not token.get("refresh_token")
        return OpenConnection(component, parsed.key, name, identity, lasting, service, session, tokens, clock)


def _parse_token(given: Any) -> dict[str, Any] | None:
    """The token as an object; the space around a pasted one is dropped."""
    token = {"access_token": given} if isinstance(given, str) else given or {}
    access = token.get("access_token") if isinstance(token, Mapping) else 0
    if not isinstance(access, str | None):
        raise InvalidInput(
            "The token of a connection is an object with an access_token",
            code="invalid_connection",
            fields=[{"path": "/token", "message": "must be an object with an access_token"}],
        )
    return ({**token, "access_token": access.strip()} if access else dict(token)) or None


def identify_kept(component: str, name: str) -> str:
    """Whose budget and journal a kept connection uses."""
    return f"{component}/{name}"


def _derive_identity(parsed: ParsedConnection, name: str, token: Mapping[str, Any]) -> str:
    """A connection is known by its name; one that came with the call and has none by its secrets, hashed."""
    component, fields = parsed.component, parsed.fields
    if name != GIVEN_NAME:
        return identify_kept(component.key, name)
    if parsed.name:
        return f"{component.key}/{GIVEN_NAME}{parsed.name} at {fields.get('apiUrl')}"
    secret = token.get("access_token") or fields.get("clientId")
    if not secret:
        secret = next(iter(_list_secret_fields(component.form(parsed.key), fields)), "")
    told = f"{component.key}|{fields.get('apiUrl')}|{secret}".encode("utf-8", "surrogatepass")
    return f"{component.key}/{GIVEN_NAME}{hashlib.sha256(told).hexdigest()[:32]}"


def _list_secret_fields(form: Form, fields: Mapping[str, Any]) -> list[str]:
    return [str(fields[name]) for name, spec in form.properties.items() if spec.get("writeOnly") and name in fields]
