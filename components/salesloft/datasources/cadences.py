"""Cadences to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist, format_name

from ._lists import Record, build_batch_picklist, extract_link, find_linked


def select_cadence(ctx: Context, inputs: Inputs) -> Picklist:
    """Every cadence, or those to which people can be added."""

    def options(cadences: list[Record]) -> list[Option]:
        personal = [cadence for cadence in cadences if cadence.get("team_cadence") is False]
        owners = find_linked(ctx, "/v2/users", personal, "owner")
        return [
            Option(label_cadence(cadence, owners.get(extract_link(cadence, "owner"))), str(cadence["id"]))
            for cadence in cadences
        ]

    query = {"people_addable": inputs["peopleAddable"]} if "peopleAddable" in inputs else {}
    return build_batch_picklist(ctx, "/v2/cadences", options, query=query)


def label_cadence(cadence: Record, owner: Record | None) -> str:
    """The name; a personal cadence also says whose it is, as several people may call theirs the same."""
    label = f"{format_name(cadence)} - {format_name(owner)}" if owner else format_name(cadence)
    return f"{label} - archived" if cadence.get("archived_at") else label
