"""Users to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, name_record, read_field


def select_user(ctx: Context, inputs: Inputs) -> Picklist:
    """Every user who is not locked out; one who is meanwhile keeps the label."""
    return build_picklist(
        ctx,
        "users",
        "user",
        label_user,
        fields="name,email,locked",
        sort="lastName,firstName",
        query={"filter[locked]": False},
    )


def label_user(user: Record) -> str:
    return append_hint(name_record(user), read_field(user, "email"), "locked" if read_field(user, "locked") else "")
