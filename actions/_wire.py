"""How inputs travel: camelCase in the form, snake_case on the wire, a record inside ``data``.

https://developer.zendesk.com/api-reference/sales-crm/requests/
"""

from contextlib import suppress
from itertools import islice
from typing import Any

from sales_connectors.sdk import Conflict, Context, Inputs, Pages, SalesError, to_snake_case

NOT_SENT = frozenset({"id", "fetchAll"})
MAX_NAMED_MATCHES = 10
"""Matches of an upsert that its Conflict names."""


def build_record(inputs: Inputs, *elsewhere: str) -> dict[str, Any]:
    """The inputs as a record, without the path's and those that travel elsewhere."""
    attributes: dict[str, Any] = {}
    for name, value in inputs.items():
        if name in NOT_SENT or name in elsewhere:
            continue
        if part := parse_address_part(name):
            attributes.setdefault("address", {})[part] = value
        else:
            attributes[to_snake_case(name)] = value
    return {"data": attributes}


def build_query(inputs: Inputs) -> dict[str, Any]:
    """The inputs as query parameters; nested filters take brackets."""
    parameters: dict[str, Any] = {}
    for name, value in inputs.items():
        if name in NOT_SENT:
            continue
        if name == "customFields":
            parameters |= {f"custom_fields[{field}]": _join_values(item) for field, item in value.items()}
        elif part := parse_address_part(name):
            parameters[f"address[{part}]"] = value
        else:
            parameters[to_snake_case(name)] = _join_values(value)
    return parameters


def _join_values(value: Any) -> Any:
    """Several values stand in one parameter, as ids do; for choices of a custom field this is inferred."""
    return ",".join(map(str, value)) if isinstance(value, list) else value


def parse_address_part(name: str) -> str | None:
    """``addressCity`` is the city of the address."""
    return to_snake_case(name.removeprefix("address")) if name.startswith("address") and name != "address" else None


def list_records(ctx: Context, path: str, inputs: Inputs, *, size: int = 100) -> Pages:
    """A list: the page that the inputs name, or all of it."""
    return ctx.pages(path, build_query(inputs), size=size)


def upsert_record(ctx: Context, path: str, inputs: Inputs) -> Any:
    """Create the record, or update the one that the filters match.

    https://developer.zendesk.com/api-reference/sales-crm/resources/contacts/#upsert-a-contact

    The filters travel in the query, with the inputs that say how they are joined and who created the record.
    Several matches are a Conflict that names them.
    """
    joining = {name: inputs[name] for name in ("inclusive", "creatorId") if name in inputs}
    filters = {**inputs["filterableCustomFields"], **build_query(joining)}
    body = build_record(inputs, "filterableCustomFields", *joining)
    try:
        return ctx.client.post(f"{path}/upsert", json=body, query=filters)
    except Conflict as conflict:
        with suppress(SalesError):  # the names are a help; without them the conflict still stands
            conflict.message += f". The filters match {_describe_matches(ctx, path, filters)}; make them narrower"
        raise


def _describe_matches(ctx: Context, path: str, filters: Inputs) -> str:
    """The first records that the filters match, in words."""
    matches = islice(ctx.pages(path, filters, size=MAX_NAMED_MATCHES).every_item(), MAX_NAMED_MATCHES)
    return ", ".join(f"{_format_name(match)} (id {match['id']})" for match in ctx.envelope.records(matches, "id"))


def _format_name(found: Inputs) -> Any:
    person = " ".join(filter(None, [found.get("first_name"), found.get("last_name")]))
    return found.get("name") or person or found.get("organization_name")
