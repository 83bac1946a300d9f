"""Records of the type that another input names, to attach something to."""

from sales_connectors.sdk import Context, Inputs, Picklist

from .contacts import select_contact
from .deals import select_deal
from .leads import select_lead

PICKLISTS = {"lead": select_lead, "contact": select_contact, "deal": select_deal}


def select_record(ctx: Context, inputs: Inputs) -> Picklist:
    """Every lead, every contact or every deal."""
    return PICKLISTS[inputs["resourceType"]](ctx, {})
