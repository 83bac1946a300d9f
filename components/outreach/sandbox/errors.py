"""The vendor's errors: a list of them, each with an id of its kind and, where it is about a field, a pointer to it."""

from collections.abc import Iterable
from typing import Any

from sales_connectors.imitation import Refused, Reply

MEDIA_TYPE = "application/vnd.api+json"

UNKNOWN_ATTRIBUTE = "permittedParams.unknownAttribute"
UNKNOWN_FIELD = "fieldsParameter.unknownResourceField"
NOT_VALID = "validationError"
DUPLICATE = "validationDuplicateValueError"
TOO_LONG = "validationDataTooLongError"

IDS = {
    403: "unauthorizedOauthScope",
    404: "resourceNotFound",
    405: "resourceNotFound",
    415: "unsupportedMediaType",
    422: NOT_VALID,
    429: "rateLimitExceeded",
    503: "scheduledServerMaintenance",
}
"""The id of what the engine refuses; the other statuses have none that is known."""
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Unauthorized OAuth Scope",
    404: "Resource Not Found",
    405: "Resource Not Found",
    413: "Payload Too Large",
    415: "Unsupported Media Type",
    422: "Validation Error",
    429: "Rate Limit Exceeded",
    500: "Internal Server Error",
    503: "Scheduled Server Maintenance",
}


def write_document(status: int, document: Any) -> Reply:
    return Reply(status, document, content_type=MEDIA_TYPE)


def refuse(status: int, detail: str) -> Reply:
    """The error that the engine asks for, by its status."""
    shown = 404 if status == 405 else status  # inferred: 405 is in no list of the vendor's
    return write_document(shown, {"errors": [describe(status, detail, IDS.get(status))]})


def refused(status: int, detail: str, id: str | None = None, pointer: str | None = None) -> Refused:
    """A request that cannot be carried out, ready to be raised."""
    return Refused(write_document(status, {"errors": [describe(status, detail, id or IDS.get(status), pointer)]}))


def refused_all(status: int, errors: Iterable[dict[str, Any]]) -> Refused:
    return Refused(write_document(status, {"errors": list(errors)}))


def describe(status: int, detail: str, id: str | None = None, pointer: str | None = None) -> dict[str, Any]:
    """One error; the vendor gives it no ``status`` of its own."""
    named = {"id": id} if id else {}
    located = {"source": {"pointer": pointer}} if pointer else {}
    return {**named, "title": TITLES.get(status, "Error"), "detail": detail, **located}


def not_found(type: str, id: str) -> Refused:
    return refused(404, f"Could not find '{type}' with ID '{id}'.")


def forbidden(detail: str) -> Refused:
    """What the user has no right to, whatever the scopes of the token."""
    error = {"id": "unauthorizedRequest", "title": "Unauthorized Request", "detail": detail}
    return refused_all(403, [error])


def not_valid(detail: str, pointer: str = "/data") -> Refused:
    return refused(422, detail, NOT_VALID, pointer)
