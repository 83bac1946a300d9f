"""The functions that a component consists of, by what they handle."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

from .context import Context, Inputs
from .picklist import Picklist
from .service import Service


class Changes(NamedTuple):
    """What a trigger found, and where the next poll goes on."""

    data: dict[str, list[Any]]
    """``created``, ``updated`` and ``deleted``: records without their envelope."""
    state: Any
    """Plain JSON that the caller keeps and hands over with the next poll."""


class ActionHandler(Protocol):
    """``create_contact(ctx, inputs)``: what the service answered, or :class:`Pages` for a list that has pages."""

    def __call__(self, ctx: Context, inputs: Inputs, /) -> Any: ...


class FindHandler(Protocol):
    """``find_contact(ctx, inputs)``: records that such a create may have made; None where nobody can tell."""

    def __call__(self, ctx: Context, inputs: Inputs, /) -> Iterable[Any] | None: ...


class DataSourceHandler(Protocol):
    """``select_contact(ctx, inputs)``: how the options are found."""

    def __call__(self, ctx: Context, inputs: Inputs, /) -> Picklist: ...


class TriggerHandler(Protocol):
    """``poll_changes(ctx, inputs)``: what changed since ``ctx.state``."""

    def __call__(self, ctx: Context, inputs: Inputs, /) -> Changes: ...


class ConnectionHandler(Protocol):
    """``connection(fields)``: the vendor's service, as one kind of connection reaches it; nothing is sent."""

    def __call__(self, fields: Inputs, /) -> Service: ...
