"""Stages to choose from."""

from sales_connectors import Context, Inputs, Option, Picklist

from ._lists import Record, by_id, labelled, name


def select_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """The stages of one pipeline, or of all with the pipeline in front."""
    pipeline = inputs.get("pipelineId")

    def options(stages: list[Record]) -> list[Option]:
        pipelines = {} if pipeline else by_id(ctx, "/v2/pipelines", (stage.get("pipeline_id") for stage in stages))
        return [
            Option(stage_label(stage, pipelines.get(stage.get("pipeline_id", 0))), str(stage["id"])) for stage in stages
        ]

    return labelled(ctx, "/v2/stages", options, query={"pipeline_id": pipeline} if pipeline else {})


def stage_label(stage: Record, pipeline: Record | None) -> str:
    return f"{name(pipeline)}: {name(stage)}" if pipeline else name(stage)
