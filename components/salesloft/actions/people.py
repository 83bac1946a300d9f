"""People: https://developers.salesloft.com/docs/api/people-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_record, find_candidates, list_records, upsert_record


def create_person(ctx: Context, inputs: Inputs) -> Any:
    """Create a person, told from others by email address, or by phone number and last name."""
    return ctx.client.post("/v2/people", json=build_record(inputs))


def find_person(ctx: Context, inputs: Inputs) -> list[Any] | None:
    """The person with this email address, which no other one can have; the service cannot look for a phone number."""
    address = (inputs.get("emailAddress") or "").lower()
    if not address:
        return None
    return find_candidates(
        ctx,
        "/v2/people",
        {"email_addresses[]": address},
        lambda found: str(found.get("email_address")).lower() == address,
    )


def get_person(ctx: Context, inputs: Inputs) -> Any:
    """Get one person by their id."""
    return ctx.client.get(f"/v2/people/{inputs['personId']}")


def list_people(ctx: Context, inputs: Inputs) -> Pages:
    """List people, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/people", inputs)


def update_person(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of a person and leave the rest; null clears."""
    return ctx.client.put(f"/v2/people/{inputs['personId']}", json=build_record(inputs, "personId"))


def upsert_person(ctx: Context, inputs: Inputs) -> Any:
    """Update the person that the upsert key finds, or create one."""
    return upsert_record(ctx, "/v2/person_upserts", inputs)


def delete_person(ctx: Context, inputs: Inputs) -> None:
    """Delete a person."""
    ctx.client.delete(f"/v2/people/{inputs['personId']}")
