"""Bulk jobs: https://developers.salesloft.com/docs/api/bulk-jobs-index/"""

from typing import Any

from sales_connectors.sdk import Conflict, Context, Inputs, Pages

from ._bulk import Record, add_records, build_job_record, find_missing, follow_job, get_job, start_job
from ._wire import build_query, build_record, find_candidates


def create_bulk_job(ctx: Context, inputs: Inputs) -> Any:
    """Open a bulk job, to which data is then added."""
    return ctx.client.post("/v2/bulk_jobs", json=build_record(inputs, bulkJobType="type", bulkJobName="name"))


def find_bulk_job(ctx: Context, inputs: Inputs) -> list[Any] | None:
    """Empty jobs of this name and type; one without a name cannot be told from others."""
    fresh = build_record(inputs, bulkJobType="type", bulkJobName="name") | {"total": 0}
    if not fresh.get("name"):
        return None
    return find_candidates(
        ctx, "/v2/bulk_jobs", {"state[]": "open"}, lambda job: all(job.get(name) == fresh[name] for name in fresh)
    )


def create_bulk_job_data(ctx: Context, inputs: Inputs) -> Any:
    """Add records to an open bulk job, as many at a time as the service takes."""
    return {"data": {"records": add_records(ctx, inputs["bulkJobsId"], _build_records(inputs))}}


def get_bulk_job(ctx: Context, inputs: Inputs) -> Any:
    """Get one bulk job by its id: its state, and how many records are processed."""
    return ctx.client.get(f"/v2/bulk_jobs/{inputs['bulkJobsId']}")


def list_bulk_job_results(ctx: Context, inputs: Inputs) -> Pages:
    """List what became of each record of a bulk job that is done."""
    names = {"bulkJobsStatus": "status", "cursorId": "id[gt]"}
    return ctx.pages(f"/v2/bulk_jobs/{inputs['bulkJobsId']}/results", build_query(inputs, "bulkJobsId", **names))


def update_bulk_job(ctx: Context, inputs: Inputs) -> Any:
    """Rename a bulk job, or start it; only while it is open."""
    return ctx.client.put(
        f"/v2/bulk_jobs/{inputs['bulkJobsId']}", json=build_record(inputs, "bulkJobsId", updateBulkJobName="name")
    )


def run_bulk_job(ctx: Context, inputs: Inputs) -> Any:
    """Bring a bulk job to its end from wherever it stands: add what it lacks, start it, wait, collect the outcomes."""
    job = get_job(ctx, inputs["bulkJobsId"])
    added = _add_missing(ctx, job, _build_records(inputs)) if "bulkJobData" in inputs else 0
    job = follow_job(ctx, start_job(ctx, job) if job["state"] == "open" else job, inputs["wait"])
    done = job["state"] == "done"
    results = list(ctx.pages(f"/v2/bulk_jobs/{job['id']}/results").every_item()) if done else []
    return {"data": {"done": done, "job": job, "added": added, "results": results}}


def _add_missing(ctx: Context, job: Record, records: list[Record]) -> int:
    """Add the records that the job lacks, if it still takes them."""
    lacking = find_missing(ctx, job["id"], records)
    if lacking and job["state"] != "open":
        raise Conflict(
            f"Bulk job {job['id']} was started without {len(lacking)} of these records and takes no more."
            " Put them into another job, and run this one without data for the outcomes of the others",
            code="already_started",
            fields=[{"path": f"/bulkJobData/{position}", "message": "is not in the job"} for position in lacking],
        )
    return add_records(ctx, job["id"], [records[position] for position in lacking])


def _build_records(inputs: Inputs) -> list[Record]:
    return [build_job_record(given) for given in inputs["bulkJobData"]]
