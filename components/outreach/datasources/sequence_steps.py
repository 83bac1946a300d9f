"""Steps of sequences to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_picklist, name_record, name_related


def select_sequence_step(ctx: Context, inputs: Inputs) -> Picklist:
    """The steps of one sequence, or of all with their sequences in front."""
    sequence = inputs.get("sequenceId")
    return build_picklist(
        ctx,
        "sequenceSteps",
        "sequenceStep",
        label_step,
        fields="displayName",
        sort="order",
        include=None if sequence else {"sequence": "name"},
        query={"filter[sequence][id]": sequence} if sequence else {},
    )


def label_step(step: Record) -> str:
    whose, label = name_related(step, "sequence"), name_record(step, "displayName")
    return f"{whose}, {label}" if whose else label
