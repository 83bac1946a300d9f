"""One request and its reply, and the call in which they happen."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .. import jsontext
from ..clock import Clock
from ..errors import InvalidResponse, vendor_words
from ..options import Options

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Repeat:
    """A caller's own rule for repeating a request, where it replaces ours."""

    times: int
    delay: float = 0.0
    """Seconds between two attempts."""
    exponential: bool = False
    all_errors: bool = False


@dataclass(frozen=True)
class Outgoing:
    """A request before it is signed."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float | None = None
    repeat: Repeat | None = None


@dataclass(frozen=True)
class Reply:
    """What came back, read to the end."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-request-id")

    def json(self) -> Any:
        try:
            return jsontext.loads(self.content)
        except ValueError as broken:
            raise InvalidResponse(
                f"The service answered {self.status} with {self._kind()} where JSON belongs",
                status=self.status,
                vendor=vendor_words(self.content),
                request_id=self.request_id,
            ) from broken

    def _kind(self) -> str:
        if not self.content.strip():
            return "an empty body"
        return "a web page" if self.content.lstrip()[:1] == b"<" else "broken JSON"


class Lost(Exception):
    """An attempt without a whole reply.  ``reached`` says whether the service may have seen the request."""

    def __init__(self, message: str, *, reached: bool, repeatable: bool = True, fix: str = "vendor") -> None:
        super().__init__(message)
        self.reached, self.repeatable, self.fix = reached, repeatable, fix


@dataclass(frozen=True)
class Outcome:
    """What one attempt came to: a reply, or its loss."""

    reply: Reply | None
    lost: Lost | None
    asked: float | None
    """Seconds that the service wants us to wait, where it says so."""

    @property
    def status(self) -> int:
        """The status of the reply; 0 where there is none."""
        return self.reply.status if self.reply else 0

    @property
    def may_be_done(self) -> bool:
        """Whether the service may have done what the request asked for."""
        return self.lost.reached if self.lost else self.status >= 500 or self.status == 408


@dataclass(frozen=True)
class Call:
    """One invocation: its options, its clock, and what its effect allows."""

    effect: str
    options: Options
    clock: Clock
    report: Callable[[Mapping[str, Any]], None] | None = None
    bulk: bool = False
    started: float = field(default=-1.0)

    def __post_init__(self) -> None:
        if self.started < 0:
            object.__setattr__(self, "started", self.clock.monotonic())

    @property
    def ends(self) -> float | None:
        """When the caller's patience ends, on the monotonic clock."""
        return None if self.options.deadline is None else self.started + self.options.deadline

    def remaining(self) -> float | None:
        return None if self.ends is None else self.ends - self.clock.monotonic()

    def in_bulk(self) -> "Call":
        return replace(self, bulk=True)
