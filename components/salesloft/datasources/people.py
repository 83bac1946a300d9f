"""People to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import by_address, person_label, picklist


def select_person(ctx: Context, inputs: Inputs) -> Picklist:
    """Every person; a whole email address is looked up, for other words the service has no search."""
    return picklist(ctx, "/v2/people", person_label, search=by_address(ctx))
