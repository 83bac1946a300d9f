"""Leads to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/leads/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, picklist, searched

SEARCHED = ["first_name", "last_name", "company_name"]


def select_lead(ctx: Context, inputs: Inputs) -> Picklist:
    """Every lead."""
    return picklist(ctx, "/v2/leads", lead_label, search=searched(ctx, "leads", SEARCHED))


def lead_label(lead: Record) -> str:
    """The person, the company, or both; the index calls the organization company."""
    person = " ".join(filter(None, [lead.get("first_name"), lead.get("last_name")]))
    company = lead.get("organization_name") or lead.get("company_name")
    return " - ".join(filter(None, [person, company])) or f"Lead {lead['id']}"
