"""Groups of users: https://developers.salesloft.com/docs/api/groups-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs

from ._wire import build_query


def list_groups(ctx: Context, inputs: Inputs) -> Any:
    """List the groups of the team; the service sends them without pages."""
    return ctx.client.get("/v2/groups", build_query(inputs))
