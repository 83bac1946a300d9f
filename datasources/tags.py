"""Tags to choose from."""

from collections.abc import Iterable, Iterator
from typing import Any

from sales_connectors import Context, Inputs, Option, Picklist


def select_tag(ctx: Context, inputs: Inputs) -> Picklist:
    """The tags of leads, contacts or deals, or of all three; records carry a tag by its name."""
    resource = {"resource_type": inputs["resourceType"]} if "resourceType" in inputs else {}

    def find(names: Iterable[str]) -> Iterator[Any]:
        for name in names:
            yield from ctx.client.get("/v2/tags", {**resource, "name": name})["items"]

    return Picklist(
        pages=ctx.pages("/v2/tags", {**resource, "sort_by": "id"}),
        options=lambda items: [Option(item["data"]["name"], item["data"]["name"]) for item in items],
        find=find,
    )
