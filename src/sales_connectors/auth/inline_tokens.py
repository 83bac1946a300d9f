"""Tokens that came with calls: their new ones are the caller's to keep."""

from collections.abc import Callable
from contextlib import suppress
from inspect import iscoroutine, isgenerator
from threading import Lock, RLock
from typing import Any

from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, NotAuthenticated
from ..fork import reset_in_children
from ..options import TokenHolder
from .errand import Errand
from .tokens import OnToken, RefusedToken, RequestToken, Token, hold_lock, identify_pair, is_same

MAX_KNOWN_PAIRS = 4096
"""Given tokens that are known again, so that nobody spends the refresh token of one a second time."""


class InlineTokens:
    """A token that came with the call.

    Whoever calls has each new one told to its ``on_token`` before it is used.  Where nobody would be told, no refresh
    token is spent.
    """

    are_kept = False

    def __init__(
        self,
        token: Token | None,
        *,
        clock: Clock = SYSTEM_CLOCK,
        on_change: Callable[["InlineTokens", Token], None] | None = None,
    ) -> None:
        self._token = token
        self._untaken: Token | None = None
        """A new token that nobody has taken yet; the one before it is spent."""
        self._is_untold = False
        """Whether nobody has been told of it either."""
        self._unkept: Token | None = None
        """A new token that only this process holds."""
        self._clock, self._on_change = clock, on_change
        self._refused = RefusedToken()
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = RLock()
        self._errand: Errand[Token] | None = None
        self._is_telling = False

    @property
    def is_in_hand(self) -> bool:
        """Whether a pair is here, or on its way, that nobody has taken."""
        return self._errand is not None or self._untaken is not None

    def get_token(self) -> Token | None:
        return self._token

    def note_again(self, token: Token) -> None:
        """The same pair is handed over once more, perhaps with another end."""
        if self._lock.acquire(blocking=False):  # else it is being followed by another at this moment
            try:
                if identify_pair(token) == identify_pair(self._token):
                    self._token = token
            finally:
                self._lock.release()

    def hand_over(self, on_token: OnToken | None, deadline: float | None) -> None:
        """Tell somebody who keeps tokens of one that came before they were there, and that only this process holds."""
        if self._unkept is None or on_token is None or isinstance(on_token, TokenHolder):
            return
        with hold_lock(self._lock, deadline, self._clock):
            if self._unkept is not None:
                self._tell(self._unkept, on_token)

    def refresh(
        self, stale: Token, exchange: RequestToken, *, deadline: float | None = None, on_token: OnToken | None = None
    ) -> Token:
        with hold_lock(self._lock, deadline, self._clock):
            if self._untaken is None and is_same(self._token, stale):
                self._spend(exchange, deadline, on_token)
            return self._token or {} if self._untaken is None else self._tell(self._untaken, on_token)

    def _spend(self, exchange: RequestToken, deadline: float | None, on_token: OnToken | None) -> None:
        """Get the new token, or wait for it where somebody asked for it and left."""
        if self._errand is None:
            if on_token is None:
                raise _unkept_token_error()
            old, now = self._token, self._clock.now()
            # whoever waits may be interrupted at any time, or be a thread that ends with the process: the new token is
            # put down here by who got it
            self._errand = Errand(
                lambda: self._receive(self._refused.exchange(old, exchange, now)),
                lambda errand: self._take_over(errand, on_token),
            )
        errand = self._errand
        try:
            errand.wait(deadline, self._clock)
        finally:
            if errand.is_over:
                self._errand = None

    def _receive(self, token: Token) -> Token:
        self._untaken, self._is_untold = token, True
        return token

    def _take_over(self, errand: Errand[Token], on_token: OnToken) -> None:
        """Once nobody waits any more: who asked for the token is told of it, if nobody was."""
        with self._lock:
            if self._errand is errand:
                self._errand = None
            if self._untaken is not None and self._is_untold:
                with suppress(BaseException):  # there is nobody to hear of it; it is told again with the next call
                    self._tell(self._untaken, on_token)

    def _tell(self, token: Token, on_token: OnToken | None) -> Token:
        """Have the token kept, before it is used; where that fails, it is told again before the next use."""
        if on_token is None or self._is_telling:  # on_token may call the service with the token that it is told
            return token
        if isinstance(on_token, TokenHolder):
            self._adopt(token, unkept=token)
            on_token(token)
            return token
        self._is_telling = True
        try:
            fault = _find_callback_fault(on_token, token)
        finally:
            self._is_telling = False
        if fault is not None:
            self._is_untold = False
            raise _callback_error(fault)
        self._adopt(token, unkept=None)
        return token

    def _adopt(self, token: Token, *, unkept: Token | None) -> None:
        """From now on this is the token."""
        self._unkept = unkept
        self._token, self._untaken = token, None
        if self._on_change is not None:
            self._on_change(self, token)


class KnownPairs:
    """The tokens that came with calls, known again by their pair however their connection was spelled."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[tuple[Any, ...], InlineTokens] = {}
        self.reset_after_fork()
        reset_in_children(self)

    def reset_after_fork(self) -> None:
        self._lock = Lock()

    def find(self, issuer: tuple[str | None, ...], token: Token | None) -> InlineTokens:
        """The source of this token; a new one where nobody has handed it over yet.

        ``issuer`` tells who gave it, to whom, and for what.
        """
        if not token or not isinstance(token.get("refresh_token"), str):
            return InlineTokens(token, clock=self._clock)
        with self._lock:
            tokens = self._known.get((*issuer, *identify_pair(token))) or InlineTokens(
                token, clock=self._clock, on_change=lambda tokens, new: self._follow(issuer, new, tokens)
            )
            self._remember(issuer, token, tokens)
        tokens.note_again(token)
        return tokens

    def _follow(self, issuer: tuple[str | None, ...], token: Token, tokens: InlineTokens) -> None:
        if isinstance(token.get("refresh_token"), str):
            with self._lock:
                self._remember(issuer, token, tokens)

    def _remember(self, issuer: tuple[str | None, ...], token: Token, tokens: InlineTokens) -> None:
        """At the end: the one that was handed over longest ago is forgotten first."""
        key = (*issuer, *identify_pair(token))
        self._known.pop(key, None)
        self._known[key] = tokens
        if len(self._known) > MAX_KNOWN_PAIRS:
            oldest = next((key for key, known in self._known.items() if not known.is_in_hand), None)
            self._known.pop(oldest, None)  # type: ignore[arg-type]


def _unkept_token_error() -> NotAuthenticated:
    return NotAuthenticated(
        "The token has ended, and its refresh token is not spent, since nobody would keep the new ones. Give on_token"
        " with the call, give the connection as @FILE, or keep it under a name: sales-connectors connect COMPONENT"
        " NAME",
        code="token_expired",
        fix="builder",
    )


def _find_callback_fault(on_token: OnToken, token: Token) -> str | None:
    """What on_token did instead of keeping a token, where it did not.

    Nothing of what it raises is passed on: its words may hold the token, and so may the cause.
    """
    result: object
    try:
        result = on_token(dict(token))  # type: ignore[func-returns-value]  # by its type nothing, but who knows
    except Exception as failure:
        return f"raised {type(failure).__name__}"
    if iscoroutine(result) or isgenerator(result):
        result.close()
        return "returned a coroutine, which nobody runs"
    return None


def _callback_error(fault: str) -> ConfigurationError:
    return ConfigurationError(
        f"on_token {fault}, so that nobody has kept the new token; it is told again with the next call",
        code="callback_failed",
        fix="maintainer",
    )
