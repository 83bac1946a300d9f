"""The runtime: one way from any door to a handler and back.

Module-level :func:`invoke`, :func:`pick` and :func:`poll` use a runtime with the default store and the real clock;
a program with its own store, or a test with its own time, makes a :class:`Runtime`.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from ..clock import SYSTEM_CLOCK, Clock, limit_waits
from ..errors import InvalidInput, Unavailable
from ..inputs import accept_inputs
from ..lazy import cached_property
from ..manifest import load_component
from ..options import Options, tell_observer
from ..sdk import Context, Effect, Pages
from .answers import Picked, Polled
from .connections import Connection, ConnectionPool, OpenConnection
from .error_context import error_context, forgetful, map_service_errors
from .invocation import (
    Invocation,
    answer_pick,
    answer_poll,
    ask_account,
    call_error_context,
    note_interrupts,
    run_keyed_create,
    settle_options,
)

if TYPE_CHECKING:
    from ..store import Store
    from ..transport.call import CallScope
    from .kept import KeptConnections

GivenOptions = Options | Mapping[str, Any] | None


class Runtime:
    """Everything that calls share: the store, the clock, and the connections that are open."""

    def __init__(
        self,
        store: "Store | str | None" = None,
        *,
        clock: Clock = SYSTEM_CLOCK,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._store, self.clock = store, clock
        self.connections = ConnectionPool(lambda: self.store, clock, random)

    @cached_property
    def store(self) -> "Store":
        from ..store import Store

        return (
            Store(self._store, clock=self.clock) if self._store is None or isinstance(self._store, str) else self._store
        )

    @cached_property
    def kept(self) -> "KeptConnections":
        """The connections that are kept under a name: made, signed in to, tested, renamed and removed."""
        from .kept import KeptConnections

        return KeptConnections(lambda: self.store, self.connections, self.whoami)

    # --- the ways in ----------------------------------------------------------------------------

    @forgetful
    def invoke(
        self,
        component: str,
        action: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: GivenOptions = None,
    ) -> dict[str, Any]:
        """Run an action: ``{"data": …}``, with ``outcome`` beside it where an idempotency key was given; of a dry run
        ``{"request": …}``.

        Raises :class:`~sales_connectors.errors.SalesError`, and lets through what ends the program or the thread.
        """
        from ..transport.debug import DryRun

        with self._call("actions", component, action, inputs, connection, options) as call:
            try:
                return self._run_call(call)
            except DryRun as preview:
                return {"request": preview.request}
            except Unavailable as lost:
                if lost.code == "outcome_unknown" and not call.options.idempotency_key:
                    lost.message += _choose_advice(call)
                raise

    @forgetful
    def check(self, component: str, action: str, inputs: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The inputs of an action as its handler would get them; InvalidInput names every fault.

        No connection is opened, and nothing is sent.
        """
        with error_context(component, action, None):
            found = load_component(component)
            return accept_inputs(found.form(found.entry("actions", action).key), inputs, action)

    @forgetful
    def find_candidates(
        self,
        component: str,
        action: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: GivenOptions = None,
    ) -> list[Any] | None:
        """Records that a create with these inputs may have made; None where the service cannot be asked for them.

        It is what an idempotency key looks for after an answer was lost.
        """
        with self._call("actions", component, action, inputs, connection, options, bulk=True) as call:
            find = call.component.handler(call.entry, call.entry.find) if call.entry.find else None
            found = find(call.context, call.inputs) if find else None
            return None if found is None else list(found)

    @forgetful
    def iterate(
        self,
        component: str,
        action: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: GivenOptions = None,
    ) -> Iterator[Any]:
        """Every entry of a list as the service sent it, one page in memory at a time.

        It starts where the action's own inputs say, as ``page`` with ``perPage`` or ``cursor``; without them with the
        first page.  The inputs are checked now; what the service has to say comes out of the iterator.
        """
        with error_context(component, action, connection):
            if load_component(component).entry("actions", action).effect is not Effect.READ:
                raise not_a_list_error(action)
        with self._call("actions", component, action, inputs, connection, options, bulk=True) as call:
            pass
        return self._iterate_entries(call)

    def _iterate_entries(self, call: Invocation) -> Iterator[Any]:
        with call_error_context(call):
            pages = call.handler(call.context, call.inputs)
            if not isinstance(pages, Pages):
                raise not_a_list_error(call.entry.key)
            if pages.begun and not call.inputs.get("fetchAll"):
                pages = pages.begun()
            yield from pages.every_item()

    @forgetful
    def pick(
        self,
        component: str,
        source: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: GivenOptions = None,
        *,
        query: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        ids: Sequence[str | int] | None = None,
    ) -> Picked:
        """Options of a data source: ``{"result": [{"label", "key"}], "nextCursor", "total"}``."""
        with self._call("dataSources", component, source, inputs, connection, options) as call:
            return answer_pick(call, query=query, limit=limit, cursor=cursor, ids=ids)

    @forgetful
    def poll(
        self,
        component: str,
        trigger: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: GivenOptions = None,
        *,
        state: Any = None,
    ) -> Polled:
        """What changed since ``state``: ``{"data": {"created": […], "updated": […], "deleted": […]}, "state": …}``.

        The records come without the envelope of the service.  The caller stores the new state once it has dealt with
        them.  A state that is an object names what it is of, and no other trigger or connection takes it.
        """
        with self._call("triggers", component, trigger, inputs, connection, options, bulk=True) as call:
            return answer_poll(call, state=state)

    @forgetful
    def preview(
        self,
        section: str,
        component: str,
        key: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: GivenOptions = None,
        **question: Any,
    ) -> Any:
        """The first request that a pick or a poll would send, ``{"request": …}``; the answer where it needs none."""
        from ..transport.debug import DryRun

        answer = answer_pick if section == "dataSources" else answer_poll
        with self._call(section, component, key, inputs, connection, options, is_preview=True) as call:
            try:
                return answer(call, **question)
            except DryRun as preview:
                return {"request": preview.request}

    @forgetful
    def whoami(self, component: str, connection: Connection, options: GivenOptions = None) -> Any:
        """The connection test: who the service says that the token belongs to."""
        from ..transport.call import CallScope

        with error_context(component, None, connection):
            scope = CallScope(Effect.READ, Options.parse(options), self.clock)
            with limit_waits(scope.remaining()):
                opened = self.connections.open(load_component(component), connection)
                test = opened.component.connections[opened.key]
                with map_service_errors(test, opened.component.form(opened.key), opened):
                    return ask_account(opened, scope)

    def close(self) -> None:
        """Give back every connection and the store; they open again when they are used again."""
        self.connections.close()
        if "store" in self.__dict__:
            self.store.close()

    # --- one call -------------------------------------------------------------------------------

    @contextmanager
    def _call(
        self,
        section: str,
        component: str,
        key: str,
        inputs: Mapping[str, Any] | None,
        connection: Connection,
        options: GivenOptions,
        *,
        bulk: bool = False,
        is_preview: bool = False,
        outer: "_NestedCalls | None" = None,
    ) -> Iterator[Invocation]:
        """A call from its parts; the inputs are checked before a connection is opened, unless the call is part of
        an ``outer`` one, whose connection it shares.

        What goes wrong inside leaves with the call's name on it, pointing at inputs, and without a secret.
        """
        from ..transport.call import CallScope
        from ..transport.client import Client

        with error_context(component, key, connection):
            found = load_component(component)
            entry, form = found.entry(section, key), found.form(key)
            settings = options if isinstance(options, Options) else Options.parse(options)
            settings = replace(settings, dry_run=True) if is_preview else settle_options(settings, entry, bulk)
            values = accept_inputs(form, inputs, key)
            scope = CallScope(entry.effect, settings, self.clock, bulk)
            if outer is not None:
                opened, scope = outer.connection, replace(scope, written=outer.scope.written)
            else:
                with limit_waits(scope.remaining()):
                    opened = self.connections.open(found, connection)
            context = Context(
                client=Client(opened.session, scope),
                service=opened.service,
                envelope=opened.component.envelope,  # of the service that is reached
                timing=scope,
                progress=partial(tell_observer, settings.on_page) if settings.on_page else _tell_nobody,
                nested=_NestedCalls(self, opened, settings, scope),
            )
            call = Invocation(found, entry, form, values, opened, settings, scope, context, found.handler(entry))
            with map_service_errors(entry, form, opened), limit_waits(scope.remaining()), note_interrupts(call):
                yield call

    def _run_call(self, call: Invocation) -> dict[str, Any]:
        if call.entry.effect is not Effect.CREATE:
            return self._run_handler(call)
        is_keyed = call.options.idempotency_key and not call.options.dry_run
        answer = run_keyed_create(call, self.store.journal) if is_keyed else self._run_handler(call)
        if call.options.on_outcome:
            tell_observer(call.options.on_outcome, answer.get("outcome", "created"))
        return answer

    def _run_handler(self, call: Invocation) -> dict[str, Any]:
        result = call.handler(call.context, call.inputs)
        if not isinstance(result, Pages):
            return {"data": result}
        if not call.inputs.get("fetchAll"):
            page = result.asked()
            result.items(page)  # what is no list is told now, not when somebody looks into it
            return {"data": page}
        from .pagination import collect_pages

        return {"data": collect_pages(result, call.scope.over, call.context.progress)}


@dataclass(frozen=True)
class _NestedCalls:
    """Actions that an action calls, over the same connection and within the same time."""

    runtime: Runtime
    connection: OpenConnection
    options: Options
    scope: "CallScope"

    @property
    def component(self) -> str:
        return self.connection.component.key

    def __call__(self, component: str, action: str, inputs: Mapping[str, Any]) -> Any:
        left = self.scope.remaining()
        deadline = None if left is None else max(left, 0.001)
        options = replace(self.options, deadline=deadline, idempotency_key=None, on_outcome=None)
        with self.runtime._call("actions", component, action, inputs, self.connection, options, outer=self) as call:
            return self.runtime._run_call(call)["data"]


def _choose_advice(call: Invocation) -> str:
    """What to do about a write without a key of which nobody knows whether it was done."""
    key = ", or use an idempotency key" if call.entry.effect is Effect.CREATE else ""
    return f". Look before repeating it{key}"


def _tell_nobody(count: int) -> None:
    """Nobody watches the progress."""


def not_a_list_error(action: str) -> InvalidInput:
    return InvalidInput(f"{action} does not return a list that has pages; run it instead", code="not_a_list")


@cache
def default_runtime() -> Runtime:
    """The runtime behind the module-level functions."""
    return Runtime()


@forgetful
def invoke(
    component: str,
    action: str,
    inputs: Mapping[str, Any] | None = None,
    connection: Connection = None,
    options: GivenOptions = None,
) -> dict[str, Any]:
    """:meth:`Runtime.invoke` with the default store."""
    return default_runtime().invoke(component, action, inputs, connection, options)


@forgetful
def pick(
    component: str,
    source: str,
    inputs: Mapping[str, Any] | None = None,
    connection: Connection = None,
    options: GivenOptions = None,
    *,
    query: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    ids: Sequence[str | int] | None = None,
) -> Picked:
    """:meth:`Runtime.pick` with the default store."""
    return default_runtime().pick(
        component, source, inputs, connection, options, query=query, limit=limit, cursor=cursor, ids=ids
    )


@forgetful
def poll(
    component: str,
    trigger: str,
    inputs: Mapping[str, Any] | None = None,
    connection: Connection = None,
    options: GivenOptions = None,
    *,
    state: Any = None,
) -> Polled:
    """:meth:`Runtime.poll` with the default store."""
    return default_runtime().poll(component, trigger, inputs, connection, options, state=state)
