"""Tags: made when they are first used, and taken off everything when they are deleted."""

from collections.abc import Iterable

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import ALL, Change

from .attributes import TEXT, Attribute, record_attributes, times
from .resources import COLLECTIONS_OF_KINDS, Resource
from .vendor import SELL


def have_tags(request: Request, resource_type: str, names: Iterable[str]) -> None:
    """Make the tags that are not there yet."""
    for name in names:
        if request.collection("tags").first(Condition.match(name=name, resource_type=resource_type)) is None:
            SELL.create(request, TAGS, {"name": name, "resource_type": resource_type})


def cascade(request: Request, tag: Document) -> None:
    """Take a deleted tag off the records that have it."""
    _retag(request, tag, [])


def follow(change: Change) -> None:
    """A renamed tag is the same tag on everything that has it (inferred)."""
    if change.before is not None and change.moves("name"):
        _retag(change.request, change.before, [change.record["name"]])


def _retag(request: Request, tag: Document, instead: list[str]) -> None:
    home = COLLECTIONS_OF_KINDS[tag["resource_type"]]
    for record in request.collection(home).find(Condition.holds("tags", tag["name"])):
        tags = [name for old in record["tags"] for name in (instead if old == tag["name"] else [old])]
        SELL.touch(request, home, record["id"], tags=tags)


TAGS = Resource(
    name="tags",
    type="tag",
    first_id=1_400_001,
    fields={
        **record_attributes(),
        "name": Attribute(TEXT, required=True),
        "resource_type": Attribute(TEXT, required=True, create_only=True, choices=("lead", "contact", "deal")),
        **times(),
    },
    filters=("creator_id", "name", "resource_type"),
    sorting=("id", "name", "created_at", "updated_at"),
    order=(("updated_at", False),),
    unique=("name", "resource_type"),
    follow=follow,
    cascade=cascade,
)

ROUTES = SELL.routes(TAGS, *ALL)
