"""Connections that are kept under a name: made, signed in to, tested, renamed and removed.

What only a person can do, typing a secret and consenting in a browser, belongs to the door that talks to them.  A
sign-in that was begun waits sealed in the store, so that any process may take the browser's answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from ..auth.errand import wait_for_errands
from ..auth.tokens import Token
from ..errors import InvalidInput, NotAuthenticated, SalesError
from ..manifest import Component, load_component
from ..manifest.describe import describe_entry
from ..options import Options
from .accounts import Account, identify_account, name_account
from .connections import ConnectionPool, OpenConnection, build_service
from .drafts import ConnectionDraft, find_kept
from .error_context import error_context, forgetful
from .given import parse_connection
from .replacement import Replacement

if TYPE_CHECKING:
    from ..store import Store, StoredConnection

IDLE_SECONDS = 30 * 86_400.0
"""A connection that was not used for so long is one to ask about."""


class KeptConnections:
    """What every door does with connections that are kept."""

    def __init__(
        self,
        store: "Callable[[], Store]",
        connections: ConnectionPool,
        whoami: Callable[[str, OpenConnection, Options], Any],
    ) -> None:
        self._store, self._connections, self._whoami = store, connections, whoami

    @forgetful
    def describe(self) -> list[dict[str, Any]]:
        """Every kept connection, without its secrets."""
        store = self._store()
        everything = store.connections.list_all()
        return [_describe(kept, everything, store.clock.now()) for kept in everything]

    def describe_kinds(self, component: str) -> list[dict[str, Any]]:
        """The kinds of connection of a component: their forms, and the OAuth ``grant`` of each; None without OAuth."""
        found = load_component(component)
        return [
            {**describe_entry(found, entry), "grant": _get_grant(found, key)}
            for key, entry in found.connections.items()
        ]

    # --- making one -----------------------------------------------------------------------------

    @forgetful
    def draft(
        self,
        component: str,
        name: str,
        *,
        kind: str | None = None,
        grant: str | None = None,
        fields: Mapping[str, Any] | None = None,
    ) -> ConnectionDraft:
        """Begin with a connection; of one that is kept under this name already, its fields need not be given again.

        Its kind is named, found by its grant, the one before, or the component's first.  Conflict where the name is
        that of another component's connection.
        """
        with error_context(component, None, name):
            found = _load_connectable(component)
            before = find_kept(self._store(), found, name)
            key = _choose_kind(found, kind, grant, before.key if before else None)
            if not isinstance(fields, Mapping | None):
                raise InvalidInput(
                    "The fields of a connection are an object",
                    code="invalid_connection",
                    fields=[{"path": "/fields", "message": "must be an object"}],
                )
            known = before.fields if before and before.key == key else {}
            return ConnectionDraft(found, name, key, {**known, **(fields or {})})

    @forgetful
    def keep(self, draft: ConnectionDraft, token: Token | None) -> dict[str, Any]:
        """Test a connection and keep it: ``{"connection": {name, component, key}, "account": …}``.

        Where the connection that has the name began with this very token, it goes on with what has followed from that.
        It is kept once it has passed.  One that has not is kept in two cases: where no good one has the name, unless
        the service refuses it, and where its token was refreshed meanwhile, since the one before is spent.  The error
        is raised in any case.
        """
        with error_context(draft.component.key, None, draft.name):
            store = self._store()
            before = find_kept(store, draft.component, draft.name)
            replacement = Replacement(store, draft, token, before)
            # the test may spend the only pair, so that the store must take another one
            store.connections.prove_writable()
            given = {"key": draft.key, "fields": draft.fields, "token": replacement.find_token()}
            opened = self._connections.open(draft.component, given)
            renewed: list[Token] = []
            try:
                account = self._whoami(draft.component.key, opened, Options(on_token=renewed.append))
            except BaseException as error:
                if isinstance(error, SalesError):
                    error.connection = draft.name  # it was tested under no name
                wait_for_errands()
                if self._is_worth_keeping(error, before, bool(renewed)):
                    replacement.save(opened.tokens.get_token(), Account())
                    if isinstance(error, SalesError):
                        again = f"sales-connectors connections test {draft.name}"
                        error.message += f". The connection is kept all the same; to try it again: {again}"
                raise
            finally:
                opened.close()
            whose = Account(identify_account(opened, account), name_account(account, draft.component.envelope))
            replacement.save(opened.tokens.get_token(), whose)
            about = {"name": draft.name, "component": draft.component.key, "key": draft.key}
            return {"connection": about, "account": account}

    @staticmethod
    def _is_worth_keeping(error: BaseException, before: "StoredConnection | None", is_renewed: bool) -> bool:
        """Whether a connection that was not tested to the end is better than what there is."""
        if isinstance(error, NotAuthenticated):
            return False
        return is_renewed or before is None or before.sign_in is not None

    @forgetful
    def keep_given(self, component: str, name: str, connection: Mapping[str, Any]) -> dict[str, Any]:
        """Test a connection that exists elsewhere, ``{key, fields, token}``, and keep it."""
        with error_context(component, None, name):
            found = _load_connectable(component)
            parsed = parse_connection(found, connection)
            return self.keep(ConnectionDraft(found, name, parsed.key, connection.get("fields") or {}), parsed.token)

    @forgetful
    def fetch_token(self, draft: ConnectionDraft) -> Token:
        """The token that the client gets for itself, where the kind of connection has such a grant."""
        from ..auth.oauth2 import fetch_client_token

        return fetch_client_token(draft.demand_oauth())

    # --- signing in -----------------------------------------------------------------------------

    @forgetful
    def begin_sign_in(self, draft: ConnectionDraft, redirect_uri: str | None = None) -> str:
        """The address to open in a browser.  It is good for ten minutes; whoever gets the browser's answer finishes."""
        from ..auth.oauth2 import begin_sign_in

        draft.check_client()
        begun = begin_sign_in(draft.demand_oauth(), redirect_uri)
        about = {"component": draft.component.key, "name": draft.name, "key": draft.key, "fields": dict(draft.fields)}
        self._store().sign_ins.begin({**about, "state": begun.state, "begun": asdict(begun)})
        return begun.url

    @forgetful
    def finish_sign_in(self, redirected_url: str) -> dict[str, Any]:
        """Turn the address that the browser was sent back to into a connection: see :meth:`keep`."""
        from ..auth.oauth2 import BegunSignIn, finish_sign_in

        state = _parse_state(redirected_url)
        if state is None:
            raise NotAuthenticated(
                "This is not the address that the browser was sent back to: it has no code and state",
                code="no_code",
                fix="end_user",
            )
        about = self._store().sign_ins.take(state)
        if about is None:
            raise NotAuthenticated(
                "The browser came back from another sign-in, or from one that was begun too long ago. Begin again",
                code="state_mismatch",
                fix="end_user",
            )
        with error_context(about["component"], None, about["name"]):
            draft = ConnectionDraft(load_component(about["component"]), about["name"], about["key"], about["fields"])
            token = finish_sign_in(draft.demand_oauth(), BegunSignIn(**about["begun"]), redirected_url)
            return self.keep(draft, token)

    # --- looking after them ---------------------------------------------------------------------

    @forgetful
    def test(self, name: str) -> dict[str, Any]:
        """Ask the service whose account a connection belongs to."""
        kept = self._store().connections.get(name)
        component = load_component(kept.component)
        account = self._whoami(kept.component, self._connections.open(component, name), Options())
        self._store().connections.note_account(kept, name_account(account, component.envelope))
        return {"connection": {"name": name, "component": kept.component, "key": kept.key}, "account": account}

    @forgetful
    def find_default(self, component: str) -> str | None:
        """The connection that is meant where none is named: the component's only one, or the one that was made its
        default; None where none is kept.  InvalidInput where it is one of several."""
        known = self._store().connections.list_of(component)
        default = _choose_default(known)
        if known and default is None:
            raise InvalidInput(
                f"{component} has several connections: {', '.join(known)}. Name one with --connection, or make one the"
                " default: sales-connectors connections default NAME",
                code="no_connection",
                fix="builder",
            )
        return default

    @forgetful
    def choose_default(self, name: str) -> str:
        """Let a connection be the one that is meant where none is named; the component whose it is."""
        return self._store().connections.choose_default(name)

    @forgetful
    def rename(self, name: str, new_name: str) -> None:
        """Keep it under another name, and its idempotency keys with it; Conflict where that is taken."""
        self._store().connections.rename(name, new_name)

    @forgetful
    def remove(self, name: str) -> None:
        """Forget a connection and its token."""
        self._store().connections.remove(name)

    @forgetful
    def revoke(self, name: str) -> None:
        """Have the service end the token, see that it has, and forget the connection.

        Where the service has no such call, or still takes the token, nothing is forgotten and the error says so.
        """
        from .revocation import Revocation

        Revocation(self._store(), self._connections, self._whoami).revoke(name)


def _choose_default(known: Mapping[str, bool]) -> str | None:
    """Of the connections of a component the one that is meant where none is named; None where nobody can know."""
    chosen = next((name for name, is_default in known.items() if is_default), None)
    return chosen or (next(iter(known)) if len(known) == 1 else None)


def _load_connectable(key: str) -> Component:
    """The component of that key; InvalidInput where it has no connections that could be kept."""
    found = load_component(key)
    if not found.connections:
        raise InvalidInput(
            f"{key} has no connections of its own: it works over those of other components. Connect to such a"
            f" component, and name that connection when you call {key}",
            code="invalid_connection",
            fields=[{"path": "/component", "message": "has no connections of its own"}],
        )
    return found


def _choose_kind(component: Component, kind: str | None, grant: str | None, before: str | None) -> str:
    if kind is not None:
        return component.entry("connections", kind).key
    if grant is None:
        return before or next(iter(component.connections))
    for key in component.connections:
        if _get_grant(component, key) == grant:
            return key
    raise InvalidInput(f"{component.key} has no connection with the grant {grant}", code="no_such_grant")


def _get_grant(component: Component, key: str) -> str | None:
    form = component.form(key)
    required = {name: form.properties[name].get("examples", [""])[0] for name in form.schema.get("required", ())}
    oauth = build_service(component, key, {**required, **form.defaults}).oauth
    return oauth.grant if oauth else None


def _parse_state(redirected_url: str) -> str | None:
    """Which sign-in the browser comes back from; None where the address does not say."""
    try:
        return parse_qs(urlsplit(redirected_url.strip()).query).get("state", [None])[0]
    except (AttributeError, TypeError, ValueError):  # no text, or no address
        return None


def _describe(kept: "StoredConnection", everything: "list[StoredConnection]", now: float) -> dict[str, Any]:
    try:
        defaults = load_component(kept.component).form(kept.key).defaults
    except SalesError:  # of a component that is no longer installed
        defaults = {}
    of_component = {one.name: bool(one.is_default) for one in everything if one.component == kept.component}
    return {
        "name": kept.name,
        "component": kept.component,
        "key": kept.key,
        "account": kept.account_name,
        "default": kept.name == _choose_default(of_component),
        "apiUrl": kept.fields.get("apiUrl", defaults.get("apiUrl")) if kept.fault is None else None,
        "scopes": _list_scopes(kept),
        "expiresAt": (kept.token or {}).get("expires_at"),
        "createdAt": kept.created_at,
        "usedAt": kept.used_at,
        "idle": now - (kept.used_at or kept.created_at or now) > IDLE_SECONDS,
        "signIn": kept.fault or kept.sign_in,
    }


def _list_scopes(kept: "StoredConnection") -> list[str] | None:
    """What the token may do, as the service said; or else what was asked for.  None where nobody knows."""
    told = (kept.token or {}).get("scope") or kept.fields.get("scopes")
    if isinstance(told, str):
        return told.replace(",", " ").split()
    return [str(scope) for scope in told] if isinstance(told, list) else None
