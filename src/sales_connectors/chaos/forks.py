"""Forks under load: a child has its own sockets and locks, whatever its parent's threads are in the middle of."""

import json
import os
import random
import select
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from ..errors import SalesError
from ..runtime.runtime import Runtime
from .processes import Worker, WorkerPool, run_stored_sandbox
from .refresh import TOKEN_PATH
from .report import Report
from .target import COMPONENT

PROMISE = "Whoever forks while threads call and refresh gets children that read only their own replies and never hang."
ACTION, CREATE = "getContact", "createContact"
RECORDS = 20
CALLS_OF_A_CHILD = 20
MAX_CHILD_SECONDS = 60.0
"""How long a child may take on a busy machine; one that takes longer hangs."""


def run(
    store_url: str,
    *,
    home: Path | None = None,
    processes: int = 4,
    threads: int = 4,
    forks: int = 50,
    life: float = 2.0,
) -> Report:
    """Processes with threads at work fork again and again; every reply is held against what was asked for.

    ``life`` is that of a token, in seconds, so that some are forked in the middle of a refresh.
    """
    tried = {"processes": processes, "threads": threads, "forks of each": forks, "token life": life}
    report = Report(PROMISE, tried)
    kept = run_stored_sandbox(COMPONENT, store_url, home, fields={"rateLimit": 0}, life=life)
    with report.measure(), kept as (box, spec), WorkerPool() as pool:
        job = {**spec, "threads": threads, "forks": forks}
        workers = [pool.start("forks:work", job) for _ in range(processes)]
        said = pool.wait_for("forked", workers, 60 + forks * (1.0 + CALLS_OF_A_CHILD / 10))
        told = Counter[str]()
        for _, message in said:
            told.update(message["forked"])
        refused = sum(seen.status == 401 for seen in box.log())
        report.facts["under load"] = {
            "forks": told["forks"],
            "calls of parents": told["parent calls"],
            "calls of children": told["calls"],
            "replies to somebody else": told["foreign"],
            "children that hung": told["hung"],
            "failed calls": told["failed"],
            "calls to the token endpoint": box.count(TOKEN_PATH),
            "requests answered 401": refused,
        }
        report.expect(told["forks"] == processes * forks, f"only {told['forks']} forks came to pass")
        for what in ("foreign", "hung", "failed"):
            report.expect(not told[what], f"{what}: {told[what]}; {[m['why'] for _, m in said if m.get('why')][:3]}")
    return report


# --- in the worker ----------------------------------------------------------------------------------


def work(desk: Worker) -> None:
    """Call from several threads, and fork meanwhile; every child calls too, and says by a pipe how it went."""
    spec, over = desk.spec, Event()
    runtime, name = Runtime(desk.store()), spec["connection"]
    ids = [_create_record(runtime, name) for _ in range(RECORDS)]
    counts = [Counter[str]() for _ in range(spec["threads"])]
    threads = [Thread(target=_call_until, args=(runtime, name, ids, count, over)) for count in counts]
    for thread in threads:
        thread.start()
    told, why = Counter[str](), list[str]()
    for _ in range(spec["forks"]):
        told.update(_fork(runtime, name, ids, why))
    over.set()
    for thread in threads:
        thread.join()
    parents = sum(counts, Counter[str]())
    told["parent calls"] = parents.pop("calls", 0)
    desk.tell(forked=told + parents, why=why[:3])


def _create_record(runtime: Runtime, name: str) -> int:
    made = runtime.invoke(COMPONENT, CREATE, {"isOrganization": True, "name": "Fork"}, name)
    return int(made["data"]["data"]["id"])


def _call_until(runtime: Runtime, name: str, ids: list[int], count: Counter[str], over: Event) -> None:
    while not over.is_set():
        _call(runtime, name, random.choice(ids), count, [])


def _call(runtime: Runtime, name: str, wanted: int, count: Counter[str], why: list[str]) -> None:
    count["calls"] += 1
    try:
        found = runtime.invoke(COMPONENT, ACTION, {"id": wanted}, name)["data"]["data"]["id"]
    except SalesError as error:
        count["failed"] += 1
        why.append(f"{type(error).__name__} {error.code}: {error.message}")
    else:
        count["foreign"] += found != wanted


def _fork(runtime: Runtime, name: str, ids: list[int], why: list[str]) -> Counter[str]:
    """One child, and what became of it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_child(runtime, name, ids, writer)
    os.close(writer)
    said = _read_all(reader, MAX_CHILD_SECONDS)
    os.close(reader)
    if said is None:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    if not said:
        return Counter(forks=1, hung=1)
    told: dict[str, Any] = json.loads(said)
    why += told.pop("why")
    return Counter({**told, "forks": 1})


def _be_child(runtime: Runtime, name: str, ids: list[int], writer: int) -> None:
    """Call from two threads, tell, and end without what the parent has to do at its end."""
    with suppress(BaseException):
        counts, why = [Counter[str](), Counter[str]()], list[str]()
        threads = [Thread(target=_call_some, args=(runtime, name, ids, count, why)) for count in counts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        os.write(writer, json.dumps({**sum(counts, Counter[str]()), "why": why[:3]}).encode())
    os._exit(0)


def _call_some(runtime: Runtime, name: str, ids: list[int], count: Counter[str], why: list[str]) -> None:
    for _ in range(CALLS_OF_A_CHILD // 2):
        _call(runtime, name, random.choice(ids), count, why)


def _read_all(reader: int, patience: float) -> bytes | None:
    """Everything until the other end closes; None where that takes too long."""
    said, ends = b"", monotonic() + patience
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, ends - monotonic()))
        if not ready:
            return None
        part = os.read(reader, 1 << 16)
        if not part:
            return said
        said += part
