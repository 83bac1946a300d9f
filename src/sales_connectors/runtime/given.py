"""Connections as they came with a call, or from a file: read, checked and refused by their parts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..addresses import check_address
from ..errors import InvalidInput
from ..inputs import accept_inputs
from ..manifest import Component, Form, load_component
from ..unicode import can_be_kept, has_lone_surrogates

ADDRESS_FIELDS = ("apiUrl", "authorizeUrl", "tokenUrl")
SCHEME = re.compile("^Bearer +", re.IGNORECASE)
CONNECTION_PARTS = ("key", "fields", "token", "name", "component")


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
    if component.key in unknown:
        raise InvalidInput(
            f"These are the connections of a sandbox, of which {component.key} is one. Keep it:"
            f" sales-connectors connect {component.key} NAME --from @FILE",
            code="invalid_connection",
            fields=[{"path": f"/{component.key}", "message": "is a connection itself"}],
        )
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
    _check_addresses(given.get("fields"))
    fields = _accept_fields(component.form(key), given.get("fields"), f"connection {key}")
    return ParsedConnection(component, key, fields, _parse_token(given.get("token")), name)


def _check_addresses(fields: Any) -> None:
    """Before the form looks at them, whose patterns cannot say what is wrong."""
    given = fields if isinstance(fields, Mapping) else {}
    for name in ADDRESS_FIELDS:
        if isinstance(given.get(name), str) and given[name].strip():
            check_address(given[name].strip(), name, with_path=name != "apiUrl")


def _accept_fields(form: Form, given: Any, what: str) -> dict[str, Any]:
    """The fields of a connection; what is wrong with them is said without quoting them, since any may be a secret."""
    try:
        return accept_inputs(form, given, what)
    except InvalidInput as error:
        from ..transport.redact import Redactor, list_texts, redact_error

        redact_error(error, Redactor(list_texts(given)))
        raise


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


def _parse_token(given: Any) -> dict[str, Any] | None:
    """The token as an object; the space around a pasted one is dropped, and the word before it in a header."""
    token = {"access_token": given} if isinstance(given, str) else given or {}
    access = token.get("access_token") if isinstance(token, Mapping) else 0
    if not isinstance(access, str | None):
        raise InvalidInput(
            "The token of a connection is an object with an access_token",
            code="invalid_connection",
            fields=[{"path": "/token", "message": "must be an object with an access_token"}],
        )
    if any(has_lone_surrogates(text) for text in token.values() if isinstance(text, str)):
        raise InvalidInput(
            "The token holds half a character (a lone surrogate), which no token has. Copy it once more",
            code="invalid_connection",
            fields=[{"path": "/token", "message": "must be text that can be sent"}],
        )
    return ({**token, "access_token": SCHEME.sub("", access.strip())} if access else dict(token)) or None
