"""What the state of a poll is of, said in the state itself: another poll that it is handed to refuses it, instead of
going on from a position that is not its own.
"""

import hashlib
from typing import Any

from ..errors import InvalidInput
from ..inputs.json_compatibility import find_unserializable
from ..sdk.change_memory import invalid_state_error
from .connections import OpenConnection

OWNER = "of"
"""The member of a state that says what it is of; a state without it, as polls once returned it, is taken as it is."""
Owner = dict[str, str]


def name_owner(component: str, trigger: str, connection: OpenConnection) -> Owner:
    """What a state is of.  The connection is known by whose account it reaches, hashed, or where it came with the call
    by its name; where it has none, nobody could tell it from itself once its token has changed."""
    owner = {"component": component, "trigger": trigger}
    if connection.is_kept or connection.is_named:
        owner["connection"] = hashlib.sha256(connection.identity.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return owner


def sign_state(state: Any, owner: Owner) -> Any:
    """A state that says what it is of, where it is an object."""
    return {**state, OWNER: owner} if isinstance(state, dict) else state


def open_state(given: Any, owner: Owner) -> Any:
    """The state as its trigger knows it; InvalidInput where it is that of another trigger or connection."""
    if any(find_unserializable(given)):
        raise invalid_state_error("is not what a poll returned as its state")
    if not isinstance(given, dict) or OWNER not in given:
        return given
    told = given[OWNER]
    if not isinstance(told, dict):
        raise invalid_state_error("is not what a poll returned as its state")
    for name in ("component", "trigger", "connection"):
        if name in told and name in owner and told[name] != owner[name]:
            raise _foreign_state_error(name, told[name], owner[name])
    return {name: value for name, value in given.items() if name != OWNER}


def _foreign_state_error(name: str, theirs: object, ours: str) -> InvalidInput:
    if name == "connection":  # a name that was removed and signed in anew is another one, too
        way = f"begin without one, or where it reaches the same account take {OWNER!r} out of it"
        return invalid_state_error(f"is that of another connection: keep a state for each, {way}")
    which = f"the {name} {theirs!r:.100}, not of {ours}"
    return invalid_state_error(f"is that of {which}: keep a state for each, or begin without one")
