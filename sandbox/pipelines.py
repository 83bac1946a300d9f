"""Pipelines and their stages; both can only be listed."""

from sales_connectors.imitation import Document, Store

from .attributes import BOOLEAN, NUMBER, TEXT, Attribute, times
from .resources import Resource
from .vendor import SELL

PIPELINES = Resource(
    name="pipelines",
    type="pipeline",
    first_id=1_300_001,
    fields={"id": Attribute(NUMBER), "name": Attribute(TEXT), "disabled": Attribute(BOOLEAN), **times()},
    filters=("name", "disabled"),
    sorting=("id", "name"),
    many_keys=True,
)

STAGES = Resource(
    name="stages",
    type="stage",
    first_id=1_310_001,
    fields={
        "id": Attribute(NUMBER),
        "name": Attribute(TEXT),
        "category": Attribute(TEXT),
        "active": Attribute(BOOLEAN),
        "position": Attribute(NUMBER),
        "likelihood": Attribute(NUMBER),
        "pipeline_id": Attribute(NUMBER),
        **times(),
    },
    filters=("name", "active", "pipeline_id"),
    sorting=("id", "pipeline_id", "name", "category", "position", "likelihood"),
    many_keys=True,
)


def first_stage(store: Store) -> Document:
    """Where a deal starts: the first stage of the default pipeline, which is the first one."""
    return store.collection("stages").find(order=[("pipeline_id", False), ("position", False)], limit=1)[0]


ROUTES = [*SELL.routes(PIPELINES, "list"), *SELL.routes(STAGES, "list")]
