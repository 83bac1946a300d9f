"""What picklists and polls answer with."""

from typing import TYPE_CHECKING, Any, Generic, NotRequired, TypedDict

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Record = TypeVar("Record", default=dict[str, Any])
else:
    from typing import TypeVar

    Record = TypeVar("Record")


class Choice(TypedDict):
    """One option of a picklist; ``missing`` marks a saved key whose record is gone."""

    label: str
    key: str
    missing: NotRequired[bool]


class Picked(TypedDict):
    """Options of a picklist, and the cursor to the next ones where there are more."""

    result: list[Choice]
    nextCursor: str | None
    total: int | None


class Changes(TypedDict, Generic[Record]):
    """Records that changed between two polls, each without the envelope in which actions return it."""

    created: list[Record]
    updated: list[Record]
    deleted: list[dict[str, Any]]
    """As they were last known: their ``id``, and whatever else the service still tells."""


class Polled(TypedDict, Generic[Record]):
    """What a poll found, and the state to store once it is dealt with."""

    data: Changes[Record]
    state: Any
