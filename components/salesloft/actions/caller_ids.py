"""Caller ids: who is behind a phone number: https://developers.salesloft.com/docs/api/phone-numbers-caller-ids-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs

from ._wire import build_query


def list_caller_ids(ctx: Context, inputs: Inputs) -> Any:
    """List who is known under a phone number; several people may be."""
    return ctx.client.get("/v2/phone_numbers/caller_ids", build_query(inputs))
