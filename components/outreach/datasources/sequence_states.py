"""Prospects in sequences to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import PAIR, Record, append_hint, build_picklist, name_related, read_field


def select_sequence_state(ctx: Context, inputs: Inputs) -> Picklist:
    """The sequence states of one prospect or of one sequence, or all of them."""
    given = [name for name in ("prospect", "sequence") if f"{name}Id" in inputs]
    return build_picklist(
        ctx,
        "sequenceStates",
        "sequenceState",
        label_state,
        fields="state",
        sort="createdAt",
        include={"prospect": "name", "sequence": "name"},
        query={f"filter[{name}][id]": inputs[f"{name}Id"] for name in given},
    )


def label_state(state: Record) -> str:
    """The prospect in the sequence, and how far it is."""
    pair = PAIR.join(filter(None, (name_related(state, "prospect"), name_related(state, "sequence"))))
    return append_hint(pair or f"Sequence state {state['id']}", read_field(state, "state"))
