"""A value of the wrong kind, wherever a caller may put one: an error that says so, and never a defect of ours."""

import json
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from responses import RequestsMock
from tests.conftest import SECRET, Toy

from sales_connectors import connect
from sales_connectors.errors import InternalError, SalesError
from sales_connectors.options import OPTIONS

ODD: Mapping[str, Any] = {
    "surrogate": "\ud800",
    "nul": "a\0b",
    "null": None,
    "number": 7,
    "fraction": 1.5,
    "list": [],
    "object": {},
    "list of null": [None],
    "thing": object(),
    "bytes": b"x",
    "huge": 10**5000,
    "flag": True,
    "long": "x" * 100_000,
    "nan": float("nan"),
    "function": lambda *given: 1,
}
KEY = "toy-service"
FIELDS = {"clientId": "cid", "clientSecret": "secret"}
TOKEN = {"access_token": SECRET, "refresh_token": "again"}
STATE: Mapping[str, Any] = {"resource": "deals", "until": None, "seen": {}, "position": None}
GIVEN = {"fields": FIELDS, "token": TOKEN, "name": "mine"}

Call = Callable[[Toy, Any], Any]
CALLS: Mapping[str, Call] = {
    "component": lambda toy, odd: toy.runtime.invoke(odd, "getThing", {"id": 1}, GIVEN),
    "action": lambda toy, odd: toy.run(odd, {"id": 1}),
    "inputs": lambda toy, odd: toy.run("createThing", odd),
    "data source": lambda toy, odd: toy.pick(odd),
    "trigger": lambda toy, odd: toy.runtime.poll(KEY, odd, {}, GIVEN),
    "state": lambda toy, odd: poll_deals(toy, odd),
    "connection": lambda toy, odd: toy.runtime.invoke(KEY, "getThing", {"id": 1}, odd),
    "options": lambda toy, odd: toy.runtime.invoke(KEY, "getThing", {"id": 1}, GIVEN, odd),
    "ids": lambda toy, odd: toy.pick("selectThing", ids=[odd]),
    "connect": lambda toy, odd: connect(odd, GIVEN, runtime=toy.runtime),
    "connect token": lambda toy, odd: connect(KEY, token=odd, runtime=toy.runtime),
    "kept test": lambda toy, odd: toy.runtime.kept.test(odd),
    "kept rename": lambda toy, odd: toy.runtime.kept.rename(odd, "other"),
    "kept remove": lambda toy, odd: toy.runtime.kept.remove(odd),
    "kept finish": lambda toy, odd: toy.runtime.kept.finish_sign_in(odd),
    "kept draft": lambda toy, odd: toy.runtime.kept.draft(KEY, odd),
    "kept kind": lambda toy, odd: toy.runtime.kept.draft(KEY, "mine", kind=odd),
    "kept fields": lambda toy, odd: toy.runtime.kept.keep(toy.runtime.kept.draft(KEY, "mine", fields=odd), TOKEN),
    "kept token": lambda toy, odd: toy.runtime.kept.keep(toy.runtime.kept.draft(KEY, "mine"), odd),
    "kept given": lambda toy, odd: toy.runtime.kept.keep_given(KEY, "mine", odd),
    "kinds": lambda toy, odd: toy.runtime.kept.describe_kinds(odd),
}  # fmt: skip


def poll_deals(toy: Toy, state: Any) -> Any:
    """The one trigger whose state has a form."""
    deals = {"pollResourceType": "deals"}
    return toy.runtime.poll("zendesk-sell", "pollChangesTrigger", deals, {"token": SECRET}, state=state)


def ask(name: str) -> Call:
    return lambda toy, odd: toy.pick("selectThing", **{name: odd})


def create(toy: Toy, given: Any) -> Any:
    """With a key, so that the connection is written into the journal."""
    return toy.runtime.invoke(KEY, "createThing", {"name": "a"}, given, {"idempotency_key": "k"})


def place(name: str, outer: Mapping[str, Any], call: Call) -> Call:
    return lambda toy, odd: call(toy, {**outer, name: odd})


def nest(name: str, call: Call) -> Call:
    return lambda toy, odd: call(toy, {**GIVEN, name: odd})


MEMBERS: Mapping[str, Call] = {
    **{f"question {name}": ask(name) for name in ("query", "limit", "cursor", "ids")},
    **{f"connection {name}": nest(name, create) for name in ("key", "fields", "token", "name", "component")},
    **{f"field {name}": place(name, FIELDS, nest("fields", create)) for name in ("apiUrl", "tokenUrl", *FIELDS)},
    **{f"token {name}": place(name, TOKEN, nest("token", create)) for name in (*TOKEN, "expires_at", "expires_in")},
    **{f"option {name}": place(name, {}, CALLS["options"]) for name in OPTIONS},
    **{f"state {name}": place(name, STATE, CALLS["state"]) for name in STATE},
}  # fmt: skip


@pytest.mark.parametrize("where", [*CALLS, *MEMBERS])
def test_a_value_of_the_wrong_kind_is_no_defect_of_ours(things: Toy, web: RequestsMock, where: str) -> None:
    call = {**CALLS, **MEMBERS}[where]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an observer may be of the right kind, and fail
        errors = {name: find_error(call, things, odd) for name, odd in ODD.items()}
    assert {name: error.__cause__ for name, error in errors.items() if isinstance(error, InternalError)} == {}
    assert SECRET not in json.dumps([error.as_json() for error in errors.values() if error])


def find_error(call: Call, things: Toy, odd: Any) -> SalesError | None:
    """The error with which a call ends, if it ends with one."""
    try:
        call(things, odd)
    except SalesError as error:
        return error
    return None
