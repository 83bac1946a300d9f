"""Notes to choose from, and the people and accounts that a note can be about."""

from sales_connectors.sdk import Context, Inputs, Picklist, shorten

from ._lists import Record, build_address_search, build_picklist, label_account, label_person


def select_account_or_person(ctx: Context, inputs: Inputs) -> Picklist:
    """People, or accounts where the type says so."""
    if inputs["associatedWithType"] == "account":
        return build_picklist(ctx, "/v2/accounts", label_account)
    return build_picklist(ctx, "/v2/people", label_person, search=build_address_search(ctx))


def select_note(ctx: Context, inputs: Inputs) -> Picklist:
    """Every note, by its first words and its day."""
    return build_picklist(ctx, "/v2/notes", label_note)


def label_note(note: Record) -> str:
    words = shorten(note.get("content")) or f"Note {note['id']}"
    return f"{words} ({note['created_at'][:10]})" if note.get("created_at") else words
