"""Notes to choose from, and the people and accounts that a note can be about."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, account_label, by_address, person_label, picklist, shortened


def select_account_or_person(ctx: Context, inputs: Inputs) -> Picklist:
    """People, or accounts where the type says so."""
    if inputs["associatedWithType"] == "account":
        return picklist(ctx, "/v2/accounts", account_label)
    return picklist(ctx, "/v2/people", person_label, search=by_address(ctx))


def select_note(ctx: Context, inputs: Inputs) -> Picklist:
    """Every note, by its first words and its day."""
    return picklist(ctx, "/v2/notes", note_label)


def note_label(note: Record) -> str:
    words = shortened(note.get("content")) or f"Note {note['id']}"
    return f"{words} ({note['created_at'][:10]})" if note.get("created_at") else words
