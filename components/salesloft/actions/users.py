"""Users: https://developers.salesloft.com/docs/api/users-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_query


def get_user(ctx: Context, inputs: Inputs) -> Any:
    """Get one user by their id."""
    return ctx.client.get(f"/v2/users/{inputs['userId']}")


def list_users(ctx: Context, inputs: Inputs) -> Pages:
    """List users, filtered and sorted, by page or all at once."""
    words = {"search": " ".join(inputs["search"])} if "search" in inputs else {}
    # inferred: without a page number the service sends all users at once
    return ctx.pages("/v2/users", {"page": 1, **build_query(inputs, "search"), **words})
