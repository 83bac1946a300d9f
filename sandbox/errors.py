"""The vendor's errors: the envelope, the codes and their words."""

import secrets
import string
from collections.abc import Iterable
from http.client import responses
from typing import TYPE_CHECKING, Any

from sales_connectors.imitation import Refused, Reply
from sales_connectors.imitation.kit import Problem

if TYPE_CHECKING:
    from .resources import Resource

MORE_INFO = {"more_info": "https://developers.getbase.com/docs/rest/articles/errors"}
CODES = {
    400: "invalid_param",
    401: "unauthorized",
    403: "insufficient_scope",
    404: "not_found",
    406: "invalid_header",  # inferred
    410: "position_expired",  # inferred
    415: "invalid_header",  # inferred
    422: "incorrect_payload",
    429: "rate_limit_exceeded",
    500: "server_error",
    503: "temporarily_unavailable",
}
MESSAGES = {
    "invalid_param": "invalid request query parameter",
    "invalid_payload": "invalid request payload",
    "invalid_header": "invalid request header",
    "invalid_user_agent": "invalid user agent header",
    "not_found": "Not Found",
    "incorrect_path": "incorrect request path",
    "unknown": "unknown attribute",
    "missing": "missing required attribute",
    "blank": "attribute value cannot be blank",
    "invalid_type": "attribute value has an invalid type",
    "incorrect_value": "attribute value is incorrect",
    "already_exists": "resource already exists",
}
REASONS = {**responses, 422: "Unprocessable Entity"}
"""What statuses are called; Python has renamed one of them since the vendor wrote its own."""


def refuse(status: int, detail: str) -> Reply:
    """The error that the engine asks for, by its status."""
    if status == 405:
        return _build_request_error(404, "incorrect_path", detail)  # inferred: 405 is in no list of the vendor's
    return _build_request_error(status, CODES.get(status, "server_error"), detail)


def refused(status: int, detail: str, code: str | None = None) -> Refused:
    """A request that cannot be carried out, ready to be raised."""
    return Refused(_build_request_error(status, code or CODES[status], detail))


def invalid_param(detail: str) -> Refused:
    return refused(400, detail)


def not_found(detail: str) -> Refused:
    return refused(404, detail)


def incorrect(resource: "Resource", problems: Iterable[Problem]) -> Refused:
    """A payload that was understood and is wrong.

    Products differ, as observed: their pointers start at the body, and the envelope calls itself a collection.
    """
    errors = [
        {
            "resource": resource.type,
            "field": f"/data/{problem.field}" if resource.pointers_under_data else f"/{problem.field}",
            "code": problem.code,
            "message": MESSAGES[problem.code],
            "details": problem.details,
        }
        for problem in problems
    ]
    return Refused(_build_envelope(422, errors, "collection" if resource.pointers_under_data else "errors"))


def request_id() -> str:
    """Four groups of five, as observed."""
    letters = string.ascii_lowercase + string.digits
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def _build_request_error(status: int, code: str, detail: str) -> Reply:
    message = MESSAGES.get(code, REASONS.get(status, "Error"))
    return _build_envelope(status, [{"code": code, "message": message, "details": detail}], "errors")


def _build_envelope(status: int, errors: list[dict[str, Any]], kind: str) -> Reply:
    logref = request_id()
    body = {
        "errors": [{"error": error, "meta": {"type": "error", "links": MORE_INFO}} for error in errors],
        "meta": {
            "type": kind,
            "http_status": f"{status} {REASONS.get(status, 'Error')}",
            "logref": logref,
            "links": MORE_INFO,
        },
    }
    return Reply(status, body, {"X-Request-Id": logref})
