"""Tags, which come to be where a record is given them (inferred)."""

from collections.abc import Iterable

from sales_connectors.imitation import Condition, Request

from .filters import ids
from .handlers import routes
from .resources import Field, Resource, kept, known

TAGS = known(
    Resource(
        name="tags",
        first_id=2101,
        fields={"id": Field(), "name": Field()},
        filters={"ids": ids(), "search": lambda request, value: Condition.contains("name", str(value))},
        sorting={"name": "name"},
    )
)
ROUTES = routes(TAGS, "list")


def enter_tags(request: Request, names: Iterable[str]) -> None:
    """Have these tags in the list."""
    for name in names:
        if not kept(request, "tags").first(Condition.equal("name", name)):
            kept(request, "tags").insert({"name": name})
