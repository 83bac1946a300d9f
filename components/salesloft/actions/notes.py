"""Notes on people and accounts: https://developers.salesloft.com/docs/api/notes-index/"""

from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages

from ._wire import build_query, build_record, find_candidates, is_about, list_records


def create_note(ctx: Context, inputs: Inputs) -> Any:
    """Write a note about a person or an account."""
    return ctx.client.post("/v2/notes", json=build_record(inputs))


def find_note(ctx: Context, inputs: Inputs) -> list[Any]:
    """Notes of these words about this person or account."""
    about = build_query({name: inputs[name] for name in ("associatedWithType", "associatedWithId")})
    return find_candidates(
        ctx,
        "/v2/notes",
        about,
        lambda found: (
            found.get("content") == inputs["content"] and is_about(found, "associated_with", inputs["associatedWithId"])
        ),
    )


def get_note(ctx: Context, inputs: Inputs) -> Any:
    """Get one note by its id."""
    return ctx.client.get(f"/v2/notes/{inputs['noteId']}")


def list_notes(ctx: Context, inputs: Inputs) -> Pages:
    """List notes, filtered and sorted, by page or all at once."""
    return list_records(ctx, "/v2/notes", inputs, noteIds="ids")


def update_note(ctx: Context, inputs: Inputs) -> Any:
    """Write a note anew; what the CRM has stays as it is."""
    return ctx.client.put(f"/v2/notes/{inputs['noteId']}", json=build_record(inputs, "noteId"))


def delete_note(ctx: Context, inputs: Inputs) -> None:
    """Delete a note."""
    ctx.client.delete(f"/v2/notes/{inputs['noteId']}")
