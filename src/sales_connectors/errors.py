"""Every error that a caller can meet, in one tree; leaves are named by what the caller should do.

::

    SalesError
    ├── InvalidInput        mend the inputs               exit 2   HTTP 422
    ├── NotAuthenticated    sign in again                 exit 3   HTTP 401
    ├── NotAllowed          ask for the scope or right    exit 3   HTTP 403
    ├── NotFound            name something that exists    exit 4   HTTP 404
    ├── Conflict            decide which one is meant     exit 5   HTTP 409
    ├── RateLimited         wait                          exit 6   HTTP 429
    ├── Unavailable         try again later               exit 7   HTTP 503
    ├── InvalidResponse     tell the vendor               exit 8   HTTP 502
    ├── ConfigurationError  mend the set-up               exit 9   HTTP 500
    └── InternalError       tell us: our defect           exit 1   HTTP 500

Every door shows the same object, :meth:`SalesError.as_json`; none invents its own.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self, TypedDict


class Fault(TypedDict):
    """One thing that is wrong with one input: a JSON Pointer to the input, and what to do about it."""

    path: str
    message: str


class SalesError(Exception):
    """What went wrong, for the person who built the workflow, and what they can do about it."""

    default_code: ClassVar[str] = "error"
    default_fix: ClassVar[str] = "maintainer"
    default_retryable: ClassVar[bool] = False
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        fix: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        fields: Iterable[Fault] = (),
        status: int | None = None,
        request_id: str | None = None,
        vendor: Any = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.fix = fix or self.default_fix
        self.retryable = self.default_retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.fields = list(fields)
        self.status = status
        self.request_id = request_id
        self.vendor = vendor
        self.component: str | None = None
        self.action: str | None = None
        self.connection: str | None = None

    def __str__(self) -> str:
        return self.message

    def during(self, component: str | None, action: str | None, connection: str | None) -> Self:
        """Say which call it was; what is known already stays."""
        self.component = self.component or component
        self.action = self.action or action
        self.connection = self.connection or connection
        return self

    def as_json(self) -> dict[str, Any]:
        """The one object that every door shows: ``{"error": {…}}``."""
        return {
            "error": {
                "type": type(self).__name__,
                "code": self.code,
                "message": self.message,
                "retryable": self.retryable,
                "retry_after": self.retry_after,
                "fix": self.fix,
                "fields": self.fields,
                "status": self.status,
                "request_id": self.request_id,
                "vendor": self.vendor,
                "component": self.component,
                "action": self.action,
                "connection": self.connection,
            }
        }


class InvalidInput(SalesError):
    """The inputs do not fit the form, or the service refused them (400, 422)."""

    default_code, default_fix, exit_code, http_status = "invalid_input", "builder", 2, 422


class NotAuthenticated(SalesError):
    """There is no valid token; somebody has to sign in again."""

    default_code, default_fix, exit_code, http_status = "not_authenticated", "end_user", 3, 401


class NotAllowed(SalesError):
    """The token is good but lacks the scope, plan or right."""

    default_code, default_fix, exit_code, http_status = "not_allowed", "admin", 3, 403


class NotFound(SalesError):
    """The record, component, action, data source or trigger does not exist."""

    default_code, default_fix, exit_code, http_status = "not_found", "builder", 4, 404


class Conflict(SalesError):
    """The service holds something that contradicts the request."""

    default_code, default_fix, exit_code, http_status = "conflict", "builder", 5, 409


class RateLimited(SalesError):
    """The budget of the connection is used up for now."""

    default_code, default_fix, exit_code, http_status = "rate_limited", "builder", 6, 429
    default_retryable = True


class Unavailable(SalesError):
    """The service, or the way to it, does not work at the moment."""

    default_code, default_fix, exit_code, http_status = "unavailable", "vendor", 7, 503
    default_retryable = True


class InvalidResponse(SalesError):
    """The service answered what its API does not allow."""

    default_code, default_fix, exit_code, http_status = "invalid_response", "vendor", 8, 502


class ConfigurationError(SalesError):
    """The register, a connection or the store is not set up as it must be."""

    default_code, default_fix, exit_code, http_status = "configuration", "admin", 9, 500


class InternalError(SalesError):
    """Something that we did not foresee: a defect of ours."""

    default_code, exit_code, http_status = "internal", 1, 500


LONGEST_PAGE = 1 << 16
"""Bytes of a page that are looked at; far fewer are shown, once no secret can be cut in two."""


def vendor_words(content: bytes) -> str:
    """The vendor's own error as text, where it is no JSON."""
    return content[:LONGEST_PAGE].decode("utf-8", "replace")


def named(kind: str, wanted: str, known: Iterable[str], hint: str = "") -> NotFound:
    """An unknown name, with the nearest one that exists."""
    return NotFound(
        f"There is no {kind} {wanted!r}.{nearest(wanted, known)}{hint}", code=f"unknown_{kind.replace(' ', '_')}"
    )


def nearest(wanted: str, known: Iterable[str]) -> str:
    """`` Did you mean …?``, or nothing when no name is near."""
    from difflib import get_close_matches

    names: Mapping[str, str] = {name.lower(): name for name in known}
    close = get_close_matches(wanted.lower(), names, n=1, cutoff=0.55)
    return f" Did you mean {names[close[0]]!r}?" if close else ""
