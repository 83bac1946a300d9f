"""One budget: all processes on a store together use what the vendor allows, and no more."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from threading import Thread
from time import monotonic, time
from typing import Any

from .. import manifest
from ..errors import SalesError
from ..runtime.runtime import Runtime
from ..store.rate_limiter import LIMIT_SHARE
from ..transport.session import INTERACTIVE_BURST
from .processes import Child, SandboxProcess, SeenRequest, Worker, WorkerPool, run_stored_sandbox
from .report import Report
from .target import COMPONENT

PROMISE = "All processes on a store share one rate budget: they use what the vendor allows, and never more."
ALLOWED_PER_SECOND = 10
API_PREFIX = "/v2/"
WINDOW_NAMES = {"bucket": "bucket that refills", "sliding": "strict sliding second"}
"""The ways in which the sandbox counts."""
MIN_REQUESTS_PER_SECOND = 9.3
"""Requests a second that many who want more must get."""
MAX_INTERACTIVE_WAIT_SECONDS = 0.5
"""Seconds within which somebody who waits is served, whatever else goes on."""
REFUSAL_GRACE_SECONDS = 0.3
"""Seconds in which a request that is on its way may still arrive after a 429."""
REFUSALS: tuple[tuple[str, float | str | None, float], ...] = (
    ("in seconds", 2, 2.0), ("as a date", "date", 1.0), ("not at all", None, 1.0)
)  # fmt: skip
"""How a 429 can say how long to wait, and the pause in seconds that everybody must make at least."""


def run(
    store_url: str,
    *,
    home: Path | None = None,
    processes: int = 8,
    threads: int = 2,
    seconds: float = 60.0,
    windows: Sequence[str] = tuple(WINDOW_NAMES),
    strict: bool = True,
) -> Report:
    """Want far more than there is, from all processes at once; ``windows`` are the ways in which the sandbox counts.

    ``strict`` judges rates and waits too.
    """
    tried = {
        "processes": processes,
        "threads": threads,
        "seconds": seconds,
        "allowed requests a second": ALLOWED_PER_SECOND,
    }
    report = Report(PROMISE, tried)
    trial = BudgetTrial(report, store_url, home, processes, threads, strict)
    with report.measure():
        for window in windows:
            with trial.begin_phase(window) as phase:
                phase.hammer(seconds)
                if window == windows[-1]:
                    phase.refused()
                    phase.meet_deadlines()
    return report


@dataclass
class BudgetTrial:
    """What all phases have in common."""

    report: Report
    store_url: str
    home: Path | None
    processes: int
    threads: int
    strict: bool

    @contextmanager
    def begin_phase(self, window: str) -> Iterator["BudgetPhase"]:
        """A sandbox that counts in this way, workers that want all they can get, and somebody who waits."""
        kept = run_stored_sandbox(COMPONENT, self.store_url, self.home, rate=ALLOWED_PER_SECOND, window=window)
        with kept as (box, known), WorkerPool() as crew:
            spec = {**known, "threads": self.threads}
            caller = crew.start("budget:call", spec)
            workers = [crew.start("budget:work", spec) for _ in range(self.processes)]
            crew.wait_for("ready", [caller, *workers])
            yield BudgetPhase(self, window, box, crew, caller)
            for _, message in crew.stop():
                failed = message.get("failed") or []
                self.report.expect(not failed, f"{window}: calls failed: {failed[:3]}")


@dataclass
class BudgetPhase:
    """Workers that never rest, and one caller who waits for the answer."""

    trial: BudgetTrial
    window: str
    box: SandboxProcess
    pool: WorkerPool
    caller: Child

    # --- as much as there is ----------------------------------------------------------------------

    def hammer(self, seconds: float) -> None:
        """Let the workers run, and call now and then as somebody who waits."""
        at_first = self._call()["seconds"]
        self._settle()
        self.box.forget()
        began, waits, ends = time(), [], monotonic() + seconds
        while monotonic() < ends:
            waits.append(self._call()["seconds"])
            self._let_pass(random.uniform(1.2, 1.8))
        seen = self._list_answered()
        rate = (len(seen) - 1) / (seen[-1].time - seen[0].time)
        refused = sum(request.status == 429 for request in seen)
        self.trial.report.facts[WINDOW_NAMES[self.window]] = {
            "requests": len(seen),
            "requests a second": round(rate, 2),
            "most in any second": max(_count_each_second(seen)),
            "refused with 429": refused,
            "interactive calls": len(waits),
            "longest wait of one, in seconds": round(max(waits), 3),
            "median wait": round(median(waits), 3),
            "wait of one before the others are known to be bulk": at_first,
        }
        most = (seen[-1].time - began) * LIMIT_SHARE * ALLOWED_PER_SECOND + 2
        self._expect(len(seen) <= most, f"{len(seen)} requests, where {most:.0f} were to be had")
        if self.trial.strict:
            # on a machine that stands still now and then, requests that left apart may arrive together
            self._expect(refused == 0, f"{refused} requests met a 429")
            self._expect(rate >= MIN_REQUESTS_PER_SECOND, f"only {rate:.2f} requests a second")
            self._expect(max(waits) < MAX_INTERACTIVE_WAIT_SECONDS, f"somebody waited for {max(waits):.3f} s")

    # --- when the service says no -----------------------------------------------------------------

    def refused(self) -> None:
        """One process meets a 429; all must heed it."""
        for how, asked, pause in REFUSALS:
            refusal = self._provoke_refusal(asked)
            self._wait_until(partial(self._list_between, refusal.time + pause))
            early = self._list_between(refusal.time + REFUSAL_GRACE_SECONDS, refusal.time + pause - 0.05)
            report = self.trial.report
            report.facts[f"a 429 that says how long to wait {how}"] = {
                "seconds": pause, "requests meanwhile": len(early)
            }  # fmt: skip
            # on a machine that stands still for a while, each thread may have one on its way
            allowed = 0 if self.trial.strict else self.trial.processes * self.trial.threads
            report.expect(len(early) <= allowed, f"{len(early)} requests came in a pause that was asked for {how}")

    def meet_deadlines(self) -> None:
        """A wait that fits the deadline is waited; one that does not fails at once and says how long it would be."""
        self._provoke_refusal(3)
        self._let_pass(REFUSAL_GRACE_SECONDS)
        refused, served = self._call(deadline=1.0), self._call(deadline=60.0)
        report = self.trial.report
        report.facts["a pause of 3 s"] = {"with a deadline of 1 s": refused, "with a deadline of 60 s": served}
        told = (refused.get("error"), (refused.get("retry_after") or 0) > 1.0)
        report.expect(told == ("RateLimited", True), f"a call whose wait does not fit its deadline: {refused}")
        report.expect("error" not in served, f"a call whose wait fits its deadline: {served}")
        if self.trial.strict:
            report.expect(refused["seconds"] < MAX_INTERACTIVE_WAIT_SECONDS, f"the refusal took {refused['seconds']} s")

    def _provoke_refusal(self, asked: float | str | None) -> SeenRequest:
        """Have the sandbox refuse one request."""
        self.box.forget()
        header = {} if asked is None else {"retry_after": asked}
        self.box.misbehave({"status": 429, "times": 1, "path": API_PREFIX, **header})
        self._wait_until(lambda: any(seen.status == 429 for seen in self._list_answered()))
        return next(seen for seen in self._list_answered() if seen.status == 429)

    # --- small things -----------------------------------------------------------------------------

    def _expect(self, holds: bool, otherwise: str) -> None:
        self.trial.report.expect(holds, f"{self.window}: {otherwise}")

    def _settle(self) -> None:
        """The first moments do not count: until a burst is over, each process may be somebody who waits."""
        self._wait_until(
            lambda: len(self._list_answered()) > INTERACTIVE_BURST * self.trial.processes + ALLOWED_PER_SECOND
        )

    def _call(self, **options: float) -> dict[str, Any]:
        self.caller.say({"call": options})
        return self.pool.wait_for("seconds", [self.caller])[-1][1]

    def _wait_until(self, holds: Callable[[], object], patience: float = 30.0) -> None:
        ends = monotonic() + patience
        while not holds() and monotonic() < ends:
            self._let_pass(0.1)

    def _let_pass(self, seconds: float) -> None:
        for _ in self.pool.listen(seconds):
            pass

    def _list_answered(self) -> list[SeenRequest]:
        return [seen for seen in self.box.log() if seen.path.startswith(API_PREFIX)]

    def _list_between(self, start: float, end: float = float("inf")) -> list[SeenRequest]:
        return [seen for seen in self._list_answered() if start < seen.time < end]


def _count_each_second(seen: list[SeenRequest]) -> Iterator[int]:
    """How many requests each stretch of one second holds that begins with one."""
    last = 0
    for first, request in enumerate(seen):
        while last < len(seen) and seen[last].time < request.time + 1.0:
            last += 1
        yield last - first


# --- in the worker ----------------------------------------------------------------------------------


def work(desk: Worker) -> None:
    """Want all that there is, from several threads."""
    runtime, connection = Runtime(desk.store()), desk.spec["connection"]
    failed: list[str] = []

    def hammer() -> None:
        while not desk.stopped.is_set():
            try:
                runtime.invoke(COMPONENT, "listPipelines", {}, connection)
            except SalesError as error:
                failed.append(f"{type(error).__name__}: {error}")

    threads = [Thread(target=hammer) for _ in range(desk.spec["threads"])]
    for thread in threads:
        thread.start()
    desk.tell(ready=True)
    for thread in threads:
        thread.join()
    desk.tell(stopped=True, failed=failed)


def call(desk: Worker) -> None:
    """Call when told to, and tell how long it took."""
    runtime, connection = Runtime(desk.store()), desk.spec["connection"]
    runtime.connections.open(manifest.load_component(COMPONENT), connection)
    desk.tell(ready=True)
    while not desk.stopped.is_set():
        order = desk.orders.get()
        if "call" in order:
            desk.tell(**_time_call(runtime, connection, order["call"]))
    desk.tell(stopped=True)


def _time_call(runtime: Runtime, connection: str, options: dict[str, float]) -> dict[str, Any]:
    began, told = monotonic(), {}
    try:
        runtime.invoke(COMPONENT, "listPipelines", {}, connection, options)
    except SalesError as error:
        told = {"error": type(error).__name__, "code": error.code, "retry_after": error.retry_after}
    return {"seconds": round(monotonic() - began, 3), **told}
