"""Call data records to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, build_picklist, format_time

PATH = "/v2/call_data_records"


def select_call_data_record(ctx: Context, inputs: Inputs) -> Picklist:
    """Every call data record."""
    return build_picklist(ctx, PATH, label_record)


def select_unlinked_call_data_record(ctx: Context, inputs: Inputs) -> Picklist:
    """Call data records that belong to no call yet, narrowed to one person."""
    person = {"person_id[]": [inputs["personId"]]} if "personId" in inputs else {}
    return build_picklist(ctx, PATH, label_record, query={"has_call": False, **person})


def label_record(record: Record) -> str:
    ends = [f"{word} {record[word]}" for word in ("from", "to") if record.get(word)]
    return " ".join([format_time(record.get("created_at")), record.get("direction") or "call", *ends])
