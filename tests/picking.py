"""What the tests of components share about picklists: what is offered, and the walk through all of it."""

from collections.abc import Mapping
from typing import Any

from sales_connectors import Connector


def labels(answer: Mapping[str, Any]) -> list[str]:
    return [option["label"] for option in answer["result"]]


def keys(answer: Mapping[str, Any]) -> list[str]:
    return [option["key"] for option in answer["result"]]


def walked(connector: Connector, source: str, limit: int, **asked: Any) -> list[str]:
    """The keys of every option, page after page, each as full as was asked for."""
    found: list[str] = []
    cursor = None
    while True:
        answer = connector.pick(source, limit=limit, cursor=cursor, **asked)
        found += keys(answer)
        cursor = answer["nextCursor"]
        if cursor is None:
            return found
        assert len(answer["result"]) == limit
