"""Users: https://developers.outreach.io/api/reference/tag/User/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, get_record, list_records

USER = Resource("user", "users")


def get_user(ctx: Context, inputs: Inputs) -> Any:
    """Get one user by its id."""
    return get_record(ctx, USER, inputs)


def list_users(ctx: Context, inputs: Inputs) -> Pages:
    """List users, filtered and sorted, by page or all at once."""
    return list_records(ctx, USER, inputs)
