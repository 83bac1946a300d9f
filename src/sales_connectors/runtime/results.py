"""What a component's functions hand back, held against what they must."""

from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import ConfigurationError

Kind = TypeVar("Kind")


def demand(kind: type[Kind], found: Any, handler: str) -> Kind:
    """What a handler returned; ConfigurationError where it is of another kind."""
    if not isinstance(found, kind):
        told = "nothing" if found is None else f"a {type(found).__name__}"
        raise ConfigurationError(
            f"{handler} returned {told}, where a {kind.__name__} belongs", code="component", fix="maintainer"
        )
    return found


def demanding(kind: type[Kind], function: Callable[..., Any], name: str) -> Callable[..., Kind]:
    """The function, held to what it must return each time."""
    return lambda *given: demand(kind, function(*given), name)
