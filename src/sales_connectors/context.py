"""What a handler receives."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .paging import Pages

if TYPE_CHECKING:
    from .service import Service
    from .transport.client import Client

Inputs = Mapping[str, Any]
"""Inputs as a handler sees them: coerced, validated, defaults filled in, camelCase; an explicit null is None."""


@dataclass(frozen=True)
class Context:
    """One call: the client that speaks to the service, and what the caller handed over beside the inputs."""

    client: "Client"
    service: "Service"
    state: Any = None
    """For triggers: what the last poll returned as ``state``; None at the first."""

    def pages(self, path: str, query: Mapping[str, Any] | None = None, *, size: int = 100) -> Pages:
        """A list of the service; ``size`` is the largest page that it gives out."""
        return self.service.pages(self.client, path, query or {}, size)
