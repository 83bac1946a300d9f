"""Compliance requests, to erase personal data: https://developers.outreach.io/api/reference/tag/ComplianceRequest/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages, to_snake_case

from ._jsonapi import Resource, create_record, get_record, list_records

COMPLIANCE_REQUEST = Resource("complianceRequest", "complianceRequests")


def create_compliance_request(ctx: Context, inputs: Inputs) -> Any:
    """Ask for personal data to be erased; the one resource whose attributes are spelt in snake_case."""
    return create_record(ctx, COMPLIANCE_REQUEST, {to_snake_case(name): value for name, value in inputs.items()})


def get_compliance_request(ctx: Context, inputs: Inputs) -> Any:
    """Get one compliance request by its id."""
    return get_record(ctx, COMPLIANCE_REQUEST, inputs)


def list_compliance_requests(ctx: Context, inputs: Inputs) -> Pages:
    """List compliance requests, filtered and sorted, by page or all at once."""
    return list_records(ctx, COMPLIANCE_REQUEST, inputs)
