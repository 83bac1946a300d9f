"""Bulk jobs, and what became of their records, to choose from."""

from collections.abc import Iterable, Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Record

PATH = "/v2/bulk_jobs"
TELLING = ("email_address", "domain", "upsert_key_value", "crm_id", "name", "id")
"""The fields of a handed in record that tell it from others, best first."""


def select_bulk_job(ctx: Context, inputs: Inputs) -> Picklist:
    """Every bulk job."""

    def find(keys: Iterable[str]) -> Iterator[Any]:
        for key in filter(str.isdecimal, keys):  # the list has no other filter by id
            yield from ctx.envelope.items(ctx.client.get(PATH, {"id[gt]": int(key) - 1, "per_page": 1}))

    return Picklist(
        pages=ctx.pages(PATH),
        options=lambda jobs: [Option(label_job(job), str(job["id"])) for job in ctx.envelope.records(jobs, "id")],
        find=find,
    )


def select_bulk_job_result(ctx: Context, inputs: Inputs) -> Picklist:
    """Every result of one bulk job; there are none until it is done."""
    path = f"{PATH}/{inputs['bulkJobsId']}/results"

    def find(keys: Iterable[str]) -> Iterator[Any]:
        for key in filter(str.isdecimal, keys):
            yield from ctx.envelope.items(ctx.client.get(path, {"id[gt]": int(key) - 1, "per_page": 1}))

    return Picklist(
        pages=ctx.pages(path),
        options=lambda results: [
            Option(label_result(result), str(result["id"])) for result in ctx.envelope.records(results, "id")
        ],
        find=find,
    )


def label_job(job: Record) -> str:
    label = job.get("name") or f"{job.get('type')} {job['id']}"
    return f"{label} ({job['state']})" if job.get("state") else str(label)


def label_result(result: Record) -> str:
    """The outcome with the id, and of the record what tells it from others."""
    record = result.get("record") or {}
    told = next((record[name] for name in TELLING if record.get(name)), "record")
    return f"{told}: {result.get('status') or 'pending'} ({result['id']})"
