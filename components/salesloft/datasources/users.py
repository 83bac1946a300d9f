"""Users to choose from."""

from collections.abc import Callable

from sales_connectors.sdk import Context, Inputs, Picklist, format_name

from ._lists import Record, build_picklist, find_records, prepend_options

PATH = "/v2/users"


def select_user(ctx: Context, inputs: Inputs) -> Picklist:
    """Every user whom the token may act for, by id; saved ones are found although they are deactivated by now."""
    return _build_user_picklist(ctx)


def select_user_guid(ctx: Context, inputs: Inputs) -> Picklist:
    """The same by guid."""
    return _build_user_picklist(ctx, "guid", "guid[]", fits=bool)


def select_user_owner_filter(ctx: Context, inputs: Inputs) -> Picklist:
    """The same by id, and the choice of records without an owner."""
    return prepend_options(_build_user_picklist(ctx), [{"id": "_is_null", "name": "No owner"}])


def label_user(user: Record) -> str:
    label = f"{format_name(user)} ({user['email']})" if user.get("email") else format_name(user)
    return f"{label} - inactive" if user.get("active") is False else label


def _build_user_picklist(
    ctx: Context, key: str = "id", filter_name: str = "ids[]", fits: Callable[[str], bool] = str.isdecimal
) -> Picklist:
    return build_picklist(
        ctx,
        PATH,
        label_user,
        key=key,
        search=lambda text: ctx.pages(PATH, {"search": text}),
        find=lambda keys: find_records(ctx, PATH, keys, filter_name, fits=fits, query={"visible_only": False}),
    )
