"""Links that the service gives: to the next page, to a record, to what is related to it."""

from typing import Any

from sales_connectors.sdk import Context, Inputs


def execute_link(ctx: Context, inputs: Inputs) -> Any:
    """Get what stands behind a link, as it is: it holds its query already, and leads to the API's own host."""
    return ctx.client.get(inputs["link"])
