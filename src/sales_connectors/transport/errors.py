"""Replies that are errors, as the tree of errors; the vendor's own words and request id stay in them."""

from collections.abc import Mapping
from typing import Any

from ..errors import (
    Conflict,
    Fault,
    InvalidInput,
    InvalidResponse,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    SalesError,
    Unavailable,
    decode_vendor_text,
)
from ..sdk import Response, Service, VendorError, VendorFault

ERROR_CLASSES: Mapping[int, type[SalesError]] = {
    400: InvalidInput,
    401: NotAuthenticated,
    403: NotAllowed,
    404: NotFound,
    405: InvalidInput,
    406: InvalidInput,
    408: Unavailable,
    409: Conflict,
    410: NotFound,
    413: InvalidInput,
    415: InvalidInput,
    422: InvalidInput,
    425: Unavailable,
    429: RateLimited,
    499: Unavailable,
}

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
"""Redirects that were not followed: of a write, in a circle, or to nowhere."""

MAINTAINER_STATUSES = frozenset({405, 406, 413, 415})
"""Refusals that no input explains: the one who maintains the component mends them."""

ADVICE: Mapping[type[SalesError], str] = {
    InvalidInput: "The service refused the request",
    NotAuthenticated: "The service does not accept the token; sign in again",
    NotAllowed: "The token may not do this; ask an administrator for the scope or right",
    NotFound: "The service has no such record",
    Conflict: "The service refused the request because it contradicts what is there",
    RateLimited: "The service says that its rate limit is used up; try again later",
    Unavailable: "The service does not work at the moment; try again later",
    InvalidResponse: "The service answered what its API does not allow; check apiUrl, or tell the vendor",
}

MAINTAINER_ADVICE = (
    "The service refused the request in a way that no input explains; whoever maintains the component mends it"
)
REDIRECT_ADVICE = (
    "The service redirects the request, to another place or in a circle, which its API does not; check apiUrl"
)

EXPIRED_ADVICE = (
    "The service no longer keeps what this position points to; start again from the oldest position that it keeps, "
    "and read the records themselves for what happened in between"
)


def build_error(reply: Response, service: Service, retry_after: float | None) -> SalesError:
    """The error that a reply stands for."""
    kind = ERROR_CLASSES.get(reply.status) or (Unavailable if reply.status >= 500 else InvalidResponse)
    payload, problem = _parse_body(reply, service)
    faults: list[Fault] = [{"path": fault.pointer, "message": fault.message} for fault in problem.faults]
    return kind(
        _format_message(kind, reply, problem),
        code=_choose_code(kind, reply, problem),
        fix="maintainer" if reply.status in MAINTAINER_STATUSES else None,
        retry_after=retry_after if kind in (RateLimited, Unavailable) else None,
        fields=faults,
        status=reply.status,
        request_id=problem.request_id or reply.request_id,
        vendor=payload,
    )


def _parse_body(reply: Response, service: Service) -> tuple[object, VendorError]:
    try:
        payload = reply.json()
    except InvalidResponse:  # a gateway's page, or nothing at all
        return decode_vendor_text(reply.content), VendorError()
    try:
        return payload, _hold_to_text(service.error(payload))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return payload, VendorError()  # the status says enough, and the vendor's words are told as they are


def _hold_to_text(told: VendorError) -> VendorError:
    """What an error says, where the vendor has put numbers, lists or worse in the place of words."""
    return VendorError(
        message=_write(told.message),
        code=_write(told.code) or None,
        faults=[VendorFault(_write(fault.pointer), _write(fault.message)) for fault in told.faults],
        request_id=_write(told.request_id) or None,
    )


def _write(found: Any) -> str:
    """A text, or a number as one; nothing else is a word."""
    if isinstance(found, bool) or not isinstance(found, str | int):
        return ""
    return str(found)


def _format_message(kind: type[SalesError], reply: Response, problem: VendorError) -> str:
    return f"{_choose_advice(kind, reply.status)} ({reply.status}{': ' + problem.message if problem.message else ''})"


def _choose_advice(kind: type[SalesError], status: int) -> str:
    if status == 410:
        return EXPIRED_ADVICE
    if status in MAINTAINER_STATUSES:
        return MAINTAINER_ADVICE
    return REDIRECT_ADVICE if status in REDIRECT_STATUSES else ADVICE[kind]


def _choose_code(kind: type[SalesError], reply: Response, problem: VendorError) -> str:
    if reply.status == 410:
        return "position_expired"
    return "redirect" if reply.status in REDIRECT_STATUSES else problem.code or kind.default_code
