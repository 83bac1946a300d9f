"""A connection that takes the place of what has its name: never an older token in the place of its successor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, SalesError
from .accounts import Account
from .connections import identify_issuer
from .drafts import ConnectionDraft, find_kept

if TYPE_CHECKING:
    from ..store import Store, StoredConnection

Token = Mapping[str, Any]


@dataclass(frozen=True)
class Replacement:
    """A connection with the token that it was given, and what had its name at that time."""

    store: "Store"
    draft: ConnectionDraft
    given: Token | None
    before: "StoredConnection | None"

    def find_token(self) -> Token | None:
        """The token to go on with: the one that was given, or what has followed from that, which is spent by then.

        Whoever starts a program anew, with the file that it began with, hands over such a one.
        """
        from ..store.connections import hash_pair

        before = self.before
        if before is None or before.sign_in is not None or before.began_with is None:
            return self.given
        return before.token if before.began_with == hash_pair(self.given) and self._follows(before) else self.given

    def save(self, token: Token | None, account: Account) -> None:
        """Keep it with the token that it has by now."""
        from ..auth.tokens import MAX_KEEP_SECONDS, MAX_REFRESH_POLL_SECONDS

        clock = self.store.clock
        ends = clock.monotonic() + MAX_KEEP_SECONDS
        while True:
            try:
                if self._try_save(token, account):
                    return
            except ConfigurationError:  # the store cannot take what may be the only copy; it may be able to in a moment
                if clock.monotonic() >= ends:
                    raise
                clock.sleep(MAX_REFRESH_POLL_SECONDS)

    def _try_save(self, token: Token | None, account: Account) -> bool:
        from ..store.connections import hash_pair

        draft, before = self.draft, self.before
        now = find_kept(self.store, draft.component, draft.name)
        if now and before and now.version != before.version and _is_same_pair(token, before.token):
            token = now.token if self._follows(now) else token  # another process has refreshed it meanwhile
        return self.store.connections.save(
            draft.name,
            draft.component.key,
            {"key": draft.key, "fields": draft.fields, "token": token},
            account=account.identity,
            account_name=account.name,
            began_with=hash_pair(self.given),
            expected=now.version if now else None,
        )

    def _follows(self, kept: "StoredConnection") -> bool:
        """Whether the kept token may go where the draft says: to the same service, by the same client."""
        there = ConnectionDraft(self.draft.component, kept.name, kept.key, kept.fields)
        try:
            return kept.key == self.draft.key and identify_issuer(there.service) == identify_issuer(self.draft.service)
        except SalesError:  # what is kept does not fit its form any more
            return False


def _is_same_pair(one: Token | None, other: Token | None) -> bool:
    parts = ("access_token", "refresh_token")
    return bool(one and other) and [(one or {}).get(part) for part in parts] == [
        (other or {}).get(part) for part in parts
    ]
