"""The token that signs the requests of one connection, kept fresh."""

from collections.abc import Callable, Iterable

from ..clock import Clock
from ..errors import NotAuthenticated
from ..sdk import OAuth
from ..transport.call import CallScope
from .inline_tokens import InlineTokens
from .tokens import REFRESH_MARGIN_SECONDS, OnToken, Token, TokenSource, needs_refresh


class Credentials:
    """A source of tokens, and the way to the next one."""

    def __init__(
        self, oauth: OAuth | None, tokens: TokenSource, clock: Clock, secrets: Callable[[], Iterable[str]]
    ) -> None:
        self._oauth, self._tokens, self._clock, self._secrets = oauth, tokens, clock, secrets

    def get_fresh_token(self, call: CallScope) -> Token:
        """The token to sign with now; where it can be refreshed, one that outlives a request, if any lives so long."""
        if isinstance(self._tokens, InlineTokens):
            self._tokens.hand_over(call.options.on_token, call.ends)
        token = self._tokens.get_token() or {}
        if self._oauth is None:  # the fields sign, or a token that was handed over
            return token
        if not token.get("access_token"):
            token = self._get_first_token(token, call)
        # what cannot be followed by another is used to its end
        margin = REFRESH_MARGIN_SECONDS if self._tokens.are_kept or self._find_keeper(call) else 0.0
        if needs_refresh(token, self._clock.now(), margin) and self._oauth.can_renew(token):
            return self._get_next_token(token, call)
        return token

    def renew(self, refused: Token, call: CallScope) -> bool:
        """After a 401: get a new token, if there is a way to."""
        if self._oauth is None or not self._oauth.can_renew(refused):
            return False
        self._get_next_token(refused, call)
        return True

    def _get_first_token(self, token: Token, call: CallScope) -> Token:
        if self._oauth is not None and self._oauth.can_renew(token):
            return self._get_next_token(token, call)
        raise NotAuthenticated(
            "This connection has no token. Sign in (sales-connectors connect), or hand a token over with the call",
            code="no_token",
        )

    def _get_next_token(self, token: Token, call: CallScope) -> Token:
        from .oauth2 import renew

        oauth = self._oauth
        assert oauth is not None
        return self._tokens.refresh(
            token,
            lambda old: renew(oauth, old, call, self._secrets()),
            deadline=call.ends,
            on_token=self._find_keeper(call),
        )

    def _find_keeper(self, call: CallScope) -> OnToken | None:
        """Who keeps a new token of a given connection; where no refresh token is spent, nobody has to."""
        if self._oauth is not None and self._oauth.has_own_tokens:
            return call.options.on_token or _keep_nothing
        return call.options.on_token


def _keep_nothing(token: Token) -> None:
    """The client can have another token at any time."""
