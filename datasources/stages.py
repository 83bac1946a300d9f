"""Stages to choose from: https://developer.zendesk.com/api-reference/sales-crm/resources/stages/"""

from sales_connectors.sdk import Context, Inputs, Option, Picklist, format_name

from ._lists import Record, build_batch_picklist, find_by_id


def select_stage(ctx: Context, inputs: Inputs) -> Picklist:
    """The stages of one pipeline, or of all with the pipeline in front."""
    pipeline = {"pipeline_id": inputs["pipelineId"]} if "pipelineId" in inputs else {}

    def options(stages: list[Record]) -> list[Option]:
        pipelines = {} if pipeline else find_by_id(ctx, "/v2/pipelines", (stage.get("pipeline_id") for stage in stages))
        return [
            Option(label_stage(stage, pipelines.get(stage.get("pipeline_id"))), str(stage["id"])) for stage in stages
        ]

    return build_batch_picklist(ctx, "/v2/stages", options, query=pipeline)


def label_stage(stage: Record, pipeline: Record | None) -> str:
    return f"{format_name(pipeline)}: {format_name(stage)}" if pipeline else format_name(stage)
