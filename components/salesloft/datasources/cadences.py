"""Cadences to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Record, labelled, link, linked, name


def select_cadence(ctx: Context, inputs: Inputs) -> Picklist:
    """Every cadence, or those to which people can be added."""

    def options(cadences: list[Record]) -> list[Option]:
        personal = [cadence for cadence in cadences if cadence.get("team_cadence") is False]
        owners = linked(ctx, "/v2/users", personal, "owner")
        return [
            Option(cadence_label(cadence, owners.get(link(cadence, "owner"))), str(cadence["id"]))
            for cadence in cadences
        ]

    query = {"people_addable": inputs["peopleAddable"]} if "peopleAddable" in inputs else {}
    return labelled(ctx, "/v2/cadences", options, query=query)


def cadence_label(cadence: Record, owner: Record | None) -> str:
    """The name; a personal cadence also says whose it is, as several people may call theirs the same."""
    label = f"{name(cadence)} - {name(owner)}" if owner else name(cadence)
    return f"{label} - archived" if cadence.get("archived_at") else label
