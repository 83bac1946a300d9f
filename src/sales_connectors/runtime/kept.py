"""Connections that are kept under a name: made, signed in to, tested, renamed and removed.

What only a person can do, typing a secret and consenting in a browser, belongs to the door that talks to them.  A
sign-in that was begun waits sealed in the store, so that any process may take the browser's answer.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from ..auth.errand import wait_for_errands
from ..errors import (
    ConfigurationError,
    Conflict,
    InvalidInput,
    InvalidResponse,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    SalesError,
    Unavailable,
)
from ..manifest import Component, load_component
from ..manifest.describe import describe_entry
from ..options import Options
from ..sdk import OAuth
from .accounts import Account, identify_account, name_account
from .connections import ConnectionPool, OpenConnection, build_service, parse_connection
from .error_context import error_context, forgetful

if TYPE_CHECKING:
    from ..auth.tokens import TokenRow
    from ..store import Store, StoredConnection

Token = Mapping[str, Any]

IDLE_SECONDS = 30 * 86_400.0
"""A connection that was not used for so long is one to ask about."""
DEAD_TOKEN_ERRORS = ("invalid_grant", "invalid_token", "unsupported_token_type")
"""What a service says of a token that it does not know, or not any more; whether that is true is seen afterwards."""


@dataclass(frozen=True)
class ConnectionDraft:
    """A connection that is to be kept, as far as it is known."""

    component: Component
    name: str
    key: str
    """The kind of connection."""
    fields: Mapping[str, Any] = field(repr=False)

    @forgetful
    def with_fields(self, fields: Mapping[str, Any]) -> "ConnectionDraft":
        """With these fields over its own."""
        return replace(self, fields={**self.fields, **fields})

    @property
    @forgetful
    def oauth(self) -> OAuth | None:
        """How a token is got; None where the fields themselves sign.  InvalidInput where the fields do not fit."""
        parsed = parse_connection(self.component, {"key": self.key, "fields": self.fields})
        return build_service(self.component, self.key, parsed.fields).oauth

    @forgetful
    def check_client(self) -> None:
        """Refuse to sign in without a client that is registered with the vendor."""
        oauth = self.oauth
        if oauth is not None and not oauth.client_id:
            raise InvalidInput(
                "A sign-in needs the client id of an application that is registered with the vendor:"
                f" --field {oauth.client_field}=…. With an access token at hand, use --token",
                code="no_client",
                fields=[{"path": f"/fields/{oauth.client_field}", "message": "is missing"}],
            )

    @property
    def missing_secrets(self) -> dict[str, str]:
        """The secret fields that nobody has given yet, by name, with their titles."""
        properties = self.component.form(self.key).properties
        return {
            name: str(spec.get("title", name))
            for name, spec in properties.items()
            if spec.get("writeOnly") and not self.fields.get(name)
        }

    @property
    def required_secrets(self) -> dict[str, str]:
        """Those of them without which there is no such connection."""
        required = self.component.form(self.key).schema.get("required", ())
        return {name: title for name, title in self.missing_secrets.items() if name in required}


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
            before = self._find(found, name)
            key = _choose_kind(found, kind, grant, before)
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
        from ..store.connections import hash_pair

        with error_context(draft.component.key, None, draft.name):
            before = self._find(draft.component, draft.name)
            began_with, token = hash_pair(token), _find_successor(draft, token, before)
            # the test may spend the only pair, so that the store must take another one
            self._store().connections.prove_writable()
            given = {"key": draft.key, "fields": draft.fields, "token": token}
            opened = self._connections.open(draft.component, given)
            renewed: list[Token] = []
            try:
                account = self._whoami(draft.component.key, opened, Options(on_token=renewed.append))
            except BaseException as error:
                if isinstance(error, SalesError):
                    error.connection = draft.name  # it was tested under no name
                wait_for_errands()
                if self._is_worth_keeping(error, before, bool(renewed)):
                    self._save(draft, opened.tokens.get_token(), before, Account(), began_with)
                raise
            finally:
                opened.close()
            whose = Account(identify_account(opened, account), name_account(account, draft.component.envelope))
            self._save(draft, opened.tokens.get_token(), before, whose, began_with)
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

        return fetch_client_token(_demand_oauth(draft))

    # --- signing in -----------------------------------------------------------------------------

    @forgetful
    def begin_sign_in(self, draft: ConnectionDraft, redirect_uri: str | None = None) -> str:
        """The address to open in a browser.  It is good for ten minutes; whoever gets the browser's answer finishes."""
        from ..auth.oauth2 import begin_sign_in

        draft.check_client()
        begun = begin_sign_in(_demand_oauth(draft), redirect_uri)
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
            token = finish_sign_in(_demand_oauth(draft), BegunSignIn(**about["begun"]), redirected_url)
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
        store = self._store()
        kept = store.connections.get(name)
        component = load_component(kept.component)
        with error_context(component.key, None, name), self._holding_token(name) as row:
            given = {"component": component.key, "key": kept.key, "fields": kept.fields}
            oauth = build_service(component, kept.key, parse_connection(component, given).fields).oauth
            if oauth is None or not oauth.revoke_url:
                raise InvalidInput(
                    f"{component.label} has no call that ends a token. Take the access away in the account itself,"
                    f" then: sales-connectors connections remove {name}",
                    code="no_revocation",
                    fix="end_user",
                )
            token = row.token or {}
            _end_token(oauth, token)
            if self._takes_access(component, kept, token) or self._takes_refresh(oauth, name, row):
                raise InvalidResponse(
                    f"{component.label} answered that it ended the token of {name!r}, and still takes it. The"
                    " connection is kept; take the access away in the account itself",
                    code="token_still_works",
                )
            store.connections.remove(name)

    @contextmanager
    def _holding_token(self, name: str) -> "Iterator[TokenRow]":
        """The token, while nobody else may get the next one."""
        from ..auth.tokens import REFRESH_LEASE_SECONDS

        tokens = self._store().tokens
        row = tokens.read(name)
        owner = tokens.claim(name, row, REFRESH_LEASE_SECONDS, despite_rest=True) if row.sign_in is None else ""
        if owner is None:
            raise Unavailable(
                f"The token of {name!r} is being refreshed at this moment. Try again in a minute",
                code="busy",
                fix="builder",
            )
        try:
            yield row
        finally:
            tokens.release(name, row.version, owner)

    def _takes_access(self, component: Component, kept: "StoredConnection", token: Token) -> bool:
        """Whether the service still takes an access token."""
        if not token.get("access_token"):
            return False
        alone = {"access_token": token["access_token"]}  # with nothing to get another one by
        given = {"component": component.key, "key": kept.key, "fields": kept.fields, "token": alone}
        opened = self._connections.open(component, given)
        try:
            self._whoami(component.key, opened, Options())
        except NotAuthenticated:
            return False
        except NotAllowed:
            return True
        finally:
            opened.close()
        return True

    def _takes_refresh(self, oauth: OAuth, name: str, row: "TokenRow") -> bool:
        """Whether the service still takes a refresh token; the pair that it gives for one must not be lost."""
        from ..auth.oauth2 import renew
        from ..auth.tokens import build_next_token

        if not (row.token or {}).get("refresh_token"):
            return False
        store = self._store()
        asked_at = store.clock.now()
        try:
            reply = renew(oauth, row.token or {})
        except NotAuthenticated as error:
            if error.fix != "end_user":
                raise
            return False
        store.tokens.keep(name, row.version, build_next_token(row.token, reply, asked_at))
        return True

    def _find(self, component: Component, name: str) -> "StoredConnection | None":
        """The connection that has the name already, if it is the component's."""
        try:
            kept = self._store().connections.get(name)
        except NotFound:
            return None
        if kept.component != component.key:
            raise Conflict(
                f"{name!r} is a connection to {kept.component}. Choose another name, or remove it first:"
                f" sales-connectors connections remove {name}",
                code="name_taken",
            )
        return kept

    def _save(
        self,
        draft: ConnectionDraft,
        token: Token | None,
        before: "StoredConnection | None",
        account: Account,
        began_with: str | None,
    ) -> None:
        """Keep a connection in the place of what has the name; never an older token in the place of its successor."""
        from ..auth.tokens import MAX_KEEP_SECONDS, MAX_REFRESH_POLL_SECONDS

        clock = self._store().clock
        ends = clock.monotonic() + MAX_KEEP_SECONDS
        while True:
            try:
                if self._try_save(draft, token, before, account, began_with):
                    return
            except ConfigurationError:  # the store cannot take what may be the only copy; it may be able to in a moment
                if clock.monotonic() >= ends:
                    raise
                clock.sleep(MAX_REFRESH_POLL_SECONDS)

    def _try_save(
        self,
        draft: ConnectionDraft,
        token: Token | None,
        before: "StoredConnection | None",
        account: Account,
        began_with: str | None,
    ) -> bool:
        now = self._find(draft.component, draft.name)
        if now and before and now.version != before.version and _is_same_pair(token, before.token):
            token = now.token  # another process has refreshed it meanwhile
        connection = {"key": draft.key, "fields": draft.fields, "token": token}
        version = now.version if now else None
        table = self._store().connections
        return table.save(
            draft.name,
            draft.component.key,
            connection,
            account=account.identity,
            account_name=account.name,
            began_with=began_with,
            expected=version,
        )


def _find_successor(draft: ConnectionDraft, token: Token | None, before: "StoredConnection | None") -> Token | None:
    """The token that follows from the given one in the connection that has the name: the given one is spent by then.

    Whoever starts a program anew, with the file that it began with, hands over such a one.
    """
    from ..store.connections import hash_pair

    if before is None or before.key != draft.key or before.sign_in is not None or before.began_with is None:
        return token
    return before.token if before.began_with == hash_pair(token) else token


def _is_same_pair(one: Token | None, other: Token | None) -> bool:
    parts = ("access_token", "refresh_token")
    return bool(one and other) and [(one or {}).get(part) for part in parts] == [
        (other or {}).get(part) for part in parts
    ]


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


def _end_token(oauth: OAuth, token: Token) -> None:
    """Ask the service to end both halves of a pair."""
    from ..auth.oauth2 import revoke

    for kind in ("refresh_token", "access_token"):
        if token.get(kind):
            try:
                revoke(oauth, {kind: token[kind]})
            except NotAuthenticated as error:
                if error.code not in DEAD_TOKEN_ERRORS:
                    raise


def _choose_kind(component: Component, kind: str | None, grant: str | None, before: "StoredConnection | None") -> str:
    if kind is not None:
        return component.entry("connections", kind).key
    if grant is None:
        return before.key if before else next(iter(component.connections))
    for key in component.connections:
        if _get_grant(component, key) == grant:
            return key
    raise InvalidInput(f"{component.key} has no connection with the grant {grant}", code="no_such_grant")


def _parse_state(redirected_url: str) -> str | None:
    """Which sign-in the browser comes back from; None where the address does not say."""
    try:
        return parse_qs(urlsplit(redirected_url.strip()).query).get("state", [None])[0]
    except (AttributeError, TypeError, ValueError):  # no text, or no address
        return None


def _get_grant(component: Component, key: str) -> str | None:
    form = component.form(key)
    required = {name: form.properties[name].get("examples", [""])[0] for name in form.schema.get("required", ())}
    oauth = build_service(component, key, {**required, **form.defaults}).oauth
    return oauth.grant if oauth else None


def _demand_oauth(draft: ConnectionDraft) -> OAuth:
    oauth = draft.oauth
    if oauth is None:
        raise InvalidInput(
            f"Nobody signs in to {draft.component.key} with the connection {draft.key}", code="no_sign_in"
        )
    return oauth


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
