"""Imports, which group people by where they came from: https://developers.salesloft.com/docs/api/imports-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_query, build_record, find_candidates, list_records


def create_import(ctx: Context, inputs: Inputs) -> Any:
    """Create an import, to which people can then belong."""
    return ctx.client.post("/v2/imports", json=build_record(inputs))


def find_import(ctx: Context, inputs: Inputs) -> list[Any] | None:
    """Imports of this name; one without a name cannot be told from others."""
    name = inputs.get("name")
    return find_candidates(ctx, "/v2/imports", {}, lambda found: found.get("name") == name) if name else None


def get_import(ctx: Context, inputs: Inputs) -> Any:
    """Get one import by its id."""
    return ctx.client.get(f"/v2/imports/{inputs['importId']}")


def list_imports(ctx: Context, inputs: Inputs) -> Pages:
    """List imports, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/imports", inputs, importIds="ids")


def update_import(ctx: Context, inputs: Inputs) -> Any:
    """Change what is given of an import."""
    return ctx.client.put(f"/v2/imports/{inputs['importId']}", json=build_record(inputs, "importId"))


def delete_import(ctx: Context, inputs: Inputs) -> None:
    """Delete an import; with ``undo`` its people go too."""
    ctx.client.delete(f"/v2/imports/{inputs['importId']}", build_query(inputs, "importId"))
