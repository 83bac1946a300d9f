"""Connections: parsed and checked, opened, and kept open for the next call.

``{key, fields, token}`` came with the call, or is kept in the store under a name.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from ..clock import Clock, limit_wait, limit_waits
from ..errors import ConfigurationError, InvalidInput, SalesError
from ..fork import hold_off_forks, reset_in_children
from ..lazy import cached_property
from ..manifest import Component, Form
from ..manifest.component import demand, demanding
from ..sdk import Request, Service, VendorError
from ..sdk.service import find_service_fault
from .given import ParsedConnection, parse_connection

if TYPE_CHECKING:
    from ..auth.inline_tokens import KnownPairs
    from ..auth.stored_tokens import StoredTokens
    from ..auth.tokens import TokenSource
    from ..store import Store
    from ..transport.session import Session
    from .picklists import OptionCache

GIVEN_NAME = "(given)"
"""What a connection is called in messages that came with the call."""
USE_PAUSE_SECONDS = 3600.0
"""How often the store hears that a connection is used."""
MAX_NOTE_SECONDS = 0.5
"""Seconds that a call waits for a busy store only to have its use written down."""
MAX_OPEN_CONNECTIONS = 64
"""How many connections stay open, so that the next call with the same one finds its sockets."""


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
    is_kept: bool
    """Whether it lies in the store, where it may be changed and removed."""
    is_lasting: bool
    """Whether the identity stays the same when the token is refreshed, so that another process finds its journal."""
    is_named: bool
    """Whether it came with the call and has a name of the caller's choice."""
    service: Service
    session: "Session"
    tokens: "TokenSource"
    clock: Clock
    account: list[str | None] = field(default_factory=list)
    """Whose account the token reaches, once the service was asked for it; None where it does not say."""

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


def build_service(component: Component, key: str, fields: Mapping[str, Any]) -> Service:
    """What the component's connection says of its vendor, with these fields; its functions keep to their word."""
    entry = component.entry("connections", key)
    service = demand(Service, component.handler(entry)(fields), entry.handler)
    fault = find_service_fault(service)
    if fault:
        message = f"The Service that {entry.handler} returned: {fault}"
        raise ConfigurationError(message, code="component", fix="maintainer")
    return replace(
        service,
        sign=demanding(Request, service.sign, f"sign of {entry.handler}"),
        error=demanding(VendorError, service.error, f"error of {entry.handler}"),
    )


def identify_issuer(service: Service) -> tuple[str | None, ...]:
    """Who gave a token, to whom, and for what: what has followed from it is for nobody else."""
    oauth = service.oauth
    return (service.api_url, *((oauth.token_url, oauth.client_id, oauth.revoke_url) if oauth else ()))


@cache
def load_parts() -> None:
    """Import what every call needs, with the first.

    No fork comes in between, whose child would wait for ever for a module that is half there.
    """
    with hold_off_forks():
        from ..auth import credentials, inline_tokens  # noqa: F401 - see above
        from ..transport import client, debug, redact, session  # noqa: F401
        from . import picklists  # noqa: F401


class ConnectionPool:
    """Opens connections, and keeps those open that the next call will use again."""

    def __init__(self, store: "Callable[[], Store]", clock: Clock, random: Callable[[], float]) -> None:
        self._store, self._clock, self._random = store, clock, random
        self._open: dict[str, OpenConnection] = {}
        self._uses: dict[str, float] = {}
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = Lock()

    @cached_property
    def _pairs(self) -> "KnownPairs":
        from ..auth.inline_tokens import KnownPairs

        return KnownPairs(self._clock)

    def open(
        self, component: Component, connection: Connection, *, tokens: "TokenSource | None" = None
    ) -> OpenConnection:
        """An open connection from its name, from ``{key, fields, token}``, or as it is.

        One that is kept is looked up each time: whatever was changed in the store holds from the next call on.
        """
        load_parts()
        if isinstance(connection, OpenConnection):
            if not connection.is_kept:
                return connection
            connection = connection.name
        if isinstance(connection, str):
            opened = self._open_kept(component, connection)
            self._note_use(connection)
            return opened
        if connection is None:
            raise _no_connection_error(component)
        if tokens is not None or not isinstance(connection, Mapping):
            return self._open_given(component, connection, tokens)
        key = _write_canonical(component, connection)
        return self._find(key) or self._share(key, self._open_given(component, connection, None))

    def close(self) -> None:
        """Give all sockets back."""
        with self._lock:
            opened, self._open = self._open, {}
        for each in opened.values():
            each.close()

    def _note_use(self, name: str) -> None:
        """Let the store know that somebody uses a connection: once an hour, and no call fails for it."""
        now = self._clock.monotonic()
        if now - self._uses.get(name, -math.inf) >= USE_PAUSE_SECONDS:
            self._uses[name] = now
            with suppress(SalesError), limit_waits(limit_wait(MAX_NOTE_SECONDS)):
                self._store().connections.note_use(name)

    def _find(self, key: str) -> OpenConnection | None:
        """The connection that is open under this key, at the end: the one that was used longest ago goes first."""
        with self._lock:
            opened = self._open.pop(key, None)
            if opened is not None:
                self._open[key] = opened
            return opened

    def _share(self, key: str, opened: OpenConnection, instead_of: OpenConnection | None = None) -> OpenConnection:
        """Let the next call find it; where another thread was faster, the one that it opened: one for all."""
        closed: list[OpenConnection] = []
        with self._lock:
            other = self._open.pop(key, None)
            if other is not None and other is not instead_of:
                closed, opened = [opened], other
            elif other is not None:
                closed = [other]
            self._open[key] = opened
            if len(self._open) > MAX_OPEN_CONNECTIONS:
                closed.append(self._open.pop(next(iter(self._open))))
        for each in closed:
            each.close()
        return opened

    def _open_kept(self, component: Component, name: str) -> OpenConnection:
        key = f"kept|{name}"
        opened = known = self._find(key)
        if known is None or not cast("StoredTokens", known.tokens).is_current():
            opened = self._share(key, self._open_stored(component, name), known)
        assert opened is not None
        if component.connections and opened.component.key != component.key:
            raise _wrong_connection_error(name, opened.component.key, component)
        return opened

    def _open_given(
        self, component: Component, connection: Mapping[str, Any], tokens: "TokenSource | None"
    ) -> OpenConnection:
        parsed = parse_connection(component, connection)
        service = build_service(parsed.component, parsed.key, parsed.fields)
        if tokens is None:
            tokens = self._pairs.find(identify_issuer(service), parsed.token)
        identity = _derive_identity(parsed, tokens.get_token() or {})
        return self._open_parsed(parsed, service, tokens, GIVEN_NAME, identity)

    def _open_stored(self, component: Component, name: str) -> OpenConnection:
        from ..auth.stored_tokens import StoredTokens
        from ..store.connections import validate_name

        store = self._store()
        row = store.tokens.read(validate_name(name))
        owner, key, fields, journal = row.origin
        if component.connections and owner != component.key:
            raise _wrong_connection_error(name, owner, component)
        parsed = parse_connection(component, {"component": owner, "key": key, "fields": fields})
        service = build_service(parsed.component, parsed.key, parsed.fields)
        tokens = StoredTokens(store.tokens, name, clock=store.clock, row=row)
        return self._open_parsed(parsed, service, tokens, name, journal or f"{owner}/{name}")

    def _open_parsed(
        self, parsed: ParsedConnection, service: Service, tokens: "TokenSource", name: str, identity: str
    ) -> OpenConnection:
        """Lay the way of a connection's requests; nothing is sent."""
        from ..auth.credentials import Credentials
        from ..transport.redact import Redactor, find_secrets
        from ..transport.session import Session

        component, fields, clock = parsed.component, parsed.fields, self._clock
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
        kept, named = name != GIVEN_NAME, name == GIVEN_NAME and bool(parsed.name)
        lasting = kept or named or not (tokens.get_token() or {}).get("refresh_token")
        return OpenConnection(
            component, parsed.key, name, identity, kept, lasting, named, service, session, tokens, clock
        )


def _write_canonical(component: Component, given: Mapping[str, Any]) -> str:
    """What a connection that came with the call is known by: its values, never how something prints."""
    try:
        parts = {str(name): part for name, part in given.items()}
        return json.dumps([component.key, parts], default=_list_parts, skipkeys=True, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        raise InvalidInput("The connection holds what JSON cannot carry", code="invalid_connection") from None


def _list_parts(value: Any) -> Any:
    """A value that JSON has no words for, as its parts; TypeError where it has none that can be seen."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Decimal | date):
        return [type(value).__name__, str(value)]
    raise TypeError(f"{type(value).__name__} is no value")


def _derive_identity(parsed: ParsedConnection, token: Mapping[str, Any]) -> str:
    """A connection that came with the call is known by the name that it has, or else by its secrets, hashed."""
    component, fields = parsed.component, parsed.fields
    if parsed.name:
        return f"{component.key}/{GIVEN_NAME}{parsed.name} at {fields.get('apiUrl')}"
    secret = token.get("access_token") or fields.get("clientId")
    if not secret:
        secret = next(iter(_list_secret_fields(component.form(parsed.key), fields)), "")
    told = f"{component.key}|{fields.get('apiUrl')}|{secret}".encode("utf-8", "surrogatepass")
    return f"{component.key}/{GIVEN_NAME}{hashlib.sha256(told).hexdigest()[:32]}"


def _list_secret_fields(form: Form, fields: Mapping[str, Any]) -> list[str]:
    return [str(fields[name]) for name, spec in form.properties.items() if spec.get("writeOnly") and name in fields]


def _no_connection_error(component: Component) -> InvalidInput:
    message = f"{component.key} needs a connection: the name of a kept one, or {{key, fields, token}}"
    if component.connections:
        message += f". Keep one: sales-connectors connect {component.key} NAME"
    if (component.folder / "sandbox" / "service.py").exists():
        message += f", or without an account: sales-connectors sandbox {component.key} --connect NAME"
    return InvalidInput(message, code="no_connection")


def _wrong_connection_error(name: str, owner: str, component: Component) -> InvalidInput:
    return InvalidInput(f"The connection {name!r} belongs to {owner}, not to {component.key}", code="wrong_connection")
