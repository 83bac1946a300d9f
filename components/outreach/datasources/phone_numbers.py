"""Phone numbers of prospects to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, name_record, name_related, read_field


def select_phone_number(ctx: Context, inputs: Inputs) -> Picklist:
    """The phone numbers of one prospect, or of all with their prospects in front."""
    prospect = inputs.get("prospectId")
    return build_picklist(
        ctx,
        "phoneNumbers",
        "phoneNumber",
        label_number,
        fields="number,phoneType",
        sort="order",
        include=None if prospect else {"prospect": "name"},
        query={"filter[prospect][id]": prospect} if prospect else {},
    )


def label_number(number: Record) -> str:
    whose = name_related(number, "prospect")
    label = append_hint(name_record(number, "number"), read_field(number, "phoneType"))
    return f"{whose}, {label}" if whose else label
