"""Cadences, which are kept in the app: https://developers.salesloft.com/docs/api/cadences-index/"""

import json
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_query


def get_cadence(ctx: Context, inputs: Inputs) -> Any:
    """Get one cadence by its id."""
    return ctx.client.get(f"/v2/cadences/{inputs['cadenceId']}")


def list_cadences(ctx: Context, inputs: Inputs) -> Pages:
    """List cadences, filtered and sorted, by page or all at once."""
    names = {"cadenceIds": "ids", "ownedByGuidFilter": "owned_by_guid"}
    return ctx.pages(
        "/v2/cadences", {**build_query(inputs, "groupIds", **names), **_build_group_filter(inputs.get("groupIds", []))}
    )


def _build_group_filter(groups: list[int]) -> dict[str, Any]:
    """One id, or a JSON list of ids as text; inferred from the definition, which types it as text."""
    return {"group_ids": groups[0] if len(groups) == 1 else json.dumps(groups)} if groups else {}
