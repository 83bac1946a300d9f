"""Accounts, which are companies: https://developers.salesloft.com/docs/api/accounts-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_record, find_candidates, list_records, upsert_record


def create_account(ctx: Context, inputs: Inputs) -> Any:
    """Create an account; its domain belongs to it alone."""
    return ctx.client.post("/v2/accounts", json=build_record(inputs, fullName="name"))


def find_account(ctx: Context, inputs: Inputs) -> list[Any]:
    """The account with this domain, which no other one can have."""
    domain = inputs["domain"].lower()
    return find_candidates(
        ctx, "/v2/accounts", {"domain": domain}, lambda found: str(found.get("domain")).lower() == domain
    )


def get_account(ctx: Context, inputs: Inputs) -> Any:
    """Get one account by its id."""
    return ctx.client.get(f"/v2/accounts/{inputs['accountId']}")


def list_accounts(ctx: Context, inputs: Inputs) -> Pages:
    """List accounts, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/accounts", inputs)


def update_account(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of an account."""
    return ctx.client.put(
        f"/v2/accounts/{inputs['accountId']}", json=build_record(inputs, "accountId", fullName="name")
    )


def upsert_account(ctx: Context, inputs: Inputs) -> Any:
    """Update the account that the upsert key finds, or create one."""
    return upsert_record(ctx, "/v2/account_upserts", inputs, fullName="name")


def delete_account(ctx: Context, inputs: Inputs) -> None:
    """Delete an account; its people stay."""
    ctx.client.delete(f"/v2/accounts/{inputs['accountId']}")
