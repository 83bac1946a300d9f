"""Connectors as Python objects: ``connect("zendesk-sell", …).createContact(name="Acme", isOrganization=True)``."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

from ...errors import InvalidInput, suggest_name
from ...manifest import Component, load_component
from ...options import DEFAULTS, OPTIONS, Options, TokenHolder
from ...runtime import Connection, OpenConnection, Picked, Polled, Runtime, default_runtime
from ...runtime.error_context import error_context, forgetful


class Connector:
    """A component over one connection.  Its actions are methods; it may be shared among threads.

    A call takes options beside its inputs, ``sell.listDeals(hot=True, timeout=5)``; an input of the same name goes
    before, and its option through ``with_options``.
    """

    def __init__(self, runtime: Runtime, component: Component, connection: OpenConnection, options: Options) -> None:
        self._runtime, self._definition, self._connection, self._given = runtime, component, connection, options
        self._options = _add_token_holder(options)

    def run(self, action: str, /, inputs: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """Run an action by its key; the way for inputs whose names are no Python names.

        What the service answered; of a dry run ``{"request": …}``.
        """
        with error_context(self._component, action, self._connection):
            settled = self._settle(options)
        return self._invoke(action, inputs, settled)

    def iterate(self, action: str, /, **given: Any) -> Iterator[Any]:
        """Every entry of a list as the service sent it, one page in memory at a time.

        It starts where the action's own inputs say, as ``page`` with ``perPage`` or ``cursor``; without them with the
        first page.
        """
        inputs, options = self._split("actions", action, given)
        return self._runtime.iterate(self._component, action, inputs, self._connection, options)

    def pick(
        self,
        source: str,
        /,
        *,
        query: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        ids: Sequence[str | int] | None = None,
        **given: Any,
    ) -> Picked:
        """Options of a data source: ``{"result": [{"label", "key"}], "nextCursor", "total"}``."""
        inputs, options = self._split("dataSources", source, given)
        return self._runtime.pick(
            self._component,
            source,
            inputs,
            self._connection,
            options,
            query=query,
            limit=limit,
            cursor=cursor,
            ids=ids,
        )

    def poll(self, trigger: str, /, *, state: Any = None, **given: Any) -> Polled:
        """What changed since ``state``, and the state to store once the records are dealt with.

        The records come without the envelope of the service: ``polled["data"]["created"][0]["id"]``.  The state of
        another resource, trigger or connection is refused.
        """
        inputs, options = self._split("triggers", trigger, given)
        return self._runtime.poll(self._component, trigger, inputs, self._connection, options, state=state)

    def whoami(self) -> Any:
        """Who the service says that the token belongs to: the connection test."""
        return self._runtime.whoami(self._component, self._connection, self._options)

    @property
    def token(self) -> Mapping[str, Any]:
        """The newest token: what has to be kept of a connection that came with the call, without an ``on_token``."""
        return self._connection.tokens.get_token() or {}

    def close(self) -> None:
        """Give the pooled connections back; the next call opens them again."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def with_options(self, **options: Any) -> "Connector":
        """The same connection with other options, see :class:`~sales_connectors.options.Options`."""
        return type(self)(self._runtime, self._definition, self._connection, self._given.with_changes(**options))

    def __copy__(self) -> "Connector":
        return self.with_options()

    def __deepcopy__(self, memo: object) -> "Connector":
        """The connection stays one, as for threads: a second one would refresh the same token."""
        return self.with_options()

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process, as of Celery or ``multiprocessing``: component, kept name and options."""
        if not self._connection.is_kept or self._runtime is not default_runtime():
            raise _unportable_error(self._component, self._connection)
        changed = {name: getattr(self._given, name) for name in OPTIONS}
        options = {name: value for name, value in changed.items() if value != DEFAULTS[name]}
        return _reconnect, (self._component, self._connection.name, options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("_"):  # asked before there is a connection, by copy and pickle
            raise AttributeError(name)
        actions = self._definition.actions
        if name not in actions:
            raise AttributeError(f"{self._component} has no action {name!r}.{suggest_name(name, actions)}")

        def action(**given: Any) -> Any:
            inputs, options = self._split("actions", name, given)
            return self._invoke(name, inputs, options)

        action.__name__, action.__doc__ = name, self._definition.form(name).description
        return action

    def _invoke(self, action: str, inputs: Mapping[str, Any] | None, options: Options) -> Any:
        answer = self._runtime.invoke(self._component, action, inputs, self._connection, options)
        return answer.get("data", answer)

    def _split(self, section: str, key: str, given: dict[str, Any]) -> tuple[dict[str, Any], Options]:
        """What of the keyword arguments of a call is input of its form, and its options with the rest."""
        if given.keys().isdisjoint(OPTIONS):
            return given, self._options
        with error_context(self._component, key, self._connection):
            form = self._definition.form(self._definition.entry(section, key).key)
            options = {name: given[name] for name in given if name in OPTIONS and name not in form.properties}
            return {name: given[name] for name in given if name not in options}, self._settle(options)

    def _settle(self, options: Mapping[str, Any]) -> Options:
        """The options of one call: those of the connector with these changes."""
        return _add_token_holder(self._given.with_changes(**options)) if options else self._options

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._definition.actions]

    def __repr__(self) -> str:
        return f"<{self._component} over {self._connection.name}>"

    @property
    def _component(self) -> str:
        return self._definition.key


@forgetful
def connect(
    component: str,
    connection: Connection = None,
    *,
    token: str | Mapping[str, Any] | None = None,
    runtime: Runtime | None = None,
    **options: Any,
) -> Connector:
    """A component over a connection: the name of a kept one, ``{key, fields, token}``, or just a ``token``.

    Everything else is an option of each call, see :class:`~sales_connectors.options.Options`; ``on_token`` is told each
    new token of a connection that is not kept, before the token is used.  Without it only the connector holds a new
    token, and a warning says so.
    """
    runtime = runtime or default_runtime()
    with error_context(component, None, connection):
        found = load_component(component)
        if token is not None:
            connection = _add_token(connection, token)
        settings = Options().with_changes(**options)
        return Connector(runtime, found, runtime.connections.open(found, connection), settings)


def _add_token_holder(options: Options) -> Options:
    return options if options.on_token else options.with_changes(on_token=TokenHolder())


def _reconnect(component: str, name: str, options: Mapping[str, Any]) -> Connector:
    """A connector in the process that it was handed to."""
    return connect(component, name, **options)


def _unportable_error(component: str, connection: OpenConnection) -> InvalidInput:
    if connection.is_kept:
        what = "its runtime stays in this process. Hand over the address of the store and the name"
    else:
        what = (
            "its token would go along, and two processes would refresh it. Keep it under a name, which can be handed"
            " over, or hand over {key, fields, token}"
        )
    return InvalidInput(
        f"A connector cannot be pickled where {what}, and call connect({component!r}, …) in the other process",
        code="cannot_be_pickled",
    )


def _add_token(connection: Connection, token: str | Mapping[str, Any]) -> Connection:
    """``{key, fields}`` and the token that goes with them."""
    if connection is not None and not isinstance(connection, Mapping):
        raise InvalidInput("A kept connection has its own token; leave out token", code="invalid_connection")
    return {**(connection or {}), "token": token}
