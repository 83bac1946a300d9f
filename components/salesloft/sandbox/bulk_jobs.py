"""Bulk jobs: opened, filled in portions, started, and then worked off record by record.

A job gets on by itself as the clock runs, and by a portion with each look at it, so that nobody has to wait for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sales_connectors.imitation import ANY, Condition, Document, Refused, Reply, Request, Route, Token
from sales_connectors.imitation.kit import BOTH, CREATE, UPDATE, Change, Problem

from . import upserts
from .errors import invalid, join_errors
from .filters import match_some
from .parameters import parameters
from .people import PEOPLE
from .queries import list_by_id
from .resources import Field, Resource, times, writable
from .values import flag, one_of, text
from .vendor import SALESLOFT, wrap

OPEN, EXECUTING, DONE = "open", "executing", "done"
STATUSES = ("pending", "success", "error", "retrying")
PORTION = 5000  # records that can be added at a time
A_SECOND, A_LOOK = 50, 100  # records that are processed meanwhile
PRIVILEGED = ("crm_id_person:write", "crm_id_account:write")


def retrieve(request: Request) -> Reply:
    return wrap(BULK_JOBS.show(request, _look_at(request)))


def update(request: Request) -> Reply:
    """Rename a job or start it, as long as it is open."""
    job = SALESLOFT.update(request, BULK_JOBS, _find_open(request), parameters(request))
    return wrap(BULK_JOBS.show(request, job))


def list_jobs(request: Request) -> Reply:
    for job in request.collection("bulk_jobs").find(Condition.match(state=EXECUTING)):
        get_on(request, job)
    return list_by_id(request, BULK_JOBS, ANY)


def add_data(request: Request) -> Reply:
    """Add records to a job, as long as it is open."""
    job, data = _find_open(request), parameters(request).get("data")
    if not isinstance(data, list) or not data or not all(isinstance(record, dict) for record in data):
        raise invalid([Problem("data", "is not a list of records")])
    if len(data) > PORTION:
        raise invalid([Problem("data", f"holds more than {PORTION} records")])
    add_rows(request, job, data)
    return wrap({"records": len(data)})


def add_rows(request: Request, job: Document, data: Sequence[Document]) -> None:
    """Have these records processed once the job is started."""
    for record in data:
        SALESLOFT.enter(request, "bulk_rows", {"job_id": job["id"], "record": record})
    SALESLOFT.touch(request, "bulk_jobs", job["id"], total=job["total"] + len(data))


def list_data(request: Request) -> Reply:
    """The rows of a job, whatever its state is."""
    return list_by_id(request, BULK_ROWS, Condition.equal("job_id", SALESLOFT.find(request, BULK_JOBS)["id"]))


def list_results(request: Request) -> Reply:
    """The rows of a job that is done; until then there are none."""
    job = _look_at(request)
    return list_by_id(request, BULK_ROWS, Condition.match(job_id=job["id"] if job["state"] == DONE else 0))


def _find_open(request: Request) -> Document:
    job = SALESLOFT.find(request, BULK_JOBS)
    if job["state"] != OPEN:
        raise invalid([Problem("state", f"is {job['state']}; a job can only be changed while it is {OPEN}")])
    return job


def _check(change: Change) -> Iterator[Problem]:
    if change.record["ready_to_execute"] is None:
        yield Problem("ready_to_execute", "is neither true nor false")


def _settle(change: Change) -> None:
    record, token = change.record, change.request.token
    assert token is not None, "a handler behind a token has one"
    if change.is_new:
        record |= {"user_id": token.user_id, "token_scopes": sorted(token.scopes)}
        record["scopes"] = [scope for scope in PRIVILEGED if scope in token.scopes]
    if record["ready_to_execute"]:
        at = SALESLOFT.now(change.request)
        record |= {"state": EXECUTING, "marked_ready_at": at, "started_at": at}


def _look_at(request: Request) -> Document:
    job = SALESLOFT.find(request, BULK_JOBS)
    return get_on(request, job) if job["state"] == EXECUTING else job


def get_on(request: Request, job: Document) -> Document:
    """Process what is due by now."""
    job = {**job, "looks": job["looks"] + 1}
    passed = request.clock.now() - datetime.fromisoformat(job["started_at"]).timestamp()
    due = job["looks"] * A_LOOK + int(passed * A_SECOND) - job["processed"]
    rows = request.collection("bulk_rows")
    for row in rows.find(Condition.match(job_id=job["id"], status="pending"), limit=max(due, 0)):
        outcome = _process(request, job, row["record"])
        rows.put({**row, **outcome})
        job |= {"processed": job["processed"] + 1, "errors": job["errors"] + (outcome["status"] == "error")}
    if job["processed"] == job["total"]:
        job |= {"state": DONE, "finished_at": SALESLOFT.now(request)}
    job["updated_at"] = SALESLOFT.now(request)
    request.collection("bulk_jobs").put(job)
    return job


def _process(request: Request, job: Document, record: Document) -> Document:
    """What becomes of one record, in the name of whoever made the job."""
    token = Token("", job["user_id"], frozenset(job["token_scopes"]))
    try:
        person, kind = upserts.upsert(replace(request, token=token), PEOPLE, record)
    except Refused as refused:
        return {"status": "error", "error": _describe_errors(refused.reply.body)}
    return {"status": "success", "person_id": person["id"], "upsert_type": kind}


def _describe_errors(body: Any) -> str:
    return join_errors(body["errors"]) if "errors" in body else str(body["error"])


def _show_resource(request: Request, row: Document) -> Document | None:
    """What was made of a record, as it is now."""
    person = request.collection("people").get(row.get("person_id"))
    return {"person": PEOPLE.show(request, person), "upsert_type": row["upsert_type"]} if person else None


BULK_JOBS = Resource(
    name="bulk_jobs",
    first_id=2201,
    fields={
        "id": Field(),
        "name": writable(text, BOTH),
        "type": writable(one_of("person/upsert"), (CREATE,), required=(CREATE,)),
        "state": Field(default=OPEN),
        "ready_to_execute": writable(flag, (UPDATE,), default=False),
        "total": Field(default=0),
        "processed": Field(default=0),
        "errors": Field(default=0),
        "scopes": Field(default=[]),
        "marked_ready_at": Field(),
        "started_at": Field(),
        "finished_at": Field(),
        **times(),
        "looks": Field(default=0, hidden=True),
    },
    filters={"state": match_some("state", one_of(OPEN, EXECUTING, DONE))},
    rules=_check,
    settle=_settle,
)
BULK_ROWS = Resource(
    name="bulk_rows",
    first_id=880101,
    fields={
        "id": Field(),
        "status": Field(default="pending"),
        "error": Field(),
        "record": Field(),
        "resource": Field(),
    },
    derived={"resource": _show_resource},
    filters={"status": match_some("status", one_of(*STATUSES))},
)
ONE = BULK_JOBS.route + "/{id}"
ROUTES = [
    Route("GET", BULK_JOBS.route, list_jobs),
    *SALESLOFT.routes(BULK_JOBS, "create"),
    Route("GET", ONE, retrieve),
    Route("PUT", ONE, update),
    Route("POST", ONE + "/job_data", add_data),
    Route("GET", ONE + "/job_data", list_data),
    Route("GET", ONE + "/results", list_results),
]
