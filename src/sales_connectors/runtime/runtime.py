"""The runtime: one way from any door to a handler and back.

Module-level :func:`invoke`, :func:`pick` and :func:`poll` use a runtime with the default store and the real clock;
a program with its own store, or a test with its own time, makes a :class:`Runtime`.
"""

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from ..clock import SYSTEM_CLOCK, Clock, limit_waits
from ..errors import Fault, InvalidInput, NotAllowed
from ..inputs import accept_inputs
from ..inputs.json_compatibility import find_unserializable
from ..lazy import cached_property
from ..manifest import Component, Entry, Form, load_component
from ..manifest.component import demand
from ..options import Options, tell_observer
from ..sdk import Changes, Context, Effect, Pages, Picklist
from .answers import Picked, Polled
from .connections import Connection, ConnectionPool, OpenConnection
from .error_context import error_context, forgetful, map_service_errors

if TYPE_CHECKING:
    from ..store import Store
    from ..transport.call import CallScope
    from .kept import KeptConnections

GivenOptions = Options | Mapping[str, Any] | None


@dataclass(frozen=True)
class Invocation:
    """One call that is ready to be made: what is called, with which inputs, over which connection."""

    component: Component
    entry: Entry
    form: Form
    inputs: dict[str, Any]
    connection: OpenConnection
    options: Options
    scope: "CallScope"
    context: Context
    handler: Callable[..., Any]


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

        Raises :class:`~sales_connectors.errors.SalesError`, and nothing else.
        """
        from ..transport.debug import DryRun

        with self._call("actions", component, action, inputs, connection, options) as call:
            try:
                return self._run_call(call)
            except DryRun as preview:
                return {"request": preview.request}

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

        The inputs are checked now; what the service has to say comes out of the iterator.
        """
        with error_context(component, action, connection):
            if load_component(component).entry("actions", action).effect is not Effect.READ:
                raise not_a_list_error(action)
        with self._call("actions", component, action, inputs, connection, options, bulk=True) as call:
            pass
        return self._iterate_entries(call)

    def _iterate_entries(self, call: Invocation) -> Iterator[Any]:
        with _call_error_context(call):
            pages = call.handler(call.context, call.inputs)
            if not isinstance(pages, Pages):
                raise not_a_list_error(call.entry.key)
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
            return _answer_pick(call, query=query, limit=limit, cursor=cursor, ids=ids)

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
        them.
        """
        with self._call("triggers", component, trigger, inputs, connection, options, bulk=True) as call:
            return _answer_poll(call, state=state)

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

        answer = _answer_pick if section == "dataSources" else _answer_poll
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
                with map_service_errors(opened.component.form(opened.key), opened):
                    return _ask_account(opened, scope)

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
            settings = replace(settings, dry_run=True) if is_preview else _settle_options(settings, entry, bulk)
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
            with map_service_errors(form, opened), limit_waits(scope.remaining()), _note_interrupts(call):
                yield call

    def _run_call(self, call: Invocation) -> dict[str, Any]:
        if call.entry.effect is not Effect.CREATE:
            return self._run_handler(call)
        is_keyed = call.options.idempotency_key and not call.options.dry_run
        answer = self._run_keyed_create(call) if is_keyed else self._run_handler(call)
        if call.options.on_outcome:
            tell_observer(call.options.on_outcome, answer.get("outcome", "created"))
        return answer

    def _run_keyed_create(self, call: Invocation) -> dict[str, Any]:
        from .idempotency import KeyedCreate, nameless_connection_error

        if not call.connection.is_lasting:
            raise nameless_connection_error()
        find = call.component.handler(call.entry, call.entry.find) if call.entry.find else None
        create = KeyedCreate(
            self.store.journal,
            self._find_journal_identity(call),
            call.entry.key,
            call.handler,
            find,
            call.context,
            call.inputs,
            call.scope.written,
            isinstance(call.entry.returns, str) and call.entry.returns not in ("nothing", "anything"),
        )
        return create.run(str(call.options.idempotency_key))

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

    def _find_journal_identity(self, call: Invocation) -> str:
        """Whose creates are journaled together.

        Of a kept connection the store knows it.  The name of one that came with the call is whoever's choice, so the
        service is asked whose the token is; where the token may not tell, the name has to do.
        """
        from ..transport.call import CallScope
        from .accounts import identify_account

        opened = call.connection
        if not opened.is_named:
            return opened.identity
        if not opened.account:
            scope = CallScope(Effect.READ, call.options, self.clock, started=call.scope.started)
            account = None
            with suppress(NotAllowed):
                account = identify_account(opened, _ask_account(opened, scope))
            opened.account[:] = [account]  # another thread may have asked meanwhile
        return "#".join([opened.identity, *filter(None, opened.account)])


def _answer_pick(call: Invocation, **question: Any) -> Picked:
    from .picklists import PickRequest, query_picklist

    wanted = PickRequest.parse(**question)
    picklist = demand(Picklist, call.handler(call.context, call.inputs), call.entry.handler)
    cache_key = f"{call.component.key}|{call.entry.key}|{json.dumps(call.inputs, sort_keys=True, default=str)}"
    return query_picklist(picklist, wanted, cache_key, call.connection.option_cache)


def _answer_poll(call: Invocation, *, state: Any) -> Polled:
    if any(find_unserializable(state)):
        message = "is not what a poll returned as its state"
        fault: Fault = {"path": "/state", "message": message}
        raise InvalidInput(f"state {message}", code="invalid_state", fields=[fault])
    polled = call.handler(replace(call.context, state=state), call.inputs)
    changes = demand(Changes, polled, call.entry.handler)
    return cast(Polled, {"data": changes.data, "state": changes.state})


def _ask_account(opened: OpenConnection, scope: "CallScope") -> Any:
    """Whose the token is, as the service says it: a record in the component's envelope."""
    from ..transport.client import Client

    return opened.service.account(Client(opened.session, scope).get(opened.service.whoami))


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


@contextmanager
def _note_interrupts(call: Invocation) -> Iterator[None]:
    """Who interrupts a call is told by a note of what it may have done."""
    try:
        yield
    except Exception:
        raise
    except BaseException as interrupt:
        if call.scope.written.is_set() and not hasattr(interrupt, "__notes__"):
            advice = "ask again with the same key" if call.options.idempotency_key else "look before repeating it"
            interrupt.add_note(f"{call.entry.key} was interrupted; the service may have done it: {advice}")
        raise


@contextmanager
def _call_error_context(call: Invocation) -> Iterator[None]:
    with (
        error_context(call.component.key, call.entry.key, call.connection),
        map_service_errors(call.form, call.connection),
    ):
        yield


def _settle_options(options: Options, entry: Entry, bulk: bool) -> Options:
    """The options as this call takes them: what only reads is never previewed, and a create with a key ends before
    another process may take the key and look for what became of it."""
    if entry.section != "actions" or bulk:
        return replace(options, dry_run=False)
    if options.idempotency_key and entry.effect is not Effect.CREATE:
        raise _meaningless_key_error(entry)
    if options.idempotency_key:
        from .idempotency import MAX_KEYED_CREATE_SECONDS, check_key

        check_key(options.idempotency_key)
        return replace(options, deadline=min(options.deadline or MAX_KEYED_CREATE_SECONDS, MAX_KEYED_CREATE_SECONDS))
    return options


def _meaningless_key_error(entry: Entry) -> InvalidInput:
    message = "is for actions that create; leave it out here"
    return InvalidInput(
        f"idempotencyKey {message}: {entry.key} has the effect {entry.effect}",
        code="invalid_option",
        fields=[{"path": "/idempotencyKey", "message": message}],
    )


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
