"""Steps of cadences to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist, format_name

from ._lists import Record, build_batch_picklist, extract_link, find_linked


def select_step(ctx: Context, inputs: Inputs) -> Picklist:
    """The steps of one cadence, or of all with the cadence in front."""
    cadence = inputs.get("cadenceId")

    def options(steps: list[Record]) -> list[Option]:
        cadences = {} if cadence else find_linked(ctx, "/v2/cadences", steps, "cadence")
        return [
            Option(label_step(step, cadences.get(extract_link(step, "cadence"))), str(step["id"])) for step in steps
        ]

    return build_batch_picklist(ctx, "/v2/steps", options, query={"cadence_id": cadence} if cadence else {})


def label_step(step: Record, cadence: Record | None) -> str:
    """The name with its day and place; steps of one cadence are often called the same."""
    place = f"day {step['day']}, step {step.get('step_number')}: " if step.get("day") else ""
    label = f"{place}{step.get('display_name') or format_name(step)}"
    return f"{format_name(cadence)}, {label}" if cadence else label[:1].upper() + label[1:]
