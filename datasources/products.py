"""Products to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/products/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, name, picklist


def select_product(ctx: Context, inputs: Inputs) -> Picklist:
    """Every product of the catalogue."""
    return picklist(ctx, "/v2/products", product_label)


def product_label(product: Record) -> str:
    return f"{name(product)} ({product['sku']})" if product.get("sku") else name(product)
