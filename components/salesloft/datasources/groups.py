"""Groups of users to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist, format_name


def select_group(ctx: Context, inputs: Inputs) -> Picklist:
    """Every group; the service gives them out without pages, so saved ones are found by reading them again."""
    return Picklist(
        pages=ctx.pages("/v2/groups", size=0),
        options=lambda groups: [
            Option(format_name(group), str(group["id"])) for group in ctx.envelope.records(groups, "id")
        ],
    )
