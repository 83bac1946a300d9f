"""Accounts, the companies that prospects belong to: https://developers.outreach.io/api/reference/tag/Account/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

ACCOUNT = Resource("account", "accounts", {"owner": "user", "primaryRecordTeam": "team"})


def create_account(ctx: Context, inputs: Inputs) -> Any:
    """Create an account from the inputs that are given."""
    return create_record(ctx, ACCOUNT, inputs)


def find_account(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the accounts that a create with these inputs can have made."""
    return find_records(ctx, ACCOUNT, inputs, "name")


def get_account(ctx: Context, inputs: Inputs) -> Any:
    """Get one account by its id."""
    return get_record(ctx, ACCOUNT, inputs)


def list_accounts(ctx: Context, inputs: Inputs) -> Pages:
    """List accounts, filtered and sorted, by page or all at once."""
    return list_records(ctx, ACCOUNT, inputs)


def update_account(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of an account and leave the rest; null clears."""
    return update_record(ctx, ACCOUNT, inputs)


def delete_account(ctx: Context, inputs: Inputs) -> None:
    """Delete an account."""
    delete_record(ctx, ACCOUNT, inputs)
