"""Phone numbers of prospects: https://developers.outreach.io/api/reference/tag/PhoneNumber/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._jsonapi import Resource, get_record, list_records

PHONE_NUMBER = Resource("phoneNumber", "phoneNumbers")


def get_phone_number(ctx: Context, inputs: Inputs) -> Any:
    """Get one phone number by its id."""
    return get_record(ctx, PHONE_NUMBER, inputs)


def list_phone_numbers(ctx: Context, inputs: Inputs) -> Pages:
    """List phone numbers, filtered and sorted, by page or all at once."""
    return list_records(ctx, PHONE_NUMBER, inputs)
