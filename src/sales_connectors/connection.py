"""A connection, opened: its fields checked, its service described by the component, its pipe laid.

``{key, fields, token}`` came with the call, or is kept in the store under a name.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .clock import Clock
from .errors import InvalidInput
from .inputs import accepted
from .picklists import Cache
from .register import Component, Form
from .service import Service

if TYPE_CHECKING:
    from .auth.tokens import TokenSource
    from .store import Store
    from .transport.pipe import Pipe
    from .transport.redact import Redactor

ADDRESSES = ("apiUrl", "authorizeUrl", "tokenUrl")
PARTS = ("key", "fields", "token", "name", "component")


@dataclass(frozen=True)
class Opened:
    """A connection that is ready to be used; it may be shared among threads and lives as long as its pipe."""

    component: Component
    key: str
    name: str
    """What it is called in messages: its kept name, or ``(given)``."""
    identity: str
    """Whose rate budget and journal it uses."""
    lasting: bool
    """Whether the identity stays the same when the token is refreshed, so that another process finds its journal."""
    service: Service
    pipe: "Pipe"
    tokens: "TokenSource"
    picked: Cache
    """Options that were read a moment ago."""


def checked(component: Component, given: Mapping[str, Any]) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
    """The kind, fields and token of a connection that came with the call."""
    if not isinstance(given, Mapping):
        raise InvalidInput("A connection is the name of a kept one, or {key, fields, token}", code="invalid_connection")
    unknown = [name for name in given if name not in PARTS]
    if unknown:
        raise InvalidInput(
            f"A connection is {{key, fields, token}}; {', '.join(map(str, unknown))} is not known",
            code="invalid_connection",
            fields=[{"path": f"/{name}", "message": "is not known"} for name in unknown],
        )
    if not isinstance(given.get("name"), str | None):
        raise InvalidInput(
            "The name of a connection is text",
            code="invalid_connection",
            fields=[{"path": "/name", "message": "must be text"}],
        )
    key = str(given.get("key") or next(iter(component.connections)))
    component.entry("connections", key)
    fields = accepted(component.form(key), given.get("fields"), f"connection {key}")
    for name in ADDRESSES:
        if name in fields:
            _check_address(name, fields[name])
    return key, fields, _token(given.get("token"))


def service_of(component: Component, key: str, fields: Mapping[str, Any]) -> Service:
    entry = component.entry("connections", key)
    service: Service = component.handler(entry)(fields)
    return service


def open_connection(
    component: Component,
    key: str,
    fields: Mapping[str, Any],
    tokens: "TokenSource",
    *,
    name: str,
    known_as: str | None = None,
    store: "Callable[[], Store]",
    clock: Clock,
    random: Callable[[], float],
) -> Opened:
    """Lay the pipe of a connection; nothing is sent.  ``known_as`` is what the caller calls a connection of its own."""
    from .transport.pipe import Pipe

    service = service_of(component, key, fields)
    token = tokens.current() or {}
    identity = _identity(component.key, name, known_as, fields, token)
    lasting = name != GIVEN or bool(known_as) or not token.get("refresh_token")
    pipe = Pipe(
        service=service,
        tokens=tokens,
        identity=identity,
        rate=float(fields.get("rateLimit", service.rate)),
        budget=lambda: store().budget,
        clock=clock,
        random=random,
        redactor_of=lambda used: _redactor(component.form(key), fields, [*used, tokens.current() or {}]),
    )
    return Opened(component, key, name, identity, lasting, service, pipe, tokens, Cache(clock))


def _token(given: Any) -> dict[str, Any] | None:
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


def _check_address(name: str, url: str) -> None:
    """An address whose fault would otherwise show up as a strange reply."""
    from .transport.attempt import is_loopback

    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine or parts.username or any(sign.isspace() for sign in url):
        raise _wrong_address(name, "must be an address such as https://api.example.com")
    if name == "apiUrl" and (parts.path.strip("/") or parts.query or parts.fragment):
        raise _wrong_address(name, "must be scheme, host and port without a path")
    if parts.scheme == "http" and not is_loopback(url):
        raise _wrong_address(name, "must use https; http is accepted on this machine only")


def _wrong_address(name: str, message: str) -> InvalidInput:
    return InvalidInput(
        f"{name} {message}",
        code="invalid_connection",
        fix="maintainer",
        fields=[{"path": f"/fields/{name}", "message": message}],
    )


def _identity(
    component: str, name: str, known_as: str | None, fields: Mapping[str, Any], token: Mapping[str, Any]
) -> str:
    """A connection is known by its name; one that came with the call and has none by its token, hashed."""
    if name != GIVEN:
        return f"{component}/{name}"
    if known_as:
        return f"{component}/{GIVEN}{known_as} at {fields.get('apiUrl')}"
    secret = token.get("access_token") or fields.get("apiKey") or fields.get("clientId") or ""
    digest = hashlib.sha256(f"{component}|{fields.get('apiUrl')}|{secret}".encode()).hexdigest()
    return f"{component}/{GIVEN}{digest[:32]}"


GIVEN = "(given)"


def _redactor(form: Form, fields: Mapping[str, Any], tokens: Iterable[Mapping[str, Any]]) -> "Redactor":
    """Hides what the form calls secret, what is named like a secret, and every token."""
    from .transport.redact import Redactor, secrets_of

    marked = [str(fields[name]) for name, spec in form.properties.items() if spec.get("writeOnly") and name in fields]
    return Redactor([*marked, *secrets_of(fields), *secrets_of(list(tokens))])
