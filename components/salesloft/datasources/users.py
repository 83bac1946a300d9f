"""Users to choose from."""

from collections.abc import Callable

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, found, name, picklist, with_fixed

PATH = "/v2/users"


def select_user(ctx: Context, inputs: Inputs) -> Picklist:
    """Every user whom the token may act for, by id; saved ones are found although they are deactivated by now."""
    return _users(ctx)


def select_user_guid(ctx: Context, inputs: Inputs) -> Picklist:
    """The same by guid."""
    return _users(ctx, "guid", "guid[]", fits=bool)


def select_user_owner_filter(ctx: Context, inputs: Inputs) -> Picklist:
    """The same by id, and the choice of records without an owner."""
    return with_fixed(_users(ctx), [{"id": "_is_null", "name": "No owner"}])


def user_label(user: Record) -> str:
    label = f"{name(user)} ({user['email']})" if user.get("email") else name(user)
    return f"{label} - inactive" if user.get("active") is False else label


def _users(
    ctx: Context, key: str = "id", filter_name: str = "ids[]", fits: Callable[[str], bool] = str.isdecimal
) -> Picklist:
    return picklist(
        ctx,
        PATH,
        user_label,
        key=key,
        search=lambda text: ctx.pages(PATH, {"search": text}),
        find=lambda keys: found(ctx, PATH, keys, filter_name, fits=fits, query={"visible_only": False}),
    )
