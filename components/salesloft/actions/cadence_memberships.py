"""Cadence memberships: who is on which cadence: https://developers.salesloft.com/docs/api/cadence-memberships-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_query, find_candidates, is_about, list_records


def create_cadence_membership(ctx: Context, inputs: Inputs) -> Any:
    """Add a person to a cadence, or back to it; the service takes it all from the query."""
    return ctx.client.post("/v2/cadence_memberships", query=build_query(inputs))


def find_cadence_membership(ctx: Context, inputs: Inputs) -> list[Any]:
    """The person's membership, if it runs; there is one for each person and cadence."""
    pair = {"person_id": inputs["personId"], "cadence_id": inputs["cadenceId"], "currently_on_cadence": True}
    return find_candidates(
        ctx,
        "/v2/cadence_memberships",
        pair,
        lambda found: is_about(found, "person", pair["person_id"]) and is_about(found, "cadence", pair["cadence_id"]),
    )


def get_cadence_membership(ctx: Context, inputs: Inputs) -> Any:
    """Get one cadence membership by its id."""
    return ctx.client.get(f"/v2/cadence_memberships/{inputs['cadenceMembershipId']}")


def list_cadence_memberships(ctx: Context, inputs: Inputs) -> Pages:
    """List cadence memberships, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/cadence_memberships", inputs)


def delete_cadence_membership(ctx: Context, inputs: Inputs) -> None:
    """Take a person off a cadence."""
    ctx.client.delete(f"/v2/cadence_memberships/{inputs['cadenceMembershipId']}")
