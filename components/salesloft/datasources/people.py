"""People to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import build_address_search, build_picklist, label_person


def select_person(ctx: Context, inputs: Inputs) -> Picklist:
    """Every person; a whole email address is looked up, for other words the service has no search."""
    return build_picklist(ctx, "/v2/people", label_person, search=build_address_search(ctx))
