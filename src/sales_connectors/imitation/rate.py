"""The rate limit: a budget for each token, for each user, or one for all."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import floor
from typing import Protocol

from .clock import Clock
from .exchange import Request, Token
from .service import Budget, Rate, Window


class Limiter:
    """Counts what has been asked."""

    def __init__(self, vendors: Rate, clock: Clock, per_second: float | None, window: Window | None) -> None:
        self._rate = _adjust_rate(vendors, per_second, window)
        self._usual = vendors.limit
        self._clock = clock
        self._budgets: dict[str, _Budget] = {}
        self._under_way: Counter[str] = Counter()

    def allows(self, request: Request, token: Token) -> bool:
        """Take the cost of a request from its payer's budget, if it is there."""
        if not self._rate.limit:
            return True
        name = self._name_payer(token)
        if name not in self._budgets:
            self._budgets[name] = BUDGETS[self._rate.window](self._rate.limit, self._rate.period, self._clock.now())
        return self._budgets[name].take(self._rate.cost(request), self._clock.now())

    @contextmanager
    def under_way(self, token: Token | None) -> Iterator[bool]:
        """For as long as the answer to a request takes: whether there was room for it among those of its payer."""
        name, most = self._name_payer(token), self._rate.at_once if self._rate.limit else None
        has_room = most is None or self._under_way[name] < most
        self._under_way[name] += 1
        try:
            yield has_room
        finally:
            self._under_way[name] -= 1

    def headers(self, token: Token | None) -> Mapping[str, str]:
        """What the vendor tells of the budget; one that nothing is taken from is full."""
        limit, now = self._rate.limit or self._usual, self._clock.now()
        budget = self._budgets.get(self._name_payer(token))
        left, full_in = (budget.left(now), budget.full_in(now)) if budget else (limit, 0.0)
        return self._rate.headers(Budget(limit, left, full_in, now + full_in))

    def _name_payer(self, token: Token | None) -> str:
        if self._rate.payer == "everybody":
            return "everybody"
        if token is None:
            return "nobody"
        return token.access_token if self._rate.payer == "token" else f"user {token.user_id}"


def _adjust_rate(vendors: Rate, per_second: float | None, window: Window | None) -> Rate:
    """The vendor's limit, with what is wanted otherwise; however slow it is, a period has room for one request."""
    limit = vendors.limit if per_second is None else per_second * vendors.period
    slower = 1 / limit if 0 < limit < 1 else 1.0
    return replace(vendors, limit=limit * slower, period=vendors.period * slower, window=window or vendors.window)


class _Budget(Protocol):
    def take(self, cost: float, now: float) -> bool: ...

    def left(self, now: float) -> float: ...

    def full_in(self, now: float) -> float: ...


@dataclass
class _Bucket:
    limit: float
    period: float
    filled_at: float

    def __post_init__(self) -> None:
        self.level = self.limit

    def take(self, cost: float, now: float) -> bool:
        self.level, self.filled_at = self.left(now), now
        if self.level < cost:
            return False
        self.level -= cost
        return True

    def left(self, now: float) -> float:
        return min(self.limit, self.level + (now - self.filled_at) * self.limit / self.period)

    def full_in(self, now: float) -> float:
        return (self.limit - self.left(now)) * self.period / self.limit


class _Sliding:
    def __init__(self, limit: float, period: float, started_at: float) -> None:
        self._limit = limit
        self._period = period
        self._taken: deque[tuple[float, float]] = deque()

    def take(self, cost: float, now: float) -> bool:
        if self.left(now) < cost:
            return False
        self._taken.append((now, cost))
        return True

    def left(self, now: float) -> float:
        while self._taken and self._taken[0][0] <= now - self._period:
            self._taken.popleft()
        return self._limit - sum(cost for _, cost in self._taken)

    def full_in(self, now: float) -> float:
        return self._taken[-1][0] + self._period - now if self._taken else 0


class _Fixed:
    def __init__(self, limit: float, period: float, started_at: float) -> None:
        self._limit = limit
        self._period = period
        self._number, self._taken = floor(started_at / period), 0.0

    def take(self, cost: float, now: float) -> bool:
        if self.left(now) < cost:
            return False
        self._taken += cost
        return True

    def left(self, now: float) -> float:
        number = floor(now / self._period)
        if number != self._number:
            self._number, self._taken = number, 0.0
        return self._limit - self._taken

    def full_in(self, now: float) -> float:
        return (self._number + 1) * self._period - now if self._taken else 0


BUDGETS: Mapping[Window, Callable[[float, float, float], _Budget]] = {
    "bucket": _Bucket,
    "sliding": _Sliding,
    "fixed": _Fixed,
}
