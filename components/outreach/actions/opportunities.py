"""Opportunities: https://developers.outreach.io/api/reference/tag/Opportunity/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

OPPORTUNITY = Resource(
    "opportunity",
    "opportunities",
    {
        "account": "account",
        "externalCreator": "user",
        "opportunityStage": "opportunityStage",
        "owner": "user",
        "primaryProspect": "prospect",
    },
)


def create_opportunity(ctx: Context, inputs: Inputs) -> Any:
    """Create an opportunity from the inputs that are given."""
    return create_record(ctx, OPPORTUNITY, inputs)


def find_opportunity(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the opportunities that a create with these inputs can have made."""
    return find_records(ctx, OPPORTUNITY, inputs, "name")


def get_opportunity(ctx: Context, inputs: Inputs) -> Any:
    """Get one opportunity by its id."""
    return get_record(ctx, OPPORTUNITY, inputs)


def list_opportunities(ctx: Context, inputs: Inputs) -> Pages:
    """List opportunities, filtered and sorted, by page or all at once."""
    return list_records(ctx, OPPORTUNITY, inputs)


def update_opportunity(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of an opportunity and leave the rest; null clears."""
    return update_record(ctx, OPPORTUNITY, inputs)


def delete_opportunity(ctx: Context, inputs: Inputs) -> None:
    """Delete an opportunity."""
    delete_record(ctx, OPPORTUNITY, inputs)
