"""Leads to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/leads/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_index_search, build_picklist

SEARCHED_ATTRIBUTES = ["first_name", "last_name", "company_name"]


def select_lead(ctx: Context, inputs: Inputs) -> Picklist:
    """Every lead."""
    return build_picklist(ctx, "/v2/leads", label_lead, search=build_index_search(ctx, "leads", SEARCHED_ATTRIBUTES))


def label_lead(lead: Record) -> str:
    """The person, the company, or both; the index calls the organization company."""
    person = " ".join(filter(None, [lead.get("first_name"), lead.get("last_name")]))
    company = lead.get("organization_name") or lead.get("company_name")
    return " - ".join(filter(None, [person, company])) or f"Lead {lead['id']}"
