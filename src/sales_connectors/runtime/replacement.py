"""A connection that takes the place of what has its name: never an older token in the place of its successor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..auth.tokens import MAX_KEEP_SECONDS, MAX_REFRESH_POLL_SECONDS, Token, identify_pair
from ..errors import ConfigurationError, SalesError
from .accounts import Account
from .connections import identify_issuer
from .drafts import ConnectionDraft, find_kept

if TYPE_CHECKING:
    from ..store import Store, StoredConnection


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
        from ..store.connections import hash_refresh_token

        before = self.before
        if before is None or before.sign_in is not None or before.began_with is None:
            return self.given
        began_alike = before.began_with == hash_refresh_token(self.given)
        return before.token if began_alike and self._follows(before) else self.given

    def save(self, token: Token | None, account: Account) -> None:
        """Keep it with the token that it has by now."""
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
        from ..store.connections import hash_refresh_token

        draft, before = self.draft, self.before
        now = find_kept(self.store, draft.component, draft.name)
        if now and before and token and now.version != before.version and self._follows(now):
            is_spent = identify_pair(token) == identify_pair(before.token)  # another process has refreshed it meanwhile
            token = now.token if is_spent else token
        return self.store.connections.save(
            draft.name,
            draft.component.key,
            {"key": draft.key, "fields": draft.fields, "token": token},
            account=account.identity,
            account_name=account.name,
            began_with=hash_refresh_token(self.given),
            expected=now.version if now else None,
        )

    def _follows(self, kept: "StoredConnection") -> bool:
        """Whether the kept token may go where the draft says: to the same service, by the same client."""
        there = ConnectionDraft(self.draft.component, kept.name, kept.key, kept.fields)
        try:
            return kept.key == self.draft.key and identify_issuer(there.service) == identify_issuer(self.draft.service)
        except SalesError:  # what is kept does not fit its form any more
            return False
