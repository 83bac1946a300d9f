"""The options of one call: how long, how often, and what to tell."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .errors import InvalidInput, nearest

DebugEntry = Mapping[str, Any]

CAMEL = {"dryRun": "dry_run", "idempotencyKey": "idempotency_key", "onDebug": "on_debug", "onPage": "on_page"}


@dataclass(frozen=True)
class Options:
    """How a call is made; none of it is input of an action."""

    timeout: float = 60.0
    """Seconds for one attempt, from connecting to the last byte of the reply."""
    deadline: float | None = None
    """Seconds for the whole call, waits and retries included; None for no limit."""
    retries: int = 4
    """How often a request that is safe to repeat is repeated."""
    debug: bool = False
    """Report every exchange, secrets hidden: to ``on_debug``, else as JSON lines on standard error."""
    dry_run: bool = False
    """Return the request that would be sent, and send nothing."""
    idempotency_key: str | None = None
    """Makes a create safe to ask for again: the same key never creates twice."""
    on_debug: Callable[[DebugEntry], None] | None = None
    on_page: Callable[[int], None] | None = None
    """Told the number of records so far while all pages are fetched."""

    def __post_init__(self) -> None:
        for name in ("timeout", "deadline"):
            value = getattr(self, name)
            if value is not None and not (_is_number(value) and 0 < value < math.inf):
                raise _wrong(name, f"must be a number of seconds above 0, not {value!r}")
        if isinstance(self.retries, bool) or not isinstance(self.retries, int) or self.retries < 0:
            raise _wrong("retries", f"must be a whole number from 0, not {self.retries!r}")
        for name in ("debug", "dry_run"):
            if not isinstance(getattr(self, name), bool):
                raise _wrong(name, f"must be true or false, not {getattr(self, name)!r}")
        if self.idempotency_key is not None and not _is_key(self.idempotency_key):
            raise _wrong("idempotencyKey", "must be text of 1 to 255 characters")

    @classmethod
    def of(cls, given: "Options | Mapping[str, Any] | None") -> "Options":
        """Options from a mapping with camelCase or snake_case names."""
        if isinstance(given, Options):
            return given
        if not isinstance(given, Mapping | None):
            raise InvalidInput(f"The options must be an object, not {given!r:.60}", code="invalid_option")
        return cls().changed(**{str(name): value for name, value in (given or {}).items()})

    def changed(self, **changes: Any) -> "Options":
        """These options with some of them set; None leaves one as it is."""
        known = {field.name for field in fields(self)}
        renamed = {CAMEL.get(name, name): value for name, value in changes.items() if value is not None}
        for name in renamed:
            if name not in known:
                raise _wrong(name, f"is no option.{nearest(name, known)}")
        return replace(self, **renamed)

    def for_real(self) -> "Options":
        """Without the dry run, for what only reads."""
        return replace(self, dry_run=False)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255


def _wrong(name: str, message: str) -> InvalidInput:
    return InvalidInput(
        f"Option {name}: {message}", code="invalid_option", fields=[{"path": f"/{name}", "message": message}]
    )
