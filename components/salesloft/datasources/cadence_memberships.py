"""Cadence memberships to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Linked, Record, labelled, link, linked, person_name

NARROWED = {"personId": "person_id", "cadenceId": "cadence_id"}


def select_cadence_membership(ctx: Context, inputs: Inputs) -> Picklist:
    """Who is on which cadence, narrowed to one person or one cadence."""

    def options(memberships: list[Record]) -> list[Option]:
        people = linked(ctx, "/v2/people", memberships, "person")
        cadences = linked(ctx, "/v2/cadences", memberships, "cadence")
        return [Option(membership_label(row, people, cadences), str(row["id"])) for row in memberships]

    query = {snake: inputs[key] for key, snake in NARROWED.items() if key in inputs}
    return labelled(ctx, "/v2/cadence_memberships", options, query=query)


def membership_label(row: Record, people: Linked, cadences: Linked) -> str:
    number = link(row, "cadence")
    cadence = cadences.get(number, {}).get("name") or f"cadence {number}"
    return f"{person_name(people, row)} in {cadence} ({row.get('current_state') or row['id']})"
