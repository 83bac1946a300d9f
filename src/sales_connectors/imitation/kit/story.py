"""What a component's demo is told with: steps that are said, and checks whose words reach whoever watches."""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Protocol

from ...errors import ConfigurationError, InvalidInput, SalesError

Say = Callable[[str, Any], None]
Record = dict[str, Any]


class Client(Protocol):
    """The component over a connection, as far as the checks use it."""

    def run(self, action: str, /, inputs: Mapping[str, Any] | None = None) -> Any: ...


def fail(words: str) -> NoReturn:
    """End a story in which something is not as it should be."""
    raise ConfigurationError(f"The demo stops, since something is not as it should be: {words}.", code="demo")


def check(fine: bool, otherwise: str) -> None:
    if not fine:
        fail(otherwise)


def expect_refusal(client: Client, action: str, inputs: Record, *, at: str) -> str:
    """What an action says about inputs that it should refuse."""
    try:
        client.run(action, inputs)
    except InvalidInput as refused:
        check([fault["path"] for fault in refused.fields] == [at], f"{action} should point at {at}")
        return str(refused)
    except SalesError as other:
        fail(f"{action} should point at an input of {inputs}, and says: {other}")
    fail(f"{action} should refuse {inputs}")


def select(record: Record, *names: str) -> Record:
    return {name: record[name] for name in names}


def list_labels(answer: Mapping[str, Any]) -> list[str]:
    return [option["label"] for option in answer["result"]]


def only_option(answer: Mapping[str, Any]) -> Record:
    """The one option that a dropdown offers."""
    check(len(answer["result"]) == 1, f"there should be one option, not {list_labels(answer)}")
    option: Record = answer["result"][0]
    return option


def choose(answer: Mapping[str, Any], label: str) -> str:
    """The key of the option with this label."""
    keys = [str(option["key"]) for option in answer["result"] if option["label"] == label]
    check(bool(keys), f"{label} should be among the options {list_labels(answer)}")
    return keys[0]
