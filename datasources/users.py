"""Users to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/users/"""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, name, picklist, with_email


def select_user(ctx: Context, inputs: Inputs) -> Picklist:
    """Everybody who uses the account, inactive users marked."""
    return picklist(ctx, "/v2/users", user_label)


def user_label(user: Record) -> str:
    label = with_email(name(user), user)
    return f"{label} - inactive" if user.get("status") == "inactive" else label
