"""The token that signs the requests of one connection, kept fresh."""

from ..clock import Clock
from ..errors import NotAuthenticated
from ..sdk.oauth import OAuth
from .oauth2 import can_renew, renew
from .tokens import Token, TokenSource, needs_refresh


class Credentials:
    """A source of tokens, and the way to the next one."""

    def __init__(self, oauth: OAuth | None, tokens: TokenSource, clock: Clock) -> None:
        self._oauth, self._tokens, self._clock = oauth, tokens, clock

    def fresh(self, deadline: float | None) -> Token:
        """The token to sign with now, good for at least a minute where it can be refreshed."""
        token = self._tokens.get_token() or {}
        if self._oauth is None:  # the fields sign, or a token that was handed over
            return token
        if not token.get("access_token"):
            token = self._first(token, deadline)
        if needs_refresh(token, self._clock.now()) and can_renew(self._oauth, token):
            return self._next(token, deadline)
        return token

    def renew(self, refused: Token, deadline: float | None) -> bool:
        """After a 401: get a new token, if there is a way to."""
        if self._oauth is None or not can_renew(self._oauth, refused):
            return False
        self._next(refused, deadline)
        return True

    def _first(self, token: Token, deadline: float | None) -> Token:
        if self._oauth is not None and can_renew(self._oauth, token):
            return self._next(token, deadline)
        raise NotAuthenticated(
            "This connection has no token. Sign in (sales-connectors connect), or hand a token over with the call",
            code="no_token",
        )

    def _next(self, token: Token, deadline: float | None) -> Token:
        oauth = self._oauth
        assert oauth is not None
        return self._tokens.refresh(token, lambda old: renew(oauth, old), deadline=deadline)
