"""Event streams to choose from: https://developer.zendesk.com/api-reference/sales-crm/firehose/introduction/"""

from sales_connectors.sdk import Context, Inputs, Option, Pages, Picklist

STREAMS = (
    "appointments", "associated_contacts", "calls", "collaborations", "contacts", "custom_fields", "deals", "documents",
    "leads", "line_items", "loss_reasons", "notes", "orders", "products", "sources", "stages", "tags", "tasks", "users",
    "visits",
)  # fmt: skip
"""The resources whose events the reference tells; the service lists them nowhere."""


def select_stream(ctx: Context, inputs: Inputs) -> Picklist:
    """Every stream, by the name of its resource."""
    return Picklist(
        pages=Pages.single(lambda: list(STREAMS)),
        options=lambda names: [Option(name.replace("_", " ").title(), name) for name in names],
    )
