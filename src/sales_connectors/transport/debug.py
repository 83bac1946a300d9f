"""What debug shows of each exchange, and what a dry run shows of the one that is not made."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from .. import jsontext
from ..clock import Clock
from .redact import Redactor
from .request import Call, Outgoing, Reply

CUT = 10 * 1024
"""Bytes of a body that are shown."""
SLACK = 8 * 1024
"""Bytes behind them that are read, so that a secret which lies across the cut is recognised."""


class DryRun(Exception):
    """Carries the request that would be sent out of the handler that made it."""

    def __init__(self, out: Outgoing, signature: Mapping[str, str], redactor: Redactor) -> None:
        super().__init__("dry run")
        self.request = {
            "method": out.method,
            "url": redactor.text(out.url),
            "headers": redactor.value({**out.headers, **signature}),
            "body": redactor.value(shown_body(out.body, redactor)),
        }


class Exchange:
    """One attempt as a debug entry: failed ones are reported too."""

    def __init__(self, out: Outgoing, attempt: int, clock: Clock, call: Call, redactor: Callable[[], Redactor]) -> None:
        self._out, self._attempt, self._clock, self._redactor = out, attempt, clock, redactor
        self._report = call.report
        self._began = clock.monotonic() if self._report else 0.0

    def ended(self, signature: Mapping[str, str], reply: Reply) -> None:
        if self._report:
            redactor = self._redactor()
            body = shown_body(reply.content, redactor)
            answer = {"status": reply.status, "headers": dict(reply.headers), "body": body}
            self._emit(redactor, signature, {"status": reply.status, "response": answer})

    def failed(self, signature: Mapping[str, str], error: str) -> None:
        if self._report:
            self._emit(self._redactor(), signature, {"status": None, "error": error})

    def _emit(self, redactor: Redactor, signature: Mapping[str, str], rest: Mapping[str, Any]) -> None:
        assert self._report is not None
        entry = {
            "time": datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds"),
            "method": self._out.method,
            "url": self._out.url,
            "headers": {**self._out.headers, **signature},
            "body": shown_body(self._out.body, redactor),
            "attempt": self._attempt,
            "duration": round(self._clock.monotonic() - self._began, 4),
            **rest,
        }
        self._report(redactor.value(entry))


def shown_body(body: bytes | None, redactor: Redactor) -> Any:
    """A body as JSON where it is JSON, as text where it is text, and never more of it than CUT."""
    if not body:
        return None
    if len(body) > CUT:
        read = redactor.text(body[: CUT + SLACK].decode("utf-8", "replace"))
        whole = len(body) <= CUT + SLACK
        return f"{(read if whole else read[:-SLACK])[:CUT]}… ({len(body)} bytes)"
    try:
        return jsontext.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
