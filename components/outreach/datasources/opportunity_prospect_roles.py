"""Roles of prospects in opportunities to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import PAIR, Record, append_hint, build_picklist, name_related, read_field


def select_opportunity_prospect_role(ctx: Context, inputs: Inputs) -> Picklist:
    """Every role that a prospect has in an opportunity."""
    return build_picklist(
        ctx,
        "opportunityProspectRoles",
        "opportunityProspectRole",
        label_role,
        fields="role",
        sort="createdAt",
        include={"opportunity": "name", "prospect": "name"},
    )


def label_role(role: Record) -> str:
    """The prospect in the opportunity, and as what."""
    pair = PAIR.join(filter(None, (name_related(role, "prospect"), name_related(role, "opportunity"))))
    return append_hint(pair or f"Role {role['id']}", read_field(role, "role"))
