"""The end of a kept connection's token, by the service's own call, and the proof that it has ended."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..auth.tokens import Token
from ..errors import InvalidInput, InvalidResponse, NotAllowed, NotAuthenticated, Unavailable
from ..manifest import Component, load_component
from ..options import Options
from ..sdk import OAuth
from .connections import ConnectionPool, OpenConnection
from .drafts import ConnectionDraft
from .error_context import error_context

if TYPE_CHECKING:
    from ..auth.stored_tokens import TokenRow
    from ..store import Store, StoredConnection

DEAD_TOKEN_ERRORS = ("invalid_grant", "invalid_token", "unsupported_token_type")
"""What a service says of a token that it does not know, or not any more; whether that is true is seen afterwards."""


@dataclass(frozen=True)
class Revocation:
    """What it takes: the store, connections to try a token with, and the question whose it is."""

    store: "Store"
    connections: ConnectionPool
    ask_account: Callable[[str, OpenConnection, Options], Any]

    def revoke(self, name: str) -> None:
        """Have the service end the token, see that it has, and forget the connection.

        Where the service has no such call, or still takes the token, nothing is forgotten and the error says so.
        """
        kept = self.store.connections.get(name)
        component = load_component(kept.component)
        with error_context(component.key, None, name), self._holding_token(name) as row:
            oauth = ConnectionDraft(component, name, kept.key, kept.fields).oauth
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
            self.store.connections.remove(name)

    @contextmanager
    def _holding_token(self, name: str) -> "Iterator[TokenRow]":
        """The token, while nobody else may get the next one."""
        from ..auth.tokens import REFRESH_LEASE_SECONDS

        tokens = self.store.tokens
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
        opened = self.connections.open(component, given)
        try:
            self.ask_account(component.key, opened, Options())
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
        asked_at = self.store.clock.now()
        try:
            reply = renew(oauth, row.token or {})
        except NotAuthenticated as error:
            if error.fix != "end_user":
                raise
            return False
        self.store.tokens.keep(name, row.version, build_next_token(row.token, reply, asked_at))
        return True


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
