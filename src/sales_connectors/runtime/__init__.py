"""One way from any door to a handler and back."""

from .answers import Changes, Choice, Picked, Polled
from .connections import Connection, OpenConnection
from .runtime import Runtime, default_runtime, invoke, pick, poll

__all__ = [
    "Changes",
    "Choice",
    "Connection",
    "OpenConnection",
    "Picked",
    "Polled",
    "Runtime",
    "default_runtime",
    "invoke",
    "pick",
    "poll",
]
