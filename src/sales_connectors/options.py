"""The options of one call, declared once: how long, how often, and what to tell.

The command line, the types of the Python door and the reference pages are written from these declarations.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from typing import Any, Literal, NamedTuple

from .errors import ConfigurationError, InvalidInput, quote_value, suggest_name, warn
from .unicode import can_be_kept

DebugEntry = Mapping[str, Any]
Outcome = Literal["created", "found"]
"""What became of a create: a new record, or under an idempotency key the one that an earlier call has made."""

MAX_OPTION_SECONDS = 604_800.0
"""Seconds that anybody waits: a week.  Who asks for more, as for "no limit", gets that."""
MAX_GIVEN_SECONDS = 1e11
MAX_REPLY_MEGABYTES = 65_536


class OptionSpec(NamedTuple):
    """What is known of an option beside its default."""

    kind: str
    """``seconds``, ``count``, ``flag``, ``text`` or ``callback``."""
    annotation: str
    """Its type in the types of the Python door."""
    description: str
    minimum: float = 0
    maximum: float = math.inf
    metavar: str | None = None
    """What stands for its value in the help of the command line; None for a flag, and what only programs can give."""
    changes_result: bool = False
    """Whether an action returns something else than its data with it."""
    for_creates: bool = False
    """Whether it means something to actions that create, and to no others."""


def _define(default: Any, *spec: Any, **more: Any) -> Any:
    return field(default=default, metadata={"spec": OptionSpec(*spec, **more)})


@dataclass(frozen=True)
class Options:
    """How a call is made; none of it is input of an action.

    The scope of an ``idempotency_key`` is one create of one action in one account; it lives for at least 30 days after
    the create was done, and is kept in the store that holds the connections (``SALES_CONNECTORS_STORE``).
    """

    timeout: float = _define(
        60.0,
        "seconds",
        "float",
        "Seconds for one attempt of a request, a week at the most.",
        minimum=0.001,
        maximum=MAX_GIVEN_SECONDS,
        metavar="S",
    )
    deadline: float | None = _define(
        None,
        "seconds",
        "float",
        "Seconds for the whole call, waits and retries included, a week at the most.",
        minimum=0.001,
        maximum=MAX_GIVEN_SECONDS,
        metavar="S",
    )
    retries: int = _define(
        4, "count", "int", "How often a request that is safe to repeat is repeated.", maximum=100, metavar="N"
    )
    max_reply: int = _define(
        256,
        "count",
        "int",
        "Megabytes that one reply may have when it is unpacked; a larger one is not read.",
        minimum=1,
        maximum=MAX_REPLY_MEGABYTES,
        metavar="MB",
    )
    debug: bool = _define(
        False,
        "flag",
        "bool",
        "Report every exchange, secrets hidden, on standard error: as JSON lines, or by the command line at a terminal"
        " for people.",
    )
    dry_run: bool = _define(
        False,
        "flag",
        "bool",
        "Return the request that would be sent, and send nothing.",
        changes_result=True,
    )
    idempotency_key: str | None = _define(
        None,
        "text",
        "str",
        "For creates: for at least 30 days the same key never creates a second record; as JSON, the outcome (created or"
        " found) stands beside data. Such a call ends after 100 s at the latest.",
        minimum=1,
        maximum=255,
        metavar="K",
        for_creates=True,
    )
    on_debug: Callable[[DebugEntry], None] | None = _define(
        None,
        "callback",
        "Callable[[Mapping[str, Any]], None]",
        "Is told every exchange, secrets hidden, as a mapping; what it raises is a warning.",
    )
    on_page: Callable[[int], None] | None = _define(
        None,
        "callback",
        "Callable[[int], None]",
        "Is told the number of records so far while all pages are fetched; what it raises is a warning.",
    )
    on_outcome: Callable[[Outcome], None] | None = _define(
        None,
        "callback",
        'Callable[[Literal["created", "found"]], None]',
        "For creates: is told whether the record was created now or, under an idempotency key, found; what it raises is"
        " a warning.",
        for_creates=True,
    )
    on_token: Callable[[Mapping[str, Any]], None] | None = _define(
        None,
        "callback",
        "Callable[[Mapping[str, Any]], None]",
        "Is told each new token of a connection that is not kept, before the token is used; without it no refresh token"
        " of such a connection is spent, except by connect(…), whose connector holds the new one. Where it raises, it"
        " is told again with the next call.",
    )

    def __post_init__(self) -> None:
        for name, spec in OPTIONS.items():
            value = getattr(self, name)
            if value is DEFAULTS[name]:
                continue
            if not _is_allowed(value, spec):
                raise _option_error(to_camel_case(name), f"must be {describe_values(spec)}, not {quote_value(value)}")
            if spec.kind == "callback" and any(map(_is_never_run, (value, getattr(value, "__call__", None)))):  # noqa: B004
                message = "must have done its work when it returns, so it can be neither async nor a generator"
                raise _option_error(to_camel_case(name), message)

    @classmethod
    def parse(cls, given: "Options | Mapping[str, Any] | None") -> "Options":
        """Options from a mapping with camelCase or snake_case names."""
        if isinstance(given, Options):
            return given
        if not isinstance(given, Mapping | None):
            raise InvalidInput(f"The options must be an object, not {quote_value(given)}", code="invalid_option")
        return cls().with_changes(
            **{name if isinstance(name, str) else quote_value(name): value for name, value in (given or {}).items()}
        )

    def with_changes(self, **changes: Any) -> "Options":
        """These options with some of them set; None takes one off, or puts its default in its place."""
        if not changes:
            return self
        values: dict[str, Any] = {}
        for given, value in changes.items():
            name = given if given in OPTIONS else JSON_NAMES.get(given, "")
            if not name:
                raise _option_error(given, f"is no option.{suggest_name(given, [*OPTIONS, *JSON_NAMES])}")
            if name in values:
                raise _option_error(given, f"is given twice, as {name} too")
            values[name] = DEFAULTS[name] if value is None else value
        return replace(self, **values)


class TokenHolder:
    """Stands for ``on_token`` where nobody keeps a new token beyond this process, which holds it: says so."""

    def __call__(self, token: Mapping[str, Any]) -> None:
        if not token.get("refresh_token"):  # a client gets another token at any time
            return
        import warnings

        message = (
            "A token was refreshed, and only this connector holds the new one: the refresh token before it is spent."
            " Keep it with the option on_token, or keep the connection: sales-connectors connect COMPONENT NAME"
        )
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=2)
        except RuntimeWarning:  # whoever runs us has warnings raised
            raise ConfigurationError(message, code="callback_failed", fix="maintainer") from None


def tell_observer(observer: Callable[[Any], None], news: Any) -> None:
    """Tell ``on_debug``, ``on_page`` or ``on_outcome``.  What an observer fails at is a warning and does not change
    the call, whose request may be done already."""
    try:
        observer(news)
    except Exception as failure:
        warn(f"{_describe_failure(observer, failure)}; the call goes on")


def _describe_failure(observer: Callable[[Any], None], failure: Exception) -> str:
    """Who has failed at what; neither has to be able to say so."""
    name, words = type(observer).__name__, ""
    with suppress(Exception):
        name = getattr(observer, "__name__", name)
    with suppress(Exception):
        words = f": {failure}"
    return f"{name} raised {type(failure).__name__}{words}"


def to_camel_case(name: str) -> str:
    """``dry_run`` as the JSON doors call it: ``dryRun``."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


OPTIONS: Mapping[str, OptionSpec] = {option.name: option.metadata["spec"] for option in fields(Options)}
"""Every option by its name in Python, in the order in which they are shown."""
DEFAULTS: Mapping[str, Any] = {option.name: option.default for option in fields(Options)}
JSON_NAMES: Mapping[str, str] = {to_camel_case(name): name for name in OPTIONS if "_" in name}
"""Options that the JSON doors call otherwise."""


def _is_allowed(value: Any, spec: OptionSpec) -> bool:
    if spec.kind == "flag":
        return isinstance(value, bool)
    if spec.kind == "callback":
        return callable(value)
    if spec.kind == "text":
        return isinstance(value, str) and spec.minimum <= len(value) <= spec.maximum and can_be_kept(value)
    types: Any = int if spec.kind == "count" else int | float
    return isinstance(value, types) and not isinstance(value, bool) and spec.minimum <= value <= spec.maximum


def _is_never_run(function: object) -> bool:
    """Whether a call of it does nothing by itself: somebody has to await or iterate what it returns."""
    with suppress(Exception):  # what is called may be an object that answers no question
        return iscoroutinefunction(function) or isgeneratorfunction(function) or isasyncgenfunction(function)
    return False


def describe_values(spec: OptionSpec) -> str:
    """What an option takes, in words."""
    bounds = f"from {spec.minimum:g} to {spec.maximum:,.0f}"
    return {
        "flag": "true or false",
        "callback": "a function",
        "text": f"text of {spec.minimum:g} to {spec.maximum:g} characters",
        "count": f"a whole number {bounds}",
        "seconds": f"a number of seconds {bounds}",
    }[spec.kind]


def _option_error(name: str, message: str) -> InvalidInput:
    return InvalidInput(
        f"Option {name}: {message}", code="invalid_option", fields=[{"path": f"/{name}", "message": message}]
    )
