"""Cadence memberships to choose from."""

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Record, RecordsById, build_batch_picklist, extract_link, find_linked, format_person_name

FILTERS_BY_INPUT = {"personId": "person_id", "cadenceId": "cadence_id"}


def select_cadence_membership(ctx: Context, inputs: Inputs) -> Picklist:
    """Who is on which cadence, narrowed to one person or one cadence."""

    def options(memberships: list[Record]) -> list[Option]:
        people = find_linked(ctx, "/v2/people", memberships, "person")
        cadences = find_linked(ctx, "/v2/cadences", memberships, "cadence")
        return [Option(label_membership(row, people, cadences), str(row["id"])) for row in memberships]

    query = {snake: inputs[key] for key, snake in FILTERS_BY_INPUT.items() if key in inputs}
    return build_batch_picklist(ctx, "/v2/cadence_memberships", options, query=query)


def label_membership(row: Record, people: RecordsById, cadences: RecordsById) -> str:
    number = extract_link(row, "cadence")
    cadence = cadences.get(number, {}).get("name") or f"cadence {number}"
    return f"{format_person_name(people, row)} in {cadence} ({row.get('current_state') or row['id']})"
