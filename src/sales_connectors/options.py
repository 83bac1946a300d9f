"""The options of one call, declared once: how long, how often, and what to tell.

The command line, the types of the Python door and the reference pages are written from these declarations.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, NamedTuple

from .errors import InvalidInput, nearest

DebugEntry = Mapping[str, Any]

MAX_SECONDS = 604_800.0
"""Seconds that anybody may ask for: a week."""


class Spec(NamedTuple):
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
    """Whether an action returns more than its data with it; what only reads does not take it."""


def _option(default: Any, *spec: Any, **more: Any) -> Any:
    return field(default=default, metadata={"spec": Spec(*spec, **more)})


@dataclass(frozen=True)
class Options:
    """How a call is made; none of it is input of an action."""

    timeout: float = _option(
        60.0,
        "seconds",
        "float",
        "Seconds for one attempt of a request.",
        minimum=0.001,
        maximum=MAX_SECONDS,
        metavar="S",
    )
    deadline: float | None = _option(
        None,
        "seconds",
        "float",
        "Seconds for the whole call, waits and retries included.",
        minimum=0.001,
        maximum=MAX_SECONDS,
        metavar="S",
    )
    retries: int = _option(
        4, "count", "int", "How often a request that is safe to repeat is repeated.", maximum=100, metavar="N"
    )
    debug: bool = _option(
        False, "flag", "bool", "Report every exchange, secrets hidden, as JSON lines on standard error."
    )
    dry_run: bool = _option(
        False,
        "flag",
        "bool",
        "Return the request that a write would send, and send nothing.",
        changes_result=True,
    )
    idempotency_key: str | None = _option(
        None,
        "text",
        "str",
        "For creates: the same key never creates a second record.",
        minimum=1,
        maximum=255,
        metavar="K",
        changes_result=True,
    )
    on_debug: Callable[[DebugEntry], None] | None = _option(
        None,
        "callback",
        "Callable[[Mapping[str, Any]], None]",
        "Is told every exchange, secrets hidden, as a mapping.",
    )
    on_page: Callable[[int], None] | None = _option(
        None, "callback", "Callable[[int], None]", "Is told the number of records so far while all pages are fetched."
    )

    def __post_init__(self) -> None:
        for option in declared_options():
            _check(option.name, getattr(self, option.name), spec_of(option), option.default is None)

    @classmethod
    def parse(cls, given: "Options | Mapping[str, Any] | None") -> "Options":
        """Options from a mapping with camelCase or snake_case names."""
        if isinstance(given, Options):
            return given
        if not isinstance(given, Mapping | None):
            raise InvalidInput(f"The options must be an object, not {given!r:.60}", code="invalid_option")
        return cls().changed(**{str(name): value for name, value in (given or {}).items()})

    def changed(self, **changes: Any) -> "Options":
        """These options with some of them set; None takes one off, or puts its default in its place."""
        if not changes:
            return self
        known = {**{camel_case(option.name): option for option in declared_options()}}
        known |= {option.name: option for option in declared_options()}
        values: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise _invalid(name, f"is no option.{nearest(name, known)}")
            option = known[name]
            values[option.name] = option.default if value is None else value
        return replace(self, **values)


def declared_options() -> Iterator["Field[Any]"]:
    """Every option, in the order in which they are shown."""
    return iter(fields(Options))


def spec_of(option: "Field[Any]") -> Spec:
    """What is known of an option beside its default."""
    spec: Spec = option.metadata["spec"]
    return spec


def camel_case(name: str) -> str:
    """``dry_run`` as the JSON doors call it: ``dryRun``."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _check(name: str, value: Any, spec: Spec, is_optional: bool) -> None:
    if value is None and is_optional:
        return
    if spec.kind == "flag":
        fine, wanted = isinstance(value, bool), "true or false"
    elif spec.kind == "callback":
        fine, wanted = callable(value), "a function"
    elif spec.kind == "text":
        fine = isinstance(value, str) and spec.minimum <= len(value) <= spec.maximum
        wanted = f"text of {spec.minimum:g} to {spec.maximum:g} characters"
    else:
        types: Any = int if spec.kind == "count" else int | float
        fine = isinstance(value, types) and not isinstance(value, bool) and spec.minimum <= value <= spec.maximum
        unit = "a whole number" if spec.kind == "count" else "a number of seconds"
        wanted = f"{unit} from {spec.minimum:g} to {spec.maximum:,.0f}"
    if not fine:
        raise _invalid(camel_case(name), f"must be {wanted}, not {value!r:.60}")


def _invalid(name: str, message: str) -> InvalidInput:
    return InvalidInput(
        f"Option {name}: {message}", code="invalid_option", fields=[{"path": f"/{name}", "message": message}]
    )
