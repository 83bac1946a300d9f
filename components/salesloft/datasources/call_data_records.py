"""Call data records to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, moment, picklist

PATH = "/v2/call_data_records"


def select_call_data_record(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call data record."""
    return picklist(ctx, PATH, record_label)


def select_unlinked_call_data_record(ctx: Context, inputs: Inputs) -> Picklist:
    """Call data records that belong to no call yet, narrowed to one person."""
    person = {"person_id[]": [inputs["personId"]]} if "personId" in inputs else {}
    return picklist(ctx, PATH, record_label, query={"has_call": False, **person})


def record_label(record: Record) -> str:
    ends = [f"{word} {record[word]}" for word in ("from", "to") if record.get(word)]
    return " ".join([moment(record.get("created_at")), record.get("direction") or "call", *ends])
