"""Products to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/products/"""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import Record, build_picklist


def select_product(ctx: Context, inputs: Inputs) -> Picklist:
    """Every product of the catalogue."""
    return build_picklist(ctx, "/v2/products", label_product)


def label_product(product: Record) -> str:
    return f"{format_name(product)} ({product['sku']})" if product.get("sku") else format_name(product)
