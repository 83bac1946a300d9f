"""Tags to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/tags/"""

from collections.abc import Iterable, Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import PAGE_SIZE


def select_tag(ctx: Context, inputs: Inputs) -> Picklist:
    """The tags of leads, contacts or deals, or of all three; records carry a tag by its name."""
    kind = {"resource_type": inputs["resourceType"]} if "resourceType" in inputs else {}

    def find(names: Iterable[str]) -> Iterator[Any]:
        for name in names:
            yield from ctx.pages("/v2/tags", {**kind, "name": name}, size=PAGE_SIZE).every_item()

    return Picklist(
        pages=ctx.pages("/v2/tags", {**kind, "sort_by": "id"}, size=PAGE_SIZE),
        options=lambda items: [Option(tag["name"], tag["name"]) for tag in ctx.envelope.records(items, "name")],
        find=find,
    )
