"""What debug shows of each exchange, and what a dry run shows of the one that is not made."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from .. import jsontext
from ..clock import Clock
from ..errors import SalesError
from ..sdk.request import Request, Response
from .call import CallScope, TransportError
from .redact import HIDDEN, Redactor
from .transport import Transport

MAX_SHOWN_BYTES = 10 * 1024
"""Bytes of a body that are shown."""
REDACTION_MARGIN_BYTES = 8 * 1024
"""Bytes behind them that are read, so that a secret which lies across the cut is recognised."""

RedactorOf = Callable[[Response | None], Redactor]
"""Hides what is secret in an exchange that ended with this reply, or with none."""


class DryRun(BaseException):
    """Carries the request that would be sent out of the handler that made it; no Exception, so that nothing on the way
    takes it for a failure."""

    def __init__(self, out: Request, signed: Request, redactor: Redactor) -> None:
        super().__init__("dry run")
        self.request = {
            "method": out.method,
            "url": redactor.text(out.url),
            "headers": redactor.value({**out.headers, **dict.fromkeys(find_signing_headers(out, signed), HIDDEN)}),
            "body": redactor.value(show_body(out.body, redactor)),
        }


class ExchangeLog:
    """One attempt as a debug entry: failed ones are reported too."""

    def __init__(self, out: Request, attempt: int, clock: Clock, call: CallScope, redactor: RedactorOf) -> None:
        self._out, self._attempt, self._clock, self._redactor = out, attempt, clock, redactor
        self._report = call.report
        self._began = clock.monotonic() if self._report else 0.0

    def report_response(self, signing: Iterable[str], reply: Response) -> None:
        if self._report:
            redactor = self._redactor(reply)
            body = show_body(reply.content, redactor)
            answer = {"status": reply.status, "headers": dict(reply.headers), "body": body}
            self._emit(redactor, signing, {"status": reply.status, "response": answer})

    def report_failure(self, signing: Iterable[str], error: str) -> None:
        if self._report:
            self._emit(self._redactor(None), signing, {"status": None, "error": error})

    def _emit(self, redactor: Redactor, signing: Iterable[str], rest: Mapping[str, Any]) -> None:
        assert self._report is not None
        entry = {
            "time": datetime.fromtimestamp(self._clock.now(), UTC).isoformat(timespec="milliseconds"),
            "method": self._out.method,
            "url": self._out.url,
            "headers": {**self._out.headers, **dict.fromkeys(signing, HIDDEN)},
            "body": show_body(self._out.body, redactor),
            "attempt": self._attempt,
            "duration": round(self._clock.monotonic() - self._began, 4),
            **rest,
        }
        self._report(redactor.value(entry))


def show_body(body: bytes | None, redactor: Redactor) -> Any:
    """A body as JSON where it is JSON, as text where it is text, and never more of it than MAX_SHOWN_BYTES."""
    if not body:
        return None
    if len(body) > MAX_SHOWN_BYTES:
        read = redactor.text(body[: MAX_SHOWN_BYTES + REDACTION_MARGIN_BYTES].decode("utf-8", "replace"))
        whole = len(body) <= MAX_SHOWN_BYTES + REDACTION_MARGIN_BYTES
        return f"{(read if whole else read[:-REDACTION_MARGIN_BYTES])[:MAX_SHOWN_BYTES]}… ({len(body)} bytes)"
    try:
        return jsontext.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")


def find_signing_headers(request: Request, signed: Request) -> set[str]:
    """The headers that a signature brought, whatever they are called: nobody is shown what stands in them."""
    return {name for name, value in signed.headers.items() if request.headers.get(name) != value}


def attempt_and_report(
    transport: Transport,
    request: Request,
    sign: Callable[[Request], Request],
    patience: float,
    call: CallScope,
    redactor: RedactorOf,
    max_bytes: int,
    number: int = 1,
) -> Response:
    """:meth:`Transport.attempt`, and an entry for the call that wants one, failed or not."""
    signing: set[str] = set()

    def sign_and_note(request: Request) -> Request:
        signed = sign(request)
        signing.update(find_signing_headers(request, signed))
        return signed

    log = ExchangeLog(request, number, call.clock, call, redactor)
    try:
        response = transport.attempt(request, sign_and_note, patience, max_bytes)
    except (TransportError, SalesError) as error:
        log.report_failure(signing, str(error))
        raise
    log.report_response(signing, response)
    return response
