"""One call from its parts to its end, as far as it needs nothing of what calls share."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from ..errors import InvalidInput, NotAllowed
from ..manifest import Component, Entry, Form
from ..manifest.component import demand
from ..manifest.output import get_record_type
from ..options import Options
from ..sdk import Changes, Context, Effect, Picklist
from .accounts import identify_account
from .answers import Picked, Polled
from .connections import OpenConnection
from .error_context import error_context, map_service_errors
from .poll_states import name_owner, open_state, sign_state

if TYPE_CHECKING:
    from ..store import Journal
    from ..transport.call import CallScope


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


def run_keyed_create(call: Invocation, journal: "Journal") -> dict[str, Any]:
    """Run a create under its idempotency key: ``{"data": …, "outcome": …}``."""
    from .idempotency import KeyedCreate, nameless_connection_error

    if not call.connection.is_lasting:
        raise nameless_connection_error()
    find = call.component.handler(call.entry, call.entry.find) if call.entry.find else None
    create = KeyedCreate(
        journal,
        _find_journal_identity(call),
        call.entry.key,
        call.handler,
        find,
        call.context,
        call.inputs,
        call.scope.written,
        isinstance(call.entry.returns, str) and get_record_type(call.entry.returns) is not None,
    )
    return create.run(str(call.options.idempotency_key))


def _find_journal_identity(call: Invocation) -> str:
    """Whose creates are journaled together.

    Of a kept connection the store knows it.  The name of one that came with the call is whoever's choice, so the
    service is asked whose the token is; where the token may not tell, the name has to do.
    """
    from ..transport.call import CallScope

    opened = call.connection
    if not opened.is_named:
        return opened.identity
    if not opened.account:
        scope = CallScope(Effect.READ, call.options, call.scope.clock, started=call.scope.started)
        account = None
        with suppress(NotAllowed):
            account = identify_account(opened, ask_account(opened, scope))
        opened.account[:] = [account]  # another thread may have asked meanwhile
    return "#".join([opened.identity, *filter(None, opened.account)])


def ask_account(opened: OpenConnection, scope: "CallScope") -> Any:
    """Whose the token is, as the service says it: a record in the component's envelope."""
    from ..transport.client import Client

    return opened.service.account(Client(opened.session, scope).get(opened.service.whoami))


def answer_pick(call: Invocation, **question: Any) -> Picked:
    """Options of a data source; ``question`` is what :class:`~.picklists.PickRequest` knows."""
    from .picklists import PickRequest, query_picklist

    wanted = PickRequest.parse(**question)
    picklist = demand(Picklist, call.handler(call.context, call.inputs), call.entry.handler)
    cache_key = f"{call.component.key}|{call.entry.key}|{json.dumps(call.inputs, sort_keys=True, default=str)}"
    return query_picklist(picklist, wanted, cache_key, call.connection.option_cache)


def answer_poll(call: Invocation, *, state: Any) -> Polled:
    """What changed since ``state``, and the state that names what it is of."""
    owner = name_owner(call.component.key, call.entry.key, call.connection)
    polled = call.handler(replace(call.context, state=open_state(state, owner)), call.inputs)
    changes = demand(Changes, polled, call.entry.handler)
    return cast(Polled, {"data": changes.data, "state": sign_state(changes.state, owner)})


@contextmanager
def note_interrupts(call: Invocation) -> Iterator[None]:
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
def call_error_context(call: Invocation) -> Iterator[None]:
    with (
        error_context(call.component.key, call.entry.key, call.connection),
        map_service_errors(call.entry, call.form, call.connection),
    ):
        yield


def settle_options(options: Options, entry: Entry, bulk: bool) -> Options:
    """The options as this call takes them: picks, polls and walks take no dry run, and a create with a key ends before
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
