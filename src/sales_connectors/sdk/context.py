"""What a handler receives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ..errors import SalesError
from .client import Client
from .envelope import Envelope
from .pages import Pages
from .service import Service

Inputs = Mapping[str, Any]
"""Inputs as a handler sees them: coerced, validated, defaults filled in, camelCase; an explicit null is None."""


class Timing(Protocol):
    """The time of one call; it belongs to whoever runs the call, and need not pass in this process."""

    def elapsed(self) -> float: ...

    def remaining(self) -> float | None: ...

    def sleep(self, seconds: float) -> None: ...


class NestedCalls(Protocol):
    """The way to other actions, over the same connection and within the same time."""

    @property
    def component(self) -> str: ...

    def __call__(self, component: str, action: str, inputs: Inputs) -> Any: ...


@dataclass(frozen=True)
class Context:
    """One call: the client that speaks to the service, and what the caller handed over beside the inputs."""

    client: Client
    service: Service
    """What the connection says of its vendor."""
    envelope: Envelope
    """What the service wraps around its records."""
    timing: Timing
    progress: Callable[[int], None]
    """To be told how many records are dealt with so far, by work that takes long."""
    nested: NestedCalls
    state: Any = None
    """For triggers: what the last poll returned as ``state``; None at the first."""
    parts: Callable[[str, Callable[[], Any]], Any] = lambda name, send: send()
    """How the parts of a create are sent; see :meth:`once`."""

    @property
    def elapsed(self) -> float:
        """Seconds since the call began."""
        return self.timing.elapsed()

    @property
    def deadline(self) -> float | None:
        """Seconds that are left until the caller's deadline; None where there is none."""
        return self.timing.remaining()

    def sleep(self, seconds: float) -> None:
        """Wait, in the way of whoever runs the call; Unavailable at once where the deadline comes before."""
        self.timing.sleep(seconds)

    def pages(self, path: str, query: Mapping[str, Any] | None = None, *, size: int = 100) -> Pages:
        """A list of the service; ``size`` is the largest page that it gives out."""
        return self.service.pages(self, path, query or {}, size)

    def once(self, part: str, send: Callable[[], Any]) -> Any:
        """What ``send`` returns, which must be plain JSON, for one request of a create that takes several.

        Under an idempotency key the part is remembered by its name: where another one is refused, and the create is
        asked for again, what was done already is not sent a second time.
        """
        return self.parts(part, send)

    @property
    def connected_component(self) -> str:
        """The key of the component whose service the connection reaches; one without a service uses another's."""
        return self.nested.component

    def invoke(
        self, action: str, inputs: Inputs, *, component: str | None = None, names: Mapping[str, str] | None = None
    ) -> Any:
        """What another action returns, over the same connection: of the component that the connection reaches, or of
        ``component``.

        ``names`` says which of our inputs each input of that action comes from, so that an error names what the caller
        knows; its call is told as this one.
        """
        try:
            return self.nested(component or self.nested.component, action, inputs)
        except SalesError as error:
            error.component = error.action = error.connection = None
            for fault in error.fields:
                name, slash, below = fault["path"].lstrip("/").partition("/")
                fault["path"] = f"/{(names or {}).get(name, name)}{slash}{below}"
            raise
