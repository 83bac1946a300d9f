"""Roles of users to choose from."""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import build_picklist, find_records, prepend_options

BUILT_IN_ROLES = [{"id": "Admin", "name": "Admin"}, {"id": "User", "name": "User"}]


def select_user_role_id(ctx: Context, inputs: Inputs) -> Picklist:
    """The two built-in roles, and those that the team has made; the ids of the latter are text."""

    def find(keys: list[str]) -> Iterator[Any]:
        return find_records(ctx, "/v2/custom_roles", keys, fits=bool)

    return prepend_options(build_picklist(ctx, "/v2/custom_roles", format_name, find=find), BUILT_IN_ROLES)
