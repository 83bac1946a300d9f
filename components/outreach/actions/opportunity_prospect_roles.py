"""Roles of prospects in opportunities: https://developers.outreach.io/api/reference/tag/OpportunityProspectRole/"""

from collections.abc import Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, create_record, delete_record, find_records, get_record, list_records, update_record

OPPORTUNITY_PROSPECT_ROLE = Resource(
    "opportunityProspectRole",
    "opportunityProspectRoles",
    {"opportunity": "opportunity", "prospect": "prospect"},
    key="prospectRoleId",
)


def create_opportunity_prospect_role(ctx: Context, inputs: Inputs) -> Any:
    """Create a role from the inputs that are given."""
    return create_record(ctx, OPPORTUNITY_PROSPECT_ROLE, inputs)


def find_opportunity_prospect_role(ctx: Context, inputs: Inputs) -> Iterator[Any]:
    """Find the roles that a create with these inputs can have made."""
    return find_records(ctx, OPPORTUNITY_PROSPECT_ROLE, inputs, "opportunityId", "prospectId")


def get_opportunity_prospect_role(ctx: Context, inputs: Inputs) -> Any:
    """Get one role by its id."""
    return get_record(ctx, OPPORTUNITY_PROSPECT_ROLE, inputs)


def list_opportunity_prospect_roles(ctx: Context, inputs: Inputs) -> Pages:
    """List roles, filtered and sorted, by page or all at once."""
    return list_records(ctx, OPPORTUNITY_PROSPECT_ROLE, inputs)


def update_opportunity_prospect_role(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a role and leave the rest; null clears."""
    return update_record(ctx, OPPORTUNITY_PROSPECT_ROLE, inputs)


def delete_opportunity_prospect_role(ctx: Context, inputs: Inputs) -> None:
    """Delete a role."""
    delete_record(ctx, OPPORTUNITY_PROSPECT_ROLE, inputs)
