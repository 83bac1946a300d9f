"""Person stages: https://developers.salesloft.com/docs/api/person-stages-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_record, find_candidates, list_records


def create_person_stage(ctx: Context, inputs: Inputs) -> Any:
    """Create a stage for people."""
    return ctx.client.post("/v2/person_stages", json=build_record(inputs, personStageName="name"))


def find_person_stage(ctx: Context, inputs: Inputs) -> list[Any]:
    """Stages of this name."""
    return find_candidates(ctx, "/v2/person_stages", {}, lambda found: found.get("name") == inputs["personStageName"])


def get_person_stage(ctx: Context, inputs: Inputs) -> Any:
    """Get one person stage by its id."""
    return ctx.client.get(f"/v2/person_stages/{inputs['personStageId']}")


def list_person_stages(ctx: Context, inputs: Inputs) -> Pages:
    """List the stages that people go through."""
    return list_records(ctx, "/v2/person_stages", inputs, personStageIds="ids")


def update_person_stage(ctx: Context, inputs: Inputs) -> Any:
    """Rename a person stage."""
    return ctx.client.put(
        f"/v2/person_stages/{inputs['personStageId']}",
        json=build_record(inputs, "personStageId", personStageName="name"),
    )


def delete_person_stage(ctx: Context, inputs: Inputs) -> None:
    """Delete a person stage."""
    ctx.client.delete(f"/v2/person_stages/{inputs['personStageId']}")
