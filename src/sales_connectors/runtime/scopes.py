"""Scopes: what a sign-in asks for so that some actions work, and what is said where one is missing."""

from collections.abc import Iterable

from ..errors import InvalidInput, NotAllowed
from ..manifest import Component, Entry
from ..sdk import OAuth
from .connections import OpenConnection


def collect_scopes(component: Component, kind: str, actions: Iterable[str]) -> list[str]:
    """The scopes of these actions, and those of the connection test, each once; NotFound where there is no such action.

    InvalidInput where nobody knows which scopes the actions need.
    """
    entries = [component.entry("actions", key) for key in actions]
    needed = [scope for entry in entries for scope in entry.scopes]
    if not needed:
        named = ", ".join(entry.key for entry in entries) or "no action"
        raise _no_scopes_error(f"{component.key} knows of no scope that is needed for {named}")
    return list(dict.fromkeys([*needed, *component.connections[kind].scopes]))


def find_scope_field(component: Component, kind: str, oauth: OAuth | None) -> str | None:
    """The field of a connection that says for which scopes a token is asked; None where its kind asks for none."""
    fields = component.form(kind).properties
    return oauth.scope_field if oauth and oauth.scope_field in fields else None


def demand_scope_field(component: Component, kind: str, oauth: OAuth | None) -> str:
    """That field; InvalidInput where nobody asks for scopes."""
    field = find_scope_field(component, kind, oauth)
    if field is None:
        raise _no_scopes_error(
            f"With the connection {kind} nobody asks {component.label} for scopes: they are chosen there, with the"
            " application or the key"
        )
    return field


def name_missing_scopes(error: Exception, entry: Entry, connection: OpenConnection) -> None:
    """Let an error that refuses a call for want of a scope say which one it needs, and how to get it."""
    # what another action was refused says so already
    if isinstance(error, NotAllowed) and error.action is None and _is_for_scope(error, entry, connection):
        error.message += _advise(entry, connection)


def _is_for_scope(error: NotAllowed, entry: Entry, connection: OpenConnection) -> bool:
    """Whether a scope is missing: as the service says, or, where it gives no reason, by what it told with the token."""
    if error.code in connection.service.scope_codes:
        return True
    told = _list_held(connection) is not None
    return error.code == error.default_code and told and bool(_list_lacking(entry, connection))


def _list_lacking(entry: Entry, connection: OpenConnection) -> list[str]:
    """The scopes of an action that its token is not known to have; what it asks for beside its own is another's."""
    held = _list_held(connection) or []
    return [scope for scope in entry.scopes if scope not in held]


def _list_held(connection: OpenConnection) -> list[str] | None:
    """The scopes that the service told with the token; None where it told none."""
    told = (connection.tokens.get_token() or {}).get("scope")
    return told.replace(",", " ").split() if isinstance(told, str) else None


def _advise(entry: Entry, connection: OpenConnection) -> str:
    component = connection.component
    scopes = " and ".join(_list_lacking(entry, connection))
    needing = "The test of a connection" if entry.section == "connections" else entry.key
    needed = f". {needing} needs the scope {scopes}" if scopes else ""
    if find_scope_field(component, connection.key, connection.service.oauth) is None:
        return f"{needed}. Scopes are chosen at {component.label}, with the application or the key"
    action = entry.key if entry.section == "actions" and scopes else "ACTION"
    kept = connection.name if connection.is_kept else "NAME"
    return (
        f"{needed}. Sign in again for it, naming all actions that are wanted:"
        f" sales-connectors connect {component.key} {kept} --for {action},…"
    )


def _no_scopes_error(message: str) -> InvalidInput:
    return InvalidInput(f"{message}. Leave --for and --read-only out", code="no_scopes")
