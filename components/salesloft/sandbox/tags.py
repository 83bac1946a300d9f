"""Tags, which come to be where a record is given them (inferred)."""

from collections.abc import Iterable

from sales_connectors.imitation import Condition, Request

from .filters import match_ids
from .resources import Field, Resource
from .vendor import SALESLOFT

TAGS = Resource(
    name="tags",
    first_id=2101,
    fields={"id": Field(), "name": Field()},
    filters={"ids": match_ids(), "search": lambda request, value: Condition.contains("name", str(value))},
    sorting={"name": "name"},
)
ROUTES = SALESLOFT.routes(TAGS, "list")


def enter_tags(request: Request, names: Iterable[str]) -> None:
    """Have these tags in the list."""
    for name in names:
        if not request.collection("tags").first(Condition.match(name=name)):
            SALESLOFT.enter(request, "tags", {"name": name})
