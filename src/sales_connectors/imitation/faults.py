"""Misbehaviour on demand.

A fault is written as JSON (``{"status": 503, "times": 2}``) or as short text (``status=503 times=2``); several are a
JSON list, or texts with ``;`` between them.  The first one that matches a request is played.  What it does:

=================  ====================================================================================================
latency=S          waits S seconds, then answers as usual
late=S             does the work, and answers S seconds later
status=N           refuses with this status and does nothing; ``retry_after=S`` adds the header; ``date``, ``iso`` and
                   ``unix`` say the same of two seconds later in other forms
redirect=URL       answers 302 to this address
html               answers an HTML page with status 200
empty              answers status 200 without a body
broken_json        does the work, and answers half of the JSON
error_in_200       answers an error with status 200
expired_token      lets the token that came with the request expire
cut                does the work, and closes the connection in the middle of the body
drop               does the work, and closes the connection without an answer
wrong_length       does the work, and announces a body shorter than the one it sends
=================  ====================================================================================================

A service may know more of them (``Service.quirks``): its handlers find these in ``Request.quirks``, and play them.

Which requests it strikes: ``method=POST``, ``path=/v2/contacts`` (a prefix, or a pattern with ``*``), ``every=N`` (each
N-th of those), ``times=N`` (the first N of those).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from email.utils import formatdate
from fnmatch import fnmatchcase
from functools import partial
from math import ceil
from typing import Any

from .exchange import Reply, Request, parse_json
from .numbers import check_integer, check_number

Spec = str | dict[str, Any] | list[Any] | None
HEADER = "x-sandbox-fault"
PAGE = b"<!doctype html><html><head><title>Down for maintenance</title></head><body><h1>Back soon</h1></body></html>"
GATEWAY = (502, 504)  # what stands in front of a vendor answers so, with a page of its own
TOLD = "The sandbox was told to refuse this request."


@dataclass
class Fault:
    """One way to misbehave, and for whom."""

    latency: float = 0
    late: float = 0
    status: int | None = None
    retry_after: float | str | None = None
    redirect: str | None = None
    html: bool = False
    empty: bool = False
    broken_json: bool = False
    error_in_200: bool = False
    expired_token: bool = False
    cut: bool = False
    drop: bool = False
    wrong_length: bool = False
    quirks: frozenset[str] = frozenset()  # what only the component knows how to play
    method: str | None = None
    path: str | None = None
    every: int = 1
    times: int | None = None

    def __post_init__(self) -> None:
        self._seen = 0
        self._struck = 0

    def strikes(self, request: Request) -> bool:
        """Whether this request is one to misbehave at; asking counts."""
        if not self._is_meant_for(request) or (self.times is not None and self._struck >= self.times):
            return False
        self._seen += 1
        if self._seen % self.every:
            return False
        self._struck += 1
        return True

    def _is_meant_for(self, request: Request) -> bool:
        if self.method and self.method.upper() != request.method:
            return False
        if self.path and not _matches_path(self.path, request.path):
            return False
        return not self.expired_token or request.bearer() is not None

    def names(self) -> list[str]:
        """What it does, for the log."""
        return [*(name for name in ACTIONS if getattr(self, name)), *sorted(self.quirks)]

    def replace_reply(self, refuse: Callable[[int, str], Reply], now: float) -> Reply | None:
        """The reply that stands in for the service's, if the service is not even asked."""
        if self.status is not None:
            refusal = _render_page(self.status) if self.status in GATEWAY else refuse(self.status, TOLD)
            return refusal.with_headers(self._retry_headers(now))
        if self.redirect is not None:
            return Reply(302, None, {"Location": self.redirect})
        if self.html:
            return _render_page(200)
        if self.empty:
            return Reply(200, None)
        if self.error_in_200:
            refused = refuse(500, "The sandbox was told to fail this request.")
            return Reply(200, refused.body, refused.headers, refused.content_type)
        return None

    def spoil(self, reply: Reply) -> Reply:
        if not self.broken_json:
            return reply
        content = reply.content()
        return Reply(reply.status, content[: max(1, len(content) // 2)], reply.headers, reply.content_type)

    def _retry_headers(self, now: float) -> dict[str, str]:
        if self.retry_after is None:
            return {}
        if isinstance(self.retry_after, str):
            return {"Retry-After": MOMENTS[self.retry_after](now + 2)}
        return {"Retry-After": f"{self.retry_after:g}"}


def _write_iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


MOMENTS: dict[str, Callable[[float], str]] = {
    "date": partial(formatdate, usegmt=True),
    "iso": _write_iso,
    "unix": lambda at: str(ceil(at)),
}
"""How ``Retry-After`` can say a moment, where it says no number of seconds."""


FILTERS = ("method", "path", "every", "times", "retry_after")
ACTIONS = tuple(known.name for known in fields(Fault) if known.name not in (*FILTERS, "quirks"))
LONGEST_SECONDS = 3600
NUMBERS: dict[str, Callable[[Any], float]] = {
    "latency": partial(check_number, "latency", least=0, most=LONGEST_SECONDS),
    "late": partial(check_number, "late", least=0, most=LONGEST_SECONDS),
    "retry_after": partial(check_number, "retry_after", least=-1e9, most=1e9),
    "status": partial(check_integer, "status", least=200, most=599),  # what is below is no answer yet
    "every": partial(check_integer, "every", least=1, most=10**9),
    "times": partial(check_integer, "times", least=0, most=10**9),
}
TEXTS = ("redirect", "method", "path")
NONE = Fault()


class Faults:
    """The faults in force."""

    def __init__(self, spec: Spec, quirks: Sequence[str]) -> None:
        self._quirks = quirks
        self.change(spec)

    def change(self, spec: Spec) -> None:
        """From now on these, and no others."""
        self._active = parse(spec, self._quirks)

    def find_fault(self, request: Request) -> Fault:
        """The fault to play at a request: one that it asks for itself comes first."""
        asked = parse(request.headers.get(HEADER), self._quirks)
        return next((fault for fault in (*asked, *self._active) if fault.strikes(request)), NONE)


def parse(spec: Spec, quirks: Sequence[str] = ()) -> list[Fault]:
    """Read faults in any of their forms; a ValueError says what cannot be understood."""
    try:
        return [_build_fault(settings, quirks) for settings in _read_settings(spec)]
    except RecursionError:
        raise ValueError("the faults are nested too deeply") from None


def _read_settings(spec: Spec) -> Iterator[dict[str, Any]]:
    """What is said of each fault, by name."""
    if isinstance(spec, dict):
        yield spec
    elif isinstance(spec, str) and spec.lstrip()[:1] not in ("[", "{"):
        yield from (_parse_text(part) for part in spec.split(";") if part.strip())
    elif isinstance(spec, str):
        yield from _read_settings(parse_json(spec))
    elif isinstance(spec, list | tuple) or spec is None:
        for part in spec or ():
            yield from _read_settings(part)
    else:
        raise ValueError(f"a fault is an object or text, given: {str(spec)[:40]}")


def _parse_text(text: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for word in text.replace(",", " ").split():
        name, sign, value = word.partition("=")
        settings[name] = value if sign else True
    return settings


def _build_fault(settings: dict[str, Any], quirks: Sequence[str]) -> Fault:
    known = {*ACTIONS, *FILTERS, *quirks}
    unknown = sorted(set(settings) - known)
    if unknown:
        raise ValueError(f"no such fault: {', '.join(unknown)} (known: {', '.join(sorted(known))})")
    read = {name: _parse_value(name, value) for name, value in settings.items()}
    own = frozenset(name for name in quirks if read.pop(name, False))
    return Fault(**read, quirks=own)


def _parse_value(name: str, value: Any) -> Any:
    if name in TEXTS:
        return _check_text(name, value)
    if name == "retry_after" and isinstance(value, str) and value in MOMENTS:
        return value
    if name in NUMBERS:
        return NUMBERS[name](value)
    return str(value).lower() not in ("false", "0", "no")


def _check_text(name: str, value: Any) -> str:
    """What goes into a header of a reply must fit into one."""
    if not isinstance(value, str) or not value.isprintable():
        raise ValueError(f"{name} must be text without control characters, given: {str(value)[:40]!r}")
    return value


def _render_page(status: int) -> Reply:
    return Reply(status, PAGE, content_type="text/html; charset=utf-8")


def _matches_path(pattern: str, path: str) -> bool:
    return fnmatchcase(path, pattern) if "*" in pattern else path.startswith(pattern)
