"""The pages of lists."""

from ..store import ANY, Collection, Condition, Document, Order


def fetch_page(
    records: Collection, where: Condition = ANY, order: Order = (), *, number: int, size: int
) -> tuple[list[Document], bool]:
    """The records of a numbered page, and whether another page follows."""
    found = records.find(where, order=order, limit=size + 1, offset=(number - 1) * size)
    return found[:size], len(found) > size
