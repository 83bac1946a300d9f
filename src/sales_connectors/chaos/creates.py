"""Creates that are safe to repeat: never a silent double, and nothing missing that was reported as created."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from threading import Timer
from time import monotonic
from typing import Any

from ..clock import SYSTEM_CLOCK, Clock
from ..errors import SalesError
from ..runtime.idempotency import SETTLED_SECONDS
from ..runtime.runtime import Runtime
from ..sdk.request import Request, Response
from ..store import Journal
from ..transport.transport import Transport
from .failpoints import Failpoints
from .processes import Child, Message, SandboxProcess, Worker, WorkerPool, run_stored_sandbox
from .report import Report, TrialAborted
from .target import COMPONENT

PROMISE = "A create that is asked for again with its idempotency key never makes a second record."
ACTION = "createContact"
GIVE_UP_SECONDS = 0.3
"""Seconds after which the caller gives up a create that the sandbox answers late."""
AFTER_SENDING = "after sending"
WIRE_FAULTS: Mapping[str, str] = {
    AFTER_SENDING: f"late={4 * GIVE_UP_SECONDS}",
    "answered late": f"late={4 * GIVE_UP_SECONDS}",
    "done late": f"latency={4 * GIVE_UP_SECONDS}",
    "reply dropped": "drop",
    "reply cut": "cut",
    "refused with 503": "status=503",
}
"""What the sandbox does with a create."""
KILL_STEPS = ("journaled", "before sending", AFTER_SENDING, "after the reply", "after the journal is done")
"""Where the caller is killed."""
FAULTS = tuple(dict.fromkeys((*WIRE_FAULTS, *KILL_STEPS)))
ONE_TWIN_IN = 20
"""One create in so many has the inputs of another one, under a key of its own."""
ONE_RACE_IN = 10
"""One key in so many is asked for by two processes at once."""
MAX_CREATE_SECONDS = 5.0
"""How long one create may take on a busy machine, before the trial gives up."""


@dataclass
class WantedRecord:
    """One create: its key, the name of the record, and what goes wrong with it."""

    key: str
    name: str
    fault: str | None
    told: list[str] = field(default_factory=list)
    """What each asking came to, in turn."""
    record: int | None = None

    @property
    def outcome(self) -> str:
        return self.told[-1] if self.told else "never told"


def run(store_url: str, *, home: Path | None = None, processes: int = 8, creates: int = 1000) -> Report:
    """Ask for records while things go wrong with a third of them, then again, then a quarter of an hour later."""
    report = Report(PROMISE, {"creates": creates, "processes": processes})
    kept = run_stored_sandbox(COMPONENT, store_url, home, fields={"rateLimit": 0})
    with report.measure(), kept as (box, spec), WorkerPool() as crew:
        wanted = _plan_records(creates)
        trial = CreateTrial(report, crew, spec, processes)
        trial.ask("at first", wanted, faults=True)
        trial.ask("asked again", wanted)
        trial.ask("a quarter of an hour later", [one for one in wanted if one.record is None], later=True)
        _judge(report, wanted, read_records(box))
    return report


def _plan_records(creates: int) -> list[WantedRecord]:
    faults = cycle(FAULTS)
    wanted = []
    for number in range(creates):
        is_twin = number % ONE_TWIN_IN == 3  # of the one three before: of some pairs both go wrong
        name = f"Torture {number - 3 if is_twin else number:05d}"
        wanted.append(WantedRecord(f"key-{number}", name, next(faults) if number % 3 == 0 else None))
    return wanted


@dataclass
class CreateTrial:
    """Rounds of asking for the same records."""

    report: Report
    pool: WorkerPool
    spec: Message
    processes: int

    def ask(self, name: str, wanted: Sequence[WantedRecord], *, faults: bool = False, later: bool = False) -> None:
        """Ask for all of them, shared out among processes."""
        plan = [{"key": one.key, "name": one.name, "fault": one.fault if faults else None} for one in wanted]
        shares = [list(islice(plan, start, None, self.processes)) for start in range(self.processes)]
        raced = self._let_race(shares) if faults else 0
        deaths = self._work_off(shares, {one.key: one for one in wanted}, later)
        planned = sum(one["fault"] in KILL_STEPS for one in plan)
        # where another process has the key in hand, the step at which its caller was to die may not come
        self.report.expect(planned - raced <= deaths <= planned, f"{name}: {deaths} of {planned} callers died")
        told = Counter(one.outcome for one in wanted)
        self.report.facts[name] = {"asked": len(plan), "callers killed": deaths, **dict(sorted(told.items()))}

    def _work_off(self, shares: list[list[Message]], known: Mapping[str, WantedRecord], later: bool) -> int:
        """Who dies is replaced, and its replacement goes on behind the create that killed it; how many died."""
        hands = {self._start(share, later): share for share in shares if share}
        deaths, ends = 0, monotonic() + 60 + MAX_CREATE_SECONDS * len(known)
        while hands:
            heard = self.pool.hear(ends - monotonic())
            if heard is None:
                raise TrialAborted(f"{len(hands)} processes did not finish in time")
            child, message = heard
            if message is not None:
                _note(message, known, hands[child])
                continue
            rest = hands.pop(child)
            deaths += bool(rest)
            if rest[1:]:
                hands[self._start(rest[1:], later)] = rest[1:]
        return deaths

    def _start(self, share: list[Message], later: bool) -> Child:
        ahead = SETTLED_SECONDS * 1.5 if later else 0.0
        return self.pool.start("creates:work", {**self.spec, "ahead": ahead, "share": share})

    def _let_race(self, shares: list[list[Message]]) -> int:
        """Some keys are asked for by a second process at about the same time; how many."""
        raced = [[{**plan, "fault": None, "raced": True} for plan in share[::ONE_RACE_IN]] for share in shares]
        for share, others in zip(shares, [raced[-1], *raced], strict=False):
            for position, plan in enumerate(others):
                share.insert(position * (ONE_RACE_IN + 1), plan)
        return sum(map(len, raced))


def _note(message: Message, known: Mapping[str, WantedRecord], rest: list[Message]) -> None:
    """One create came to an end; what is left of the share begins with the next."""
    one = known[message["key"]]
    if message["outcome"] in ("created", "found"):
        one.record = message["record"]
    if not rest[0].get("raced"):
        one.told.append(message["outcome"])
    rest.pop(0)


def read_records(box: SandboxProcess) -> dict[int, str]:
    """Every contact in the sandbox, read past everything that is on trial."""
    import requests

    found: dict[int, str] = {}
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {box.connection['token']['access_token']}"
        number = 1
        while True:
            reply = session.get(f"{box.url}/v2/contacts", params={"per_page": 100, "page": number}, timeout=30)
            reply.raise_for_status()
            items = reply.json()["items"]
            found.update((item["data"]["id"], item["data"]["name"]) for item in items)
            if len(items) < 100:
                return found
            number += 1


def _judge(report: Report, wanted: Sequence[WantedRecord], records: Mapping[int, str]) -> None:
    """Hold what was reported against the records that there are."""
    made = Counter(name for name in records.values() if name.startswith("Torture "))
    asked = Counter(one.name for one in wanted)
    reported = [one for one in wanted if one.record is not None]
    twice = [name for name, count in made.items() if count > asked[name]]
    missing = [one.key for one in reported if records.get(one.record or 0) != one.name]
    shared = [number for number, count in Counter(one.record for one in reported).items() if count > 1]
    open_ends = [one for one in wanted if one.record is None]
    report.facts["in the end"] = {
        "records made": sum(made.values()),
        "with a known record": len(reported),
        "unknown": len(open_ends),
        "made twice": len(twice),
        "reported but missing": len(missing),
        "one record for two keys": len(shared),
    }
    report.facts["faults"] = dict(Counter(one.fault for one in wanted if one.fault))
    strange = sorted({one.outcome for one in wanted} - {"created", "found", "unknown"})
    report.expect(not strange, f"outcomes that nobody should meet: {strange}")
    for what, found in (
        ("made twice", twice),
        ("reported as created but missing", missing),
        ("reported for two keys", shared),
        ("still unknown after a quarter of an hour", [one.key for one in open_ends if asked[one.name] == 1]),
    ):
        report.expect(not found, f"{what}: {found[:5]}")


# --- in the worker ----------------------------------------------------------------------------------


class AheadClock(Clock):
    """The real time, and some more that has passed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return super().now() + self._seconds

    def monotonic(self) -> float:
        return super().monotonic() + self._seconds


def work(desk: Worker) -> None:
    """Ask for each record of the share, one after the other."""
    spec, deaths, faults = desk.spec, Failpoints(), FaultInjector()
    deaths.wrap(Journal, "begin", after="journaled")
    deaths.wrap(Journal, "mark_sending", after="before sending")
    deaths.wrap(Journal, "finish", before="after the reply", after="after the journal is done")
    faults.patch(deaths)
    clock = AheadClock(spec["ahead"]) if spec["ahead"] else SYSTEM_CLOCK
    runtime = Runtime(desk.store(clock), clock=clock)
    for plan in spec["share"]:
        faults.now = plan["fault"]
        deaths.order(plan["fault"] if plan["fault"] in KILL_STEPS else "")
        is_impatient = plan["fault"] in WIRE_FAULTS and plan["fault"] not in KILL_STEPS
        options = {"idempotencyKey": plan["key"], "timeout": GIVE_UP_SECONDS if is_impatient else 30.0}
        desk.tell(key=plan["key"], **_create_record(runtime, spec["connection"], plan["name"], options))


def _create_record(runtime: Runtime, connection: str, name: str, options: dict[str, Any]) -> dict[str, Any]:
    inputs = {"isOrganization": True, "name": name}
    try:
        result = runtime.invoke(COMPONENT, ACTION, inputs, connection, options)
    except SalesError as error:
        outcome = {"outcome_unknown": "unknown", "idempotency_key_busy": "busy"}.get(error.code, error.code)
        return {"outcome": outcome}
    return {"outcome": result["outcome"], "record": result["data"]["data"]["id"]}


class FaultInjector:
    """What goes wrong on the wire with the create in hand; asked for by a header, which only the sandbox knows."""

    now: str | None = None

    def patch(self, deaths: Failpoints) -> None:
        original = Transport.attempt

        def attempt(
            wire: Transport, out: Request, sign: Callable[[Request], Request], patience: float, max_bytes: int
        ) -> Response:
            if out.method != "POST" or self.now is None:
                return original(wire, out, sign, patience, max_bytes)
            if self.now == AFTER_SENDING:
                Timer(GIVE_UP_SECONDS, deaths.reached, [AFTER_SENDING]).start()
            fault = WIRE_FAULTS.get(self.now, "")
            return original(wire, out.with_headers(X_Sandbox_Fault=fault), sign, patience, max_bytes)

        setattr(Transport, "attempt", attempt)  # noqa: B010  # a method that closes over the fault in hand
