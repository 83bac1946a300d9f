"""Connections that are signed in to anew, or removed, while others use them."""

from collections import Counter
from pathlib import Path
from threading import Thread
from time import time
from typing import Any

from ..errors import SalesError
from ..runtime.runtime import Runtime
from ..store import Store
from .processes import SandboxProcess, Worker, WorkerPool, run_sandbox, run_stored_sandbox
from .report import Report
from .target import COMPONENT

PROMISE = "A connection that is saved anew or removed is seen at the next call, and no token meets another host."
SETTLING_SECONDS = 1.0
"""How long after a change a call that was under way may still arrive."""
PAUSE_SECONDS = 0.5
"""How long everything stays as it is, beyond that."""


def run(store_url: str, *, home: Path | None = None, processes: int = 4, threads: int = 4, changes: int = 30) -> Report:
    """A name belongs to one service and then to another, again and again, and at last to none."""
    report = Report(PROMISE, {"processes": processes, "threads": threads, "changes": changes})
    unlimited = {"rateLimit": 0}
    kept = run_stored_sandbox(COMPONENT, store_url, home, fields=unlimited)
    with report.measure(), kept as (one, spec), run_sandbox(COMPONENT) as other, WorkerPool() as pool:
        store, name = Store(store_url, home=home), spec["connection"]
        workers = [pool.start("reconnects:work", {**spec, "threads": threads}) for _ in range(processes)]
        told: list[Any] = list(pool.wait_for("ready", workers))
        stale = 0
        for number in range(changes):
            new, old = (other, one) if number % 2 == 0 else (one, other)
            fields = {**new.connection["fields"], **unlimited}
            store.connections.save(name, COMPONENT, {**new.connection, "fields": fields, "token": new.mint()})
            told += pool.listen(SETTLING_SECONDS)
            before = old.count()
            told += pool.listen(PAUSE_SECONDS)
            stale += old.count() - before
        store.connections.remove(name)
        told += pool.listen(SETTLING_SECONDS)
        before = one.count() + other.count()
        told += pool.listen(PAUSE_SECONDS)
        late = one.count() + other.count() - before
        told += pool.stop()
        store.connections.save(name, COMPONENT, one.connection)  # as it was found
        store.close()
        _judge(report, told, (one, other), stale, late)
    return report


def _judge(
    report: Report, told: list[Any], boxes: tuple[SandboxProcess, SandboxProcess], stale: int, late: int
) -> None:
    counted = Counter[str]()
    for _, message in told:
        counted.update((message or {}).get("stopped", {}))
    refused = sum(seen.status == 401 for box in boxes for seen in box.log())
    report.facts["in mid-use"] = {
        "calls": counted["calls"],
        "calls that failed": counted["failed"],
        "calls that said: no such connection": counted["unknown_connection"],
        "requests with a token of another service": refused,
        "requests to the service before": stale,
        "requests after the removal": late,
    }
    strange = {code: number for code, number in counted.items() if code.startswith("error ")}
    report.expect(counted["calls"] > 0, "nobody called")
    report.expect(counted["unknown_connection"] > 0, "nobody noticed that the connection was removed")
    for what, number in (
        ("requests carried a token of another service", refused),
        ("requests went to the service before", stale),
        ("requests were sent after the removal", late),
        (f"calls failed: {strange}", counted["failed"]),
    ):
        report.expect(not number, f"{number} {what}")


# --- in the worker ----------------------------------------------------------------------------------


def work(desk: Worker) -> None:
    """Call by name from several threads until told to stop."""
    runtime = Runtime(desk.store())
    counts = [Counter[str]() for _ in range(desk.spec["threads"])]
    threads = [Thread(target=_call, args=(desk, runtime, count)) for count in counts]
    for thread in threads:
        thread.start()
    desk.tell(ready=True, at=time())
    desk.stopped.wait()
    for thread in threads:
        thread.join()
    desk.tell(stopped=sum(counts, Counter[str]()))


def _call(desk: Worker, runtime: Runtime, count: Counter[str]) -> None:
    while not desk.stopped.is_set():
        count["calls"] += 1
        try:
            runtime.whoami(COMPONENT, desk.spec["connection"])
        except SalesError as error:
            if error.code == "unknown_connection":
                count["unknown_connection"] += 1
                desk.stopped.wait(0.05)
            else:
                count["failed"] += 1
                count[f"error {error.code}"] += 1
