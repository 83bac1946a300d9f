"""The runtime: one way from any door to a handler and back.

Module-level :func:`invoke`, :func:`pick` and :func:`poll` use a runtime with the default store and the real clock;
a program with its own store, or a test with its own time, makes a :class:`Runtime`.
"""

import json
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from . import register
from .clock import SYSTEM, Clock
from .connection import GIVEN, Opened, checked, open_connection
from .context import Context
from .errors import InvalidInput
from .fork import begin_anew_in_children
from .inputs import accepted
from .options import Options
from .paging import Pages
from .register import Component, Entry, Form
from .reporting import reported, translated

if TYPE_CHECKING:
    from .auth.tokens import TokenSource
    from .store import Store
    from .transport.client import Client

Connection = str | Mapping[str, Any] | Opened | None
Given = Options | Mapping[str, Any] | None

REMEMBERED = 64
"""How many connections that came with a call stay open, so that the next call with the same one finds its pipe."""


class Runtime:
    """Everything that calls share: the store, the clock, and the connections that are open."""

    def __init__(
        self,
        store: "Store | str | None" = None,
        *,
        clock: Clock = SYSTEM,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._store, self.clock, self._random = store, clock, random
        self._opened: dict[str, Opened] = {}
        self.begin_anew()
        begin_anew_in_children(self)

    def begin_anew(self) -> None:
        self._opening = Lock()

    @cached_property
    def store(self) -> "Store":
        from .store import Store

        return (
            Store(self._store, clock=self.clock) if self._store is None or isinstance(self._store, str) else self._store
        )

    # --- the three ways in ----------------------------------------------------------------------

    def invoke(
        self,
        component: str,
        action: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: Given = None,
    ) -> dict[str, Any]:
        """Run an action: ``{"data": …}``, with ``outcome`` beside it where an idempotency key was given.

        Raises :class:`~sales_connectors.errors.SalesError`, and nothing else.
        """
        with reported(component, action, connection):
            entry, form, opened, settings = self._prepared("actions", component, action, connection, options)
            values = accepted(form, inputs, action)
            with translated(form, opened):
                context = self._context(opened, entry, settings)
                return self._result(entry, context, values, settings, opened)

    def iterate(
        self,
        component: str,
        action: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: Given = None,
    ) -> Iterator[Any]:
        """Every entry of a list as the service sent it, one page in memory at a time.

        The inputs are checked now; what the service has to say comes out of the iterator.
        """
        with reported(component, action, connection):
            entry, form, opened, settings = self._prepared("actions", component, action, connection, options)
            if entry.effect != "read":
                raise no_list(action)
            values = accepted(form, inputs, action)
            context = self._context(opened, entry, settings.for_real(), bulk=True)
            handler = opened.component.handler(entry)
        return self._entries(entry, form, opened, lambda: handler(context, values))

    def _entries(self, entry: Entry, form: Form, opened: Opened, begin: Callable[[], Any]) -> Iterator[Any]:
        with reported(opened.component.key, entry.key, opened), translated(form, opened):
            pages = begin()
            if not isinstance(pages, Pages):
                raise no_list(entry.key)
            yield from pages.every_item()

    def pick(
        self,
        component: str,
        source: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: Given = None,
        *,
        query: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        ids: list[str] | None = None,
    ) -> dict[str, Any]:
        """Options of a data source: ``{"result": [{"label", "key"}], "nextCursor", "total"}``."""
        from .picklists import Question, answer

        with reported(component, source, connection):
            entry, form, opened, settings = self._prepared("dataSources", component, source, connection, options)
            values = accepted(form, inputs, source)
            question = Question.of(query=query, limit=limit, cursor=cursor, ids=ids)
            with translated(form, opened):
                picklist = opened.component.handler(entry)(self._context(opened, entry, settings.for_real()), values)
                place = f"{source}|{json.dumps(values, sort_keys=True, default=str)}"
                return answer(picklist, question, place, opened.picked)

    def poll(
        self,
        component: str,
        trigger: str,
        inputs: Mapping[str, Any] | None = None,
        connection: Connection = None,
        options: Given = None,
        *,
        state: Any = None,
    ) -> dict[str, Any]:
        """What changed since ``state``: ``{"data": {"created", "updated", "deleted"}, "state": …}``.

        The caller stores the new state once it has dealt with the records.
        """
        with reported(component, trigger, connection):
            entry, form, opened, settings = self._prepared("triggers", component, trigger, connection, options)
            values = accepted(form, inputs, trigger)
            with translated(form, opened):
                handler = opened.component.handler(entry)
                context = self._context(opened, entry, settings.for_real(), state=state, bulk=True)
                data, new_state = handler(context, values)
                return {"data": data, "state": new_state}

    def whoami(self, component: str, connection: Connection) -> Any:
        """The connection test: who the service says that the token belongs to."""
        with reported(component, None, connection):
            found = register.component(component)
            opened = self.open(found, connection)
            with translated(found.form(opened.key), opened):
                return self._client(opened, "read", Options()).get(opened.service.whoami)

    def close(self) -> None:
        """Give back every connection and the store; they open again when they are used again."""
        with self._opening:
            while self._opened:
                self._opened.popitem()[1].pipe.close()
        if "store" in self.__dict__:
            self.store.close()

    # --- connections ----------------------------------------------------------------------------

    def open(
        self,
        component: Component,
        connection: Connection,
        *,
        tokens: "TokenSource | None" = None,
        on_token: Callable[[Mapping[str, Any]], None] | None = None,
    ) -> Opened:
        """An open connection from its name, from ``{key, fields, token}``, or as it is."""
        if isinstance(connection, Opened):
            return connection
        if isinstance(connection, str):
            return self._remembered(
                f"kept|{component.key}|{connection}", lambda: self._open_kept(component, connection)
            )
        if connection is None:
            raise InvalidInput(
                f"{component.key} needs a connection: the name of a kept one, or {{key, fields, token}}",
                code="no_connection",
            )
        if tokens is not None or on_token is not None or not isinstance(connection, Mapping):
            return self._open_given(component, connection, tokens, on_token)
        fingerprint = json.dumps([component.key, sorted(connection.items(), key=str)], default=str, skipkeys=True)
        return self._remembered(fingerprint, lambda: self._open_given(component, connection, None, None))

    def _remembered(self, key: str, open_it: Callable[[], Opened]) -> Opened:
        """The connection that is open under this key: one for all threads, or each would refresh its token."""
        with self._opening:
            opened = self._opened.pop(key, None) or open_it()
            if len(self._opened) >= REMEMBERED:
                self._opened.pop(next(iter(self._opened))).pipe.close()
            self._opened[key] = opened  # at the end: the one that was used longest ago goes first
            return opened

    def _open_given(
        self,
        component: Component,
        connection: Mapping[str, Any],
        tokens: "TokenSource | None",
        on_token: Callable[[Mapping[str, Any]], None] | None,
    ) -> Opened:
        from .auth.tokens import GivenTokens

        key, fields, token = checked(component, connection)
        tokens = tokens or GivenTokens(token, on_token, clock=self.clock)
        return self._lay(component, key, fields, tokens, GIVEN, connection.get("name"))

    def _open_kept(self, component: Component, name: str) -> Opened:
        from .auth.tokens import KeptTokens

        kept = self.store.connections.get(name)
        if kept.component != component.key:
            raise InvalidInput(
                f"The connection {name!r} belongs to {kept.component}, not to {component.key}", code="wrong_connection"
            )
        key, fields, _ = checked(component, {"key": kept.key, "fields": kept.fields})
        return self._lay(component, key, fields, KeptTokens(self.store, name), name)

    def _lay(
        self,
        component: Component,
        key: str,
        fields: dict[str, Any],
        tokens: "TokenSource",
        name: str,
        known_as: str | None = None,
    ) -> Opened:
        return open_connection(
            component,
            key,
            fields,
            tokens,
            name=name,
            known_as=known_as,
            store=lambda: self.store,
            clock=self.clock,
            random=self._random,
        )

    # --- one call -------------------------------------------------------------------------------

    def _prepared(
        self, section: str, component: str, key: str, connection: Connection, options: Given
    ) -> tuple[Entry, Form, Opened, Options]:
        found = register.component(component)
        entry = found.entry(section, key)
        return entry, found.form(key), self.open(found, connection), Options.of(options)

    def _context(
        self, opened: Opened, entry: Entry, options: Options, *, state: Any = None, bulk: bool = False
    ) -> Context:
        return Context(self._client(opened, entry.effect, options, bulk=bulk), opened.service, state)

    def _client(self, opened: Opened, effect: str, options: Options, *, bulk: bool = False) -> "Client":
        from .transport.client import Client
        from .transport.request import Call

        return Client(opened.pipe, Call(effect, options, self.clock, reporter(options), bulk))

    def _result(
        self, entry: Entry, context: Context, values: dict[str, Any], options: Options, opened: Opened
    ) -> dict[str, Any]:
        from .transport.debug import DryRun

        handler = opened.component.handler(entry)
        try:
            if entry.effect == "create" and options.idempotency_key and not options.dry_run:
                return self._created_once(entry, handler, context, values, options.idempotency_key, opened)
            return {"data": taken(handler(context, values), values, options)}
        except DryRun as preview:
            return {"request": preview.request}

    def _created_once(
        self,
        entry: Entry,
        handler: Callable[..., Any],
        context: Context,
        values: dict[str, Any],
        key: str,
        opened: Opened,
    ) -> dict[str, Any]:
        from .creating import created_once

        if not opened.lasting:
            raise nameless()
        find = opened.component.handler(entry, entry.find) if entry.find else None
        return created_once(
            self.store.journal, opened.identity, entry, handler, find, context, values, key, self.clock.now()
        )


def taken(result: Any, values: Mapping[str, Any], options: Options) -> Any:
    """What a handler returned; of a list the page that was asked for, or all of it."""
    if not isinstance(result, Pages):
        return result
    return result.all(options.on_page or (lambda count: None)) if values.get("fetchAll") else result.asked()


def reporter(options: Options) -> Callable[[Mapping[str, Any]], None] | None:
    """Where debug entries go."""
    if options.on_debug or not options.debug:
        return options.on_debug
    return lambda entry: print(json.dumps(entry, ensure_ascii=False, default=str), file=sys.stderr, flush=True)


def nameless() -> InvalidInput:
    """Once the token is refreshed, nobody could tell that an earlier create with the key was of this connection."""
    message = "must have a name of your choice, or be kept, to be known again once its token was refreshed"
    return InvalidInput(
        f"An idempotency key needs a connection that lasts: it {message}",
        code="nameless_connection",
        fields=[{"path": "/name", "message": message}],
    )


def no_list(action: str) -> InvalidInput:
    return InvalidInput(f"{action} does not return a list that has pages; run it instead", code="not_a_list")


@cache
def default() -> Runtime:
    """The runtime behind the module-level functions."""
    return Runtime()


def invoke(
    component: str,
    action: str,
    inputs: Mapping[str, Any] | None = None,
    connection: Connection = None,
    options: Given = None,
) -> dict[str, Any]:
    """:meth:`Runtime.invoke` with the default store."""
    return default().invoke(component, action, inputs, connection, options)


def pick(
    component: str,
    source: str,
    inputs: Mapping[str, Any] | None = None,
    connection: Connection = None,
    options: Given = None,
    **question: Any,
) -> dict[str, Any]:
    """:meth:`Runtime.pick` with the default store."""
    return default().pick(component, source, inputs, connection, options, **question)


def poll(
    component: str,
    trigger: str,
    inputs: Mapping[str, Any] | None = None,
    connection: Connection = None,
    options: Given = None,
    *,
    state: Any = None,
) -> dict[str, Any]:
    """:meth:`Runtime.poll` with the default store."""
    return default().poll(component, trigger, inputs, connection, options, state=state)
