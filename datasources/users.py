"""Users to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/users/"""

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import Record, append_email, build_picklist


def select_user(ctx: Context, inputs: Inputs) -> Picklist:
    """Everybody who uses the account, inactive users marked."""
    return build_picklist(ctx, "/v2/users", label_user)


def label_user(user: Record) -> str:
    label = append_email(format_name(user), user)
    return f"{label} - inactive" if user.get("status") == "inactive" else label
