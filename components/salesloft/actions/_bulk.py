"""The records of a bulk job: how they are sent, which of them it holds, and how it is followed to its end."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import chain, repeat
from math import inf
from typing import Any

from sales_connectors.sdk import Conflict, Context, InvalidInput, SalesError, read_count

Record = dict[str, Any]

MAX_RECORDS_PER_REQUEST = 5000
"""Records that the service takes at a time."""
POLL_PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds between two looks at a job that runs; the last one holds for the rest."""
ANSWER_RESERVE_SECONDS = 5.0
"""Seconds that a caller's deadline leaves for the answer."""


def build_job_record(record: Record) -> Record:
    """The record as the API has it: the value to match by stands in the field that the upsert key names."""
    fields = {name: value for name, value in record.items() if name != "upsert_key_value"}
    return fields | {record["upsert_key"]: record["upsert_key_value"]} if "upsert_key_value" in record else fields


def add_records(ctx: Context, job: int, records: list[Record]) -> int:
    """Add the records in portions and in order; how many the service took."""
    added = 0
    for start in range(0, len(records), MAX_RECORDS_PER_REQUEST):
        portion = records[start : start + MAX_RECORDS_PER_REQUEST]
        try:
            reply = ctx.once(
                f"from {start}", partial(ctx.client.post, f"/v2/bulk_jobs/{job}/job_data", {"data": portion})
            )
        except SalesError as error:
            error.message += f". {added} of {len(records)} records were added before; runBulkJob adds what is missing"
            raise
        taken = read_count(ctx.envelope.record(reply).get("records"))
        added += len(portion) if taken is None else taken
    return added


def find_missing(ctx: Context, job: int, records: list[Record]) -> list[int]:
    """The positions of the records that the job does not hold; Conflict where it holds others.

    A job keeps records as they were handed in (inferred), so they are told by their content; equal ones are counted.
    """
    rows = ctx.envelope.records(ctx.pages(f"/v2/bulk_jobs/{job}/job_data").every_item(), "record")
    held = Counter(_fingerprint(row["record"]) for row in rows)
    others = held - Counter(map(_fingerprint, records))
    if others:
        raise Conflict(
            f"Bulk job {job} holds {others.total()} other records than the given ones: something else has filled it."
            " Make a job of its own for these",
            code="other_records",
        )
    return [position for position, record in enumerate(records) if not _take_one(held, _fingerprint(record))]


def get_job(ctx: Context, number: int) -> Record:
    """The job as it stands."""
    return _read_job(ctx, ctx.client.get(f"/v2/bulk_jobs/{number}"))


def start_job(ctx: Context, job: Record) -> Record:
    """Start the job; that it runs already is fine, since an earlier answer may have been lost."""
    try:
        return _read_job(ctx, ctx.client.put(f"/v2/bulk_jobs/{job['id']}", json={"ready_to_execute": True}))
    except InvalidInput:
        started = get_job(ctx, job["id"])
        if started["state"] == "open":
            raise
        return started


def follow_job(ctx: Context, job: Record, wait: float) -> Record:
    """The job when it is done, or when the time is over; who asks with ``on_page`` is told how many are processed."""
    ends = ctx.elapsed + min(wait, inf if ctx.deadline is None else ctx.deadline - ANSWER_RESERVE_SECONDS)
    for pause in _iterate_pauses():
        ctx.progress(read_count(job.get("processed")) or 0)
        left = ends - ctx.elapsed
        if job["state"] == "done" or left <= 0:
            break
        ctx.sleep(min(pause, left))
        job = get_job(ctx, job["id"])
    return job


def _read_job(ctx: Context, answer: Any) -> Record:
    return ctx.envelope.record(answer, "id", "state")


def _iterate_pauses() -> Iterator[float]:
    return chain(POLL_PAUSES_SECONDS, repeat(POLL_PAUSES_SECONDS[-1]))


def _take_one(held: Counter[str], fingerprint: str) -> bool:
    """Whether the job holds this one; each that it holds stands for one of ours."""
    if not held[fingerprint]:
        return False
    held[fingerprint] -= 1
    return True


def _fingerprint(record: Record) -> str:
    """The content of a record; a number with a fraction is the same whichever type holds it."""
    return json.dumps(record, sort_keys=True, default=float)
