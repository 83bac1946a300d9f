"""How inputs travel: camelCase in the form, snake_case on the wire unless a handler names a field, no envelope."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sales_connectors.sdk import Conflict, Context, Inputs, InvalidInput, Pages, to_snake_case

SEVERAL_MATCHES = re.compile(r"\b(multiple|several|more than one)\b", re.IGNORECASE)
"""How the service says that an upsert key fits more than one record; inferred, its messages have no codes."""


def build_record(inputs: Inputs, *elsewhere: str, **names: str) -> dict[str, Any]:
    """The inputs as a body, without those that travel elsewhere; ``names`` are the fields not called as their input."""
    return {names.get(key, to_snake_case(key)): value for key, value in inputs.items() if key not in elsewhere}


def build_query(inputs: Inputs, *elsewhere: str, **names: str) -> dict[str, Any]:
    """The inputs as query parameters: ``ids[]`` for lists, ``updated_at[gte]`` for spans, ``custom_fields[Name]``."""
    parameters: dict[str, Any] = {}
    for name, value in build_record(inputs, "fetchAll", *elsewhere, **names).items():
        if isinstance(value, Mapping):
            parameters |= {f"{name}[{part}]": item for part, item in value.items()}
        else:
            parameters[f"{name}[]" if isinstance(value, list) else name] = value
    return parameters


def list_records(ctx: Context, path: str, inputs: Inputs, **names: str) -> Pages:
    """A list: the page that the inputs name, or all of it."""
    return ctx.pages(path, build_query(inputs, **names))


def upsert_record(ctx: Context, path: str, inputs: Inputs, **names: str) -> Any:
    """Create the record, or update the one that the upsert key finds; where it finds several, that is a Conflict."""
    try:
        return ctx.client.post(path, json=build_record(inputs, **names))
    except InvalidInput as refused:
        if not SEVERAL_MATCHES.search(refused.message):
            raise
        raise Conflict(
            f"{refused.message}. Merge them in Salesloft, or name the one by its id",
            code="several_matches",
            fields=refused.fields,
            status=refused.status,
            request_id=refused.request_id,
            vendor=refused.vendor,
        ) from refused


def find_candidates(
    ctx: Context, path: str, parameters: Mapping[str, Any], same: Callable[[dict[str, Any]], bool]
) -> list[Any]:
    """Records that a create may have made, in the envelope in which it returns them."""
    records = ctx.envelope.records(ctx.pages(path, parameters).every_item(), "id")
    return [{"data": found} for found in records if same(found)]


def is_about(record: Mapping[str, Any], link: str, number: int) -> bool:
    """Whether a link of a record leads where it must, whatever filter the service was asked to apply; one that is not
    shown says nothing."""
    related = record.get(link)
    shown = related.get("id") if isinstance(related, Mapping) else None
    return shown is None or str(shown) == str(number)
