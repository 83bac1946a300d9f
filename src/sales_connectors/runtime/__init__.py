"""One way from any door to a handler and back."""

from .connections import Connection, OpenConnection
from .runtime import Runtime, default_runtime, invoke, pick, poll

__all__ = ["Connection", "OpenConnection", "Runtime", "default_runtime", "invoke", "pick", "poll"]
