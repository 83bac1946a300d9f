"""Bulk jobs: records in portions, a job brought to its end from wherever it stands, and the outcome of each record."""

import json
import re
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from sales_connectors import connect
from sales_connectors.errors import Conflict, InvalidInput, InvalidResponse, SalesError, Unavailable

JOB = 2201
PATH = f"/v2/bulk_jobs/{JOB}"


class Crash(BaseException):
    """The process is killed."""


class Job:
    """A bulk job as the service keeps it; ``fails`` names what goes wrong, once each, at the n-th request."""

    def __init__(self, service: Any, cursors: Any) -> None:
        self.service, self.cursors = service, cursors
        self.rows: list[dict[str, Any]] = []
        self.state, self.processed, self.speed = "open", 0, 10**9
        self.portions: list[int] = []
        self.fails: dict[int, str] = {}
        self.requests = 0
        for method, path in [
            ("GET", ""),
            ("PUT", ""),
            ("POST", "/job_data"),
            ("GET", "/job_data"),
            ("GET", "/results"),
        ]:
            url = re.compile(rf"https://api\.salesloft\.com{PATH}{path}(\?.*)?$")
            service.wire.add_callback(method, url, self.reply)

    def reply(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.requests += 1
        failure = self.fails.pop(self.requests, "")
        if failure == "killed before":
            raise Crash
        status, answer = self.answer(request)
        if failure == "killed after":
            raise Crash
        if failure == "refused":
            self.rows, self.portions = self.rows[: -self.portions[-1]], self.portions[:-1]
            return 422, {"Content-Type": "application/json"}, '{"error": "no"}'
        if failure == "answer lost":
            status, answer = 502, {"error": "Gateway"}
        return status, {"Content-Type": "application/json"}, json.dumps(answer)

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Any]:
        url = urlsplit(request.url or "")
        body = json.loads(request.body) if request.body else {}
        if request.method == "PUT" or (request.method == "POST" and url.path.endswith("job_data")):
            if self.state != "open":
                return 422, {"errors": {"state": ["is not open"]}}
            return 200, self.add(body["data"]) if request.method == "POST" else self.start()
        if url.path == PATH:
            self.work()
            return 200, {"data": self.shown}
        rows = self.rows if self.state == "done" or url.path.endswith("job_data") else []
        return 200, self.cursors(rows)(dict(parse_qsl(url.query)))

    def add(self, records: list[dict[str, Any]]) -> Any:
        assert len(records) <= 5000
        self.portions.append(len(records))
        self.rows += [
            {"id": 1000 + len(self.rows) + n, "record": record, "status": "pending"} for n, record in enumerate(records)
        ]
        return {"data": {"records": len(records)}}

    def start(self) -> Any:
        self.state = "executing"
        return {"data": self.shown}

    def work(self) -> None:
        """A look at the job lets some time pass for it."""
        if self.state == "executing":
            self.processed = min(self.processed + self.speed, len(self.rows))
            if self.processed == len(self.rows):
                self.state = "done"
                for row in self.rows:
                    bad = "@" not in row["record"]["email_address"]
                    row |= {"status": "error", "error": "is invalid"} if bad else {"status": "success", "error": None}

    @property
    def shown(self) -> dict[str, Any]:
        errors = sum(row["status"] == "error" for row in self.rows)
        counts = {"total": len(self.rows), "processed": self.processed, "errors": errors}
        return {"id": JOB, "state": self.state, "type": "person/upsert", **counts}

    @property
    def held(self) -> list[str]:
        return [row["record"]["email_address"] for row in self.rows]


@pytest.fixture
def job(service: Any, cursors: Any) -> Job:
    return Job(service, cursors)


@pytest.fixture
def small_portions(monkeypatch: pytest.MonkeyPatch, service: Any) -> None:
    """A job of several portions without thousands of records."""
    monkeypatch.setattr("sales_connectors.components.salesloft.actions._bulk.MAX_RECORDS_PER_REQUEST", 100)


def people(count: int) -> list[dict[str, Any]]:
    return [{"email_address": f"jo{number}@example.com", "upsert_key": "email_address"} for number in range(count)]


def addresses(count: int) -> list[str]:
    return [person["email_address"] for person in people(count)]


# --- adding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "portions"), [(1, [1]), (5000, [5000]), (5001, [5000, 1]), (12000, [5000, 5000, 2000])]
)
def test_records_are_added_in_portions_and_in_order(service: Any, job: Job, count: int, portions: list[int]) -> None:
    result = service.loft.createBulkJobData(bulkJobsId=JOB, bulkJobData=people(count))

    assert result == {"data": {"records": count}}
    assert job.portions == portions
    assert job.held == addresses(count)


def test_a_portion_that_fails_says_how_many_were_added_before(service: Any, job: Job) -> None:
    job.fails[2] = "answer lost"

    with pytest.raises(Unavailable, match="5000 of 12000 records were added before") as raised:
        service.loft.createBulkJobData(bulkJobsId=JOB, bulkJobData=people(12000))

    assert raised.value.code == "outcome_unknown"
    assert job.portions == [5000, 5000]


@pytest.mark.parametrize(
    ("failure", "second", "portions"),
    [("refused", "created", [100, 100, 50]), ("answer lost", "outcome_unknown", [100, 100])],
)
def test_a_key_adds_no_portion_twice(
    service: Any, job: Job, small_portions: None, failure: str, second: str, portions: list[int]
) -> None:
    """What was done before one portion was refused is not done again; where nobody knows, nothing is."""
    job.fails[2] = failure

    def add() -> str:
        told: list[str] = []
        keyed = connect("salesloft", {"token": "secret"}, retries=0, on_outcome=told.append)
        try:
            keyed.createBulkJobData(bulkJobsId=JOB, bulkJobData=people(250), idempotency_key=f"a key, {failure}")
        except SalesError as error:
            told.append(f"{error.code}, to be asked for again" if error.retryable else error.code)
        return told.pop()

    assert add() == ("invalid_input" if failure == "refused" else "outcome_unknown")
    assert add() == second
    assert job.portions == portions
    assert len(set(job.held)) == len(job.held)
    if second == "created":
        assert (add(), job.portions) == ("found", portions)


def test_the_value_to_match_by_goes_into_its_field(service: Any, job: Job) -> None:
    given = [{"first_name": "Jo", "upsert_key": "email_address", "upsert_key_value": "jo@acme.com"}]

    service.loft.createBulkJobData(bulkJobsId=JOB, bulkJobData=given)

    assert job.rows[0]["record"] == {"first_name": "Jo", "upsert_key": "email_address", "email_address": "jo@acme.com"}


# --- running --------------------------------------------------------------------------------------------------------


def test_a_job_is_filled_started_followed_and_its_outcomes_collected(service: Any, job: Job) -> None:
    records = [*people(6000), {"email_address": "nonsense"}]

    result = service.loft.runBulkJob(bulkJobsId=JOB, bulkJobData=records)["data"]

    assert (result["done"], result["added"], result["job"]["errors"]) == (True, 6001, 1)
    assert [row["record"] for row in result["results"]] == records
    assert [row["status"] for row in result["results"]] == ["success"] * 6000 + ["error"]
    assert result["results"][-1]["error"] == "is invalid"


def test_a_run_tells_how_many_records_are_processed(service: Any, job: Job) -> None:
    job.speed = 40
    told: list[int] = []

    service.loft.with_options(on_page=told.append).runBulkJob(bulkJobsId=JOB, bulkJobData=people(100))

    assert told == [0, 40, 80, 100]
    assert service.clock.slept == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("options", [{}, {"deadline": 15.0}])
def test_when_the_time_is_over_the_job_runs_on_and_can_be_asked_for_again(
    service: Any, job: Job, options: dict[str, Any]
) -> None:
    job.speed = 1
    loft = service.loft.with_options(**options)

    first = loft.runBulkJob(bulkJobsId=JOB, bulkJobData=people(50), wait=600 if options else 10)["data"]
    job.speed = 50
    second = loft.runBulkJob(bulkJobsId=JOB, bulkJobData=people(50))["data"]

    assert (first["done"], first["job"]["state"], first["results"]) == (False, "executing", [])
    assert (second["done"], second["added"], len(second["results"])) == (True, 0, 50)
    assert job.portions == [50]


def test_a_run_without_data_starts_and_follows_what_the_job_holds(service: Any, job: Job) -> None:
    job.add(people(3))

    result = service.loft.runBulkJob(bulkJobsId=JOB)["data"]

    assert (result["done"], result["added"], len(result["results"])) == (True, 0, 3)


def test_a_run_that_need_not_wait_does_not(service: Any, job: Job) -> None:
    job.speed = 1

    assert not service.loft.runBulkJob(bulkJobsId=JOB, bulkJobData=people(3), wait=0)["data"]["done"]
    assert service.clock.slept == []


# --- running again --------------------------------------------------------------------------------------------------

STEPS = 12
"""Requests of a run: the job, what it holds, four portions, the start, a look, and four pages of outcomes."""


@pytest.mark.usefixtures("small_portions")
@pytest.mark.parametrize("failure", ["killed before", "killed after", "answer lost"])
@pytest.mark.parametrize("at", range(1, STEPS + 1))
def test_wherever_a_run_breaks_off_the_next_one_loses_and_repeats_nothing(
    service: Any, job: Job, failure: str, at: int
) -> None:
    job.fails[at] = failure
    records = people(350)
    with suppress(Crash, SalesError):  # an answer that was lost may be asked for once more
        service.loft.runBulkJob(bulkJobsId=JOB, bulkJobData=records)
    assert job.fails == {}, "the run was over before it could break off"
    again = service.loft.runBulkJob(bulkJobsId=JOB, bulkJobData=records)["data"]

    assert again["done"]
    assert job.held == addresses(350)
    assert len(job.portions) >= 4
    assert [row["record"] for row in again["results"]] == records


def test_equal_records_are_counted_and_not_taken_for_one(service: Any, job: Job) -> None:
    job.add(people(1))

    result = service.loft.runBulkJob(bulkJobsId=JOB, bulkJobData=people(1) * 3)["data"]

    assert (result["added"], len(result["results"])) == (2, 3)


def test_a_job_that_something_else_filled_is_left_alone(service: Any, job: Job) -> None:
    job.add([{"email_address": "else@example.com"}])

    with pytest.raises(Conflict, match="1 other records") as raised:
        service.loft.runBulkJob(bulkJobsId=JOB, bulkJobData=people(2))

    assert raised.value.code == "other_records"
    assert (job.state, len(job.rows)) == ("open", 1)


def test_records_that_a_started_job_lacks_are_named(service: Any, job: Job) -> None:
    job.add(people(1))
    job.start()

    with pytest.raises(Conflict, match="without 2 of these records") as raised:
        service.loft.runBulkJob(bulkJobsId=JOB, bulkJobData=people(3))

    assert [fault["path"] for fault in raised.value.fields] == ["/bulkJobData/1", "/bulkJobData/2"]


def test_a_job_that_cannot_be_started_says_why(service: Any) -> None:
    shown = {"data": {"id": JOB, "state": "open", "total": 0, "processed": 0}}
    service.answers("GET", PATH, shown)
    service.answers("PUT", PATH, {"errors": {"base": ["Nothing to do"]}}, status=422)

    with pytest.raises(InvalidInput, match="Nothing to do"):
        service.loft.runBulkJob(bulkJobsId=JOB)


@pytest.mark.parametrize("shown", [{}, {"data": None}, {"data": {"id": JOB}}, {"data": {"state": "open"}}])
def test_a_job_that_is_not_shown_is_the_fault_of_the_service(service: Any, shown: Any) -> None:
    service.answers("GET", PATH, shown)

    with pytest.raises(InvalidResponse):
        service.loft.runBulkJob(bulkJobsId=JOB)

    assert len(service.sent) == 1


@pytest.mark.parametrize("shown", [{}, {"data": {"state": None}}])
def test_a_job_that_is_not_shown_while_it_runs_is_the_fault_of_the_service(service: Any, shown: Any) -> None:
    service.answers("GET", PATH, {"data": {"id": JOB, "state": "executing"}})
    service.answers("GET", PATH, shown)

    with pytest.raises(InvalidResponse):
        service.loft.runBulkJob(bulkJobsId=JOB)

    assert len(service.sent) == 2


def test_records_that_nobody_says_were_taken_are_not_counted(service: Any) -> None:
    service.answers("POST", f"{PATH}/job_data", {})

    with pytest.raises(InvalidResponse):
        service.loft.createBulkJobData(bulkJobsId=JOB, bulkJobData=people(1))


# --- the single steps -----------------------------------------------------------------------------------------------


def test_a_job_is_created_started_and_read(service: Any, job: Job) -> None:
    service.answers("POST", "/v2/bulk_jobs", {"data": {"id": JOB, "state": "open"}})

    made = service.loft.createBulkJob(bulkJobType="person/upsert", bulkJobName="Fair")["data"]
    service.loft.createBulkJobData(bulkJobsId=made["id"], bulkJobData=people(2))
    started = service.loft.updateBulkJob(bulkJobsId=made["id"], readyToExecute=True)["data"]
    read = service.loft.getBulkJob(bulkJobsId=made["id"])["data"]

    assert (started["state"], read["state"], read["total"]) == ("executing", "done", 2)


def test_outcomes_are_walked_by_the_last_id(service: Any, job: Job) -> None:
    job.add(people(250))
    job.start()
    job.work()

    page = service.loft.listBulkJobResults(bulkJobsId=JOB, cursorId=1099, perPage=2)
    whole = service.loft.listBulkJobResults(bulkJobsId=JOB, fetchAll=True)

    assert [row["id"] for row in page["data"]] == [1100, 1101]
    assert [row["record"]["email_address"] for row in whole["data"]] == addresses(250)


def test_outcomes_of_one_kind(service: Any, job: Job) -> None:
    service.loft.listBulkJobResults(bulkJobsId=JOB, bulkJobsStatus=["error", "retrying"], cursorId=0)

    assert sorted(parse_qsl(urlsplit(service.last.url).query)) == [
        ("id[gt]", "0"),
        ("status[]", "error"),
        ("status[]", "retrying"),
    ]


def test_the_preview_of_a_run_sends_nothing(service: Any) -> None:
    preview = service.loft.with_options(dry_run=True).runBulkJob(bulkJobsId=JOB, bulkJobData=people(1))

    assert preview["request"]["url"].endswith(PATH)
    assert service.sent == []
