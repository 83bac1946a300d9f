"""The tokens that a sandbox has given out."""

import secrets
from typing import Any

from .clock import Clock
from .exchange import Token
from .service import OAuth
from .store import Condition, Document, Store


class Tokens:
    """Access tokens with their refresh tokens, kept in the store so that a restart forgets none."""

    def __init__(self, store: Store, clock: Clock, oauth: OAuth) -> None:
        self._clock = clock
        self._oauth = oauth
        self._kept = store.collection("sandbox_tokens")

    def mint(
        self,
        user_id: int,
        scopes: tuple[str, ...],
        *,
        expires_in: float | None,
        refreshable: bool = True,
        refresh_once: bool | None = None,
    ) -> dict[str, Any]:
        """Make a token, and answer as the token endpoint does."""
        now = self._clock.now()
        life = self._oauth.refresh_life
        if refreshable:
            self._end_oldest(user_id)
        prefix = self._oauth.personal_prefix if expires_in is None else self._oauth.token_prefix
        kept = self._kept.insert(
            {
                "access_token": prefix + self._make_secret(),
                "refresh_token": self._make_secret() if refreshable else None,
                "refresh_once": self._oauth.refresh_once if refresh_once is None else refresh_once,
                "refresh_expires_at": now + life if life else None,
                "user_id": user_id,
                "scopes": scopes,
                "expires_at": None if expires_in is None else now + expires_in,
                "made_at": now,
            }
        )
        return self._describe_token(kept)

    def find(self, access_token: str) -> Token | None:
        """The token, if it is one of ours and still good."""
        known = self.look_up(access_token)
        return None if known is None or self._is_over(known.expires_at) else known

    def look_up(self, access_token: str) -> Token | None:
        """The token, if it was ever one of ours, whether it is still good or not."""
        kept = self._kept.first(Condition.equal("access_token", access_token))
        if kept is None:
            return None
        return Token(access_token, kept["user_id"], frozenset(kept["scopes"]), kept["expires_at"])

    def find_refreshable(self, refresh_token: str) -> Document | None:
        """What a refresh token was given out with, or None if that is unknown, used or too old."""
        kept = self._kept.first(Condition.equal("refresh_token", refresh_token))
        return None if kept is None or self._is_over(kept["refresh_expires_at"]) else kept

    def refresh(self, kept: Document) -> dict[str, Any]:
        """A new token in the place of one that can be refreshed."""
        if kept["refresh_once"]:
            self._kept.put({**kept, "refresh_token": None})
        return self.mint(
            kept["user_id"],
            tuple(kept["scopes"]),
            expires_in=self._oauth.access_life,
            refreshable=kept["refresh_once"],
            refresh_once=kept["refresh_once"],
        )

    def revoke(self, token: str) -> None:
        """End a token, named by itself or by its refresh token; what is unknown is no error (RFC 7009)."""
        named = Condition.some(Condition.equal(path, token) for path in ("access_token", "refresh_token"))
        for kept in self._kept.find(named):
            self._kept.delete(kept["id"])

    def expire(self, access_token: str) -> None:
        """Let a token's time be up; its refresh token stays good."""
        for kept in self._kept.find(Condition.equal("access_token", access_token)):
            self._kept.put({**kept, "expires_at": self._clock.now()})

    def _is_over(self, at: float | None) -> bool:
        return at is not None and at <= self._clock.now()

    def _end_oldest(self, user_id: int) -> None:
        """Make room for one more refresh token of a user."""
        most = self._oauth.refresh_most
        if most is None:
            return
        theirs = [Condition.equal("user_id", user_id), Condition.missing("refresh_token", False)]
        for kept in self._kept.find(Condition.every(theirs))[: -(most - 1) or None]:
            self._kept.put({**kept, "refresh_token": None})

    def _make_secret(self) -> str:
        return "".join(secrets.choice(self._oauth.token_alphabet) for _ in range(self._oauth.token_length))

    def _describe_token(self, kept: Document) -> dict[str, Any]:
        told: dict[str, Any] = {"access_token": kept["access_token"], "token_type": self._oauth.token_type}
        if kept["expires_at"] is not None:
            told["expires_in"] = round(kept["expires_at"] - self._clock.now())
        if kept["refresh_token"]:
            told["refresh_token"] = kept["refresh_token"]
        if self._oauth.token_dated:
            told["created_at"] = int(kept["made_at"])
        return {**told, "scope": " ".join(kept["scopes"])}
