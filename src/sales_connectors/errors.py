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

import errno
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple, NotRequired, Self, TypedDict


class Fault(TypedDict):
    """One thing that is wrong with one input."""

    path: str
    """A JSON Pointer to the input."""
    message: str
    """What is wrong, and what to do about it."""
    rule: NotRequired[str]
    """Which rule it breaks: a keyword of JSON Schema, ``unknown`` for an input that the form does not have,
    ``unserializable`` for what JSON cannot carry, ``schema`` for whatever else; absent where the service or something
    else than a form complains."""
    others: NotRequired[list[str]]
    """The other inputs that the rule is about."""


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

    def add_context(self, component: str | None, action: str | None, connection: str | None) -> Self:
        """Say which call it was; what is known already stays, and what is no name is none."""
        for name, given in (("component", component), ("action", action), ("connection", connection)):
            if getattr(self, name) is None and isinstance(given, str):
                setattr(self, name, hide_tokens(given))
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
    """A component, a connection or the store is not set up as it must be."""

    default_code, default_fix, exit_code, http_status = "configuration", "admin", 9, 500


class InternalError(SalesError):
    """Something that we did not foresee: a defect of ours."""

    default_code, exit_code, http_status = "internal", 1, 500


class Code(NamedTuple):
    """One of our codes: the class of error that carries it, and what it says."""

    error: type[SalesError]
    sentence: str


_SENTENCES: Mapping[type[SalesError], Mapping[str, str]] = {
    InvalidInput: {
        "invalid_input": "The inputs do not fit the form, or the service refused them.",
        "cannot_be_pickled": "A connector cannot go to another process as it is.",
        "invalid_connection": "A part of the connection is missing or malformed.",
        "invalid_connection_name": "The name cannot be that of a connection.",
        "invalid_json": "Something that must be JSON is not.",
        "invalid_option": "There is no such option, or its value is out of bounds.",
        "invalid_program": "The program of jq is none, or fails at the result.",
        "invalid_request": "The request cannot be sent as it is.",
        "invalid_state": "The state is not what a poll returned.",
        "missing_answer": "Something that was asked for was not typed in.",
        "missing_secret": "A secret that was asked for was not typed in.",
        "nameless_connection": "An idempotency key needs a connection that has a name.",
        "no_client": "A sign-in needs an application that is registered with the vendor.",
        "no_connection": "The call needs a connection.",
        "no_revocation": "The service has no call that ends a token.",
        "no_scopes": "Nobody asks for scopes here, or nobody knows which ones the actions need.",
        "no_sign_in": "Nobody signs in with this kind of connection.",
        "no_such_grant": "The component has no connection with this OAuth grant.",
        "not_a_list": "The action does not return a list that has pages.",
        "redirect_uri": "Nobody can listen at the redirect address on this machine.",
        "secret_on_command_line": "A secret stands where other users could read it.",
        "unknown_column": "A record has no such field.",
        "unreadable_file": "A file that was named cannot be read.",
        "usage": "The command line is used in a way that it does not know.",
        "wrong_connection": "The connection belongs to another component.",
    },
    NotAuthenticated: {
        "not_authenticated": "The service does not accept the token.",
        "malformed_token": "The token has characters that no token has.",
        "no_code": "The address is not the one that the browser was sent back to.",
        "no_refresh_token": "The token has ended, and there is nothing to get another one with.",
        "no_token": "The connection has no token.",
        "refused_signature": "The service gives no token for what the application signed.",
        "sign_in_required": "The service will not renew the token; somebody has to sign in again.",
        "sign_in_timeout": "Nobody came back from the browser in time.",
        "state_mismatch": "The browser came back from another sign-in.",
        "token_expired": "The token has ended, and nobody would keep a new one.",
    },
    NotAllowed: {
        "not_allowed": "The token lacks a scope, a plan or a right.",
    },
    NotFound: {
        "not_found": "The service has no such record.",
        "no_demo": "The component has no demo.",
        "no_sandbox": "The component has no sandbox.",
        "position_expired": "The service no longer keeps what the position points to.",
        "unknown_action": "The component has no such action.",
        "unknown_component": "There is no such component.",
        "unknown_connection": "There is no such connection.",
        "unknown_data_source": "The component has no such data source.",
        "unknown_entry": "The component has nothing of that name.",
        "unknown_trigger": "The component has no such trigger.",
    },
    Conflict: {
        "conflict": "The service holds something that contradicts the request.",
        "already_there": "Something of this name exists already.",
        "already_started": "The work was started, and takes no more.",
        "idempotency_key_reused": "The idempotency key was used for other inputs.",
        "name_taken": "The name is that of another connection.",
        "other_records": "Something else has put records there.",
        "several_matches": "Several records match where one is meant.",
    },
    RateLimited: {
        "rate_limited": "The service says that its rate limit is used up.",
        "budget": "The rate of the connection leaves no room within the deadline.",
    },
    Unavailable: {
        "unavailable": "The service, or the way to it, does not work at the moment.",
        "busy": "Another process holds what is needed for too long.",
        "connection_changed": "The connection was changed while a call used it.",
        "deadline": "The deadline of the call passed.",
        "idempotency_key_busy": "Another process is creating under the same key.",
        "outcome_unknown": "Nobody can know whether the service did what was asked.",
        "tls": "The certificate or the TLS handshake of the service failed.",
    },
    InvalidResponse: {
        "invalid_response": "The service answered what its API does not allow.",
        "broken_encoding": "The reply cannot be unpacked.",
        "broken_headers": "The headers of the reply contradict one another.",
        "endless_list": "The pages of a list repeat, or lead nowhere.",
        "error_in_success": "The reply says that all is well, and holds an error.",
        "redirect": "The service redirects where its API does not.",
        "reply_too_large": "The reply is larger than what is read.",
        "token_still_works": "The service says that it ended the token, and still takes it.",
    },
    ConfigurationError: {
        "configuration": "Something is not set up as it must be.",
        "component": "A component does not hand back what it must.",
        "callback_failed": "A function of the caller's failed at what it has to take.",
        "connection_file": "The file of the connection cannot be used.",
        "demo": "The demo did not go as its story says.",
        "no_ca_bundle": "The certificates to trust cannot be read.",
        "key_log_file": "The file that SSLKEYLOGFILE names cannot be written.",
        "missing_extra": "An optional library is not installed.",
        "output": "Standard output cannot be written.",
        "port_in_use": "The port cannot be listened on.",
        "proxy": "The proxy of the environment cannot be used.",
        "register": "A component does not fit its manifest.",
        "resources": "The process has no more open files, memory, threads or disk.",
        "stale_docs": "Generated files are not up to date.",
        "state_file": "The file of the state cannot be written.",
        "store_address": "The address of the store cannot be read.",
        "store_corrupt": "The store is damaged.",
        "store_driver": "The driver of the store is not installed.",
        "store_failed": "The store failed.",
        "store_full": "The store cannot grow.",
        "store_key": "The key of the store is missing or another one.",
        "store_locked": "The store stayed locked.",
        "store_read_only": "The store is read-only.",
        "store_replaced": "The store was deleted or replaced while it was used.",
        "store_unreachable": "The store cannot be reached.",
        "store_unreadable": "The store cannot be opened.",
        "store_unwritable": "The store or its folder cannot be made.",
        "store_version": "The store was made by a newer version.",
    },
    InternalError: {
        "internal": "A defect of ours.",
    },
}

CODES: Mapping[str, Code] = {
    code: Code(error, sentence) for error, sentences in _SENTENCES.items() for code, sentence in sentences.items()
}
"""Every code of ours; any other one is the service's own word for what went wrong."""


LIKE_TOKEN = re.compile(r"(?<![a-z0-9])(?=[a-z]*[0-9])(?=[0-9]*[a-z])[a-z0-9]{33,}", re.IGNORECASE)
"""More letters and digits on end than a hash has that somebody takes for a name: tokens look so, and are typed where a
name belongs."""
WORD = re.compile(r"[^\s'\"(),]+")

MAX_PAGE_BYTES = 1 << 16
"""Bytes of a page that are looked at; far fewer are shown, once no secret can be cut in two."""


LACKS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where it has no more to give."""
LACKS_IN_WORDS = ("can't start new thread", "failed to map segment", "No usable temporary directory")
"""How Python and the loader say so."""


def decode_vendor_text(content: bytes) -> str:
    """The vendor's own error as text, where it is no JSON."""
    return content[:MAX_PAGE_BYTES].decode("utf-8", "replace")


def warn(message: str, kind: type[Warning] = RuntimeWarning, stack_level: int = 3) -> None:
    """Warn, and go on: nothing is lost over a warning, although whoever runs us has warnings raised."""
    import warnings

    try:
        warnings.warn(message, kind, stacklevel=stack_level)
    except kind as raised:
        warnings.showwarning(raised, kind, __name__, 0)


def find_lack(error: BaseException) -> ConfigurationError | None:
    """The error for what the system no longer gives to this process; None where that is not what happened."""
    what = None
    if isinstance(error, MemoryError):
        what = os.strerror(errno.ENOMEM)
    elif isinstance(error, OSError) and error.errno in LACKS:
        what = os.strerror(error.errno)
    elif isinstance(error, (RuntimeError, ImportError, FileNotFoundError)):
        what = next((words for words in LACKS_IN_WORDS if words in str(error)), None)
    if what is None:
        return None
    return ConfigurationError(
        f"The system gives this process no more: {what}. Raise its limits (ulimit -a), or do less at once",
        code="resources",
        retryable=True,
    )


def quote_value(value: object) -> str:
    """A value as a message shows it, cut when it is long."""
    try:
        return f"{value!r:.60}"
    except (ValueError, RecursionError):  # a number with thousands of digits, or a nesting without end
        return f"{type(value).__name__} beyond all bounds"


def quote_name(name: object) -> str:
    """A name as a message shows it; what can be none may be a secret that was given in its place."""
    return quote_value(name) if isinstance(name, str) and is_like_name(name) else "What was given"


def is_like_name(text: str) -> bool:
    """Whether a text could be meant as a name."""
    fine = 0 < len(text) <= 100 and all(sign.isalnum() or sign in " -_." for sign in text)
    return fine and not LIKE_TOKEN.search(text)


def hide_tokens(text: str) -> str:
    """A text that quotes what somebody typed, without what looks like a token."""
    return WORD.sub(lambda word: "***" if LIKE_TOKEN.search(word[0]) else word[0], text)


def unknown_name_error(kind: str, wanted: object, known: Iterable[str], hint: str = "") -> NotFound:
    """An unknown name, with the nearest one that exists."""
    nearest = suggest_name(wanted, known) if isinstance(wanted, str) else ""
    message = f"There is no {kind} {hide_tokens(quote_value(wanted))}.{nearest}{hint}"
    return NotFound(message, code=f"unknown_{kind.replace(' ', '_')}")


def suggest_name(wanted: str, known: Iterable[str]) -> str:
    """`` Did you mean …?``, or nothing when no name is near."""
    from difflib import get_close_matches

    names: Mapping[str, str] = {name.lower(): name for name in known}
    close = get_close_matches(wanted.lower(), names, n=1, cutoff=0.55)
    return f" Did you mean {names[close[0]]!r}?" if close else ""
