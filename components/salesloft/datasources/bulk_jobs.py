"""Bulk jobs to choose from."""

from collections.abc import Iterable, Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Option, Picklist

from ._lists import Record

PATH = "/v2/bulk_jobs"


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


def label_job(job: Record) -> str:
    label = job.get("name") or f"{job.get('type')} {job['id']}"
    return f"{label} ({job['state']})" if job.get("state") else str(label)
