"""Roles of users to choose from."""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import found, name, picklist, with_fixed

BUILT_IN = [{"id": "Admin", "name": "Admin"}, {"id": "User", "name": "User"}]


def select_user_role_id(ctx: Context, inputs: Inputs) -> Picklist:
    """The two built-in roles, and those that the team has made; the ids of the latter are text."""

    def find(keys: list[str]) -> Iterator[Any]:
        return found(ctx, "/v2/custom_roles", keys, fits=bool)

    return with_fixed(picklist(ctx, "/v2/custom_roles", name, find=find), BUILT_IN)
