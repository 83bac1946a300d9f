"""Steps of cadences to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Record, labelled, link, linked, name


def select_step(ctx: Context, inputs: Inputs) -> Picklist:
    """The steps of one cadence, or of all with the cadence in front."""
    cadence = inputs.get("cadenceId")

    def options(steps: list[Record]) -> list[Option]:
        cadences = {} if cadence else linked(ctx, "/v2/cadences", steps, "cadence")
        return [Option(step_label(step, cadences.get(link(step, "cadence"))), str(step["id"])) for step in steps]

    return labelled(ctx, "/v2/steps", options, query={"cadence_id": cadence} if cadence else {})


def step_label(step: Record, cadence: Record | None) -> str:
    """The name with its day and place; steps of one cadence are often called the same."""
    place = f"day {step['day']}, step {step.get('step_number')}: " if step.get("day") else ""
    label = f"{place}{step.get('display_name') or name(step)}"
    return f"{name(cadence)}, {label}" if cadence else label[:1].upper() + label[1:]
