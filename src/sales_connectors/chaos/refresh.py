"""Single refresh: of all processes and threads that see a token end, one calls the token endpoint."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic, time
from typing import Any

from .. import manifest
from ..errors import SalesError
from ..runtime.connections import OpenConnection
from ..runtime.runtime import Runtime
from ..store import Store
from ..store.tokens import TokenTable
from .failpoints import Failpoints
from .processes import Message, SandboxProcess, SeenRequest, Worker, WorkerPool, run_stored_sandbox
from .report import Report
from .target import COMPONENT

PROMISE = "Of all processes and threads that see a token end, exactly one calls the token endpoint."
TOKEN_PATH = "/oauth2/token"
CALL_INTERVAL_SECONDS = 1.0
"""Seconds between two calls of a thread, on average; the end of the token is never slept through."""
KILL_SEQUENCE = ("answered", "random", "stored", "random", "claimed", "random")
"""Where processes are killed in turn: between the token reply and the store, after the store, before the token call,
and whenever it comes."""


def run(
    store_url: str,
    *,
    home: Path | None = None,
    processes: int = 16,
    threads: int = 8,
    expiries: int = 100,
    kills: int = 24,
    life: float = 2.0,
) -> Report:
    """Let them loose: undisturbed, then with kills where refresh tokens stay good, then where they work once.

    ``life`` is that of a token, in seconds.
    """
    tried = {"processes": processes, "threads": threads, "expiries": expiries, "kills": kills, "token life": life}
    report = Report(PROMISE, tried)
    trial = RefreshTrial(report, store_url, home, processes, threads, life)
    with report.measure():
        with trial.begin_phase("undisturbed", refresh_once=True) as phase:
            phase.run_undisturbed(expiries)
        if kills:
            with trial.begin_phase("killed, refresh tokens stay good", refresh_once=False) as phase:
                phase.run_with_kills(kills)
            with trial.begin_phase("killed, refresh tokens work once", refresh_once=True) as phase:
                phase.run_with_kills(kills)
    return report


@dataclass
class RefreshTrial:
    """What all phases have in common."""

    report: Report
    store_url: str
    home: Path | None
    processes: int
    threads: int
    life: float

    @contextmanager
    def begin_phase(self, name: str, *, refresh_once: bool) -> Iterator["RefreshPhase"]:
        """A sandbox, a connection to it, and workers that use it; afterwards what they all counted is judged."""
        unlimited, tokens = {"rateLimit": 0}, {"life": self.life, "refresh_once": refresh_once}
        kept = run_stored_sandbox(COMPONENT, self.store_url, self.home, fields=unlimited, **tokens)
        with kept as (box, spec), WorkerPool() as crew, TemporaryDirectory() as folder:
            store = Store(self.store_url, home=self.home)
            try:
                phase = RefreshPhase(self, name, box, crew, spec, store, Path(folder), refresh_once)
                phase.start(self.processes)
                yield phase
                phase.finish()
            finally:
                store.close()


@dataclass
class RefreshPhase:
    """One connection under attack."""

    trial: RefreshTrial
    name: str
    box: SandboxProcess
    pool: WorkerPool
    spec: Message
    store: Store
    folder: Path
    refresh_once: bool
    failures: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    kills: int = 0
    lost: int = 0
    signed_in: list[tuple[float, float]] = field(default_factory=list)
    """From when to when nobody could call: a rotated pair was lost, until somebody signed in again."""

    def __post_init__(self) -> None:
        self._name = self.spec["connection"]
        self._first_version = self._read_row().version
        self._began = monotonic()
        self._life = self.trial.life
        self._struck_at = 0.0

    # --- what is done to it -----------------------------------------------------------------------

    def start(self, workers: int) -> None:
        spec = {**self.spec, "threads": self.trial.threads}
        started = [self.pool.start("refresh:work", spec) for _ in range(workers)]
        self._hear(self.pool.wait_for("ready", started))

    def run_undisturbed(self, expiries: int) -> None:
        limit = monotonic() + 3 * self._life * expiries + 60
        while self.box.count(TOKEN_PATH) < expiries and monotonic() < limit:
            self._hear(self.pool.listen(self._life / 4))
        self._expect(self.box.count(TOKEN_PATH) >= expiries, f"not even {expiries} expiries came to pass")

    def run_with_kills(self, kills: int) -> None:
        for number, step in enumerate(islice(cycle(KILL_SEQUENCE), kills)):
            if not self._kill(step, self.folder / str(number)):
                return self._expect(False, f"nobody reached the step {step!r}")
            self._recover()
            self.start(1)

    def _kill(self, step: str, ticket: Path) -> bool:
        """One process dies; whether it did."""
        before, self._struck_at = len(self.pool.alive), time()
        if step == "random":
            self._hear(self.pool.listen(random.uniform(0, self._life)))
            random.choice(self.pool.alive).kill()
        else:
            for worker in self.pool.alive:
                worker.say({"die": step, "ticket": str(ticket)})
        ends = monotonic() + 10 * self._life
        while len(self.pool.alive) == before and monotonic() < ends:
            self._hear(self.pool.listen(0.1))
        self.kills += 1
        return len(self.pool.alive) < before

    def _recover(self) -> None:
        """Wait for the next token; where the only copy of a pair died, see that everybody says so, and sign in."""
        version = self._read_row().version
        ends = monotonic() + 10 * self._life
        while monotonic() < ends:
            self._hear(self.pool.listen(0.1))
            row = self._read_row()
            if row.sign_in is not None:
                return self._sign_in_again()
            if row.version > version:
                return None
        return self._expect(False, f"after a kill nobody got a new token in {10 * self._life:g} s")

    def _sign_in_again(self) -> None:
        """The pair is lost: while nobody signs in, every call says so and nobody asks the token endpoint."""
        self.lost += 1
        asked, silent = self.box.count(TOKEN_PATH), set(self.pool.alive)
        ends = monotonic() + 10 * self._life
        while silent and monotonic() < ends:
            silent -= {worker for worker, message in self._hear(self.pool.listen(0.1)) if "failed" in message}
        self._hear(self.pool.listen(self._life))
        more = self.box.count(TOKEN_PATH) - asked
        self._expect(not silent, f"{len(silent)} processes did not ask for a sign-in")
        self._expect(not more, f"{more} calls to the token endpoint for a lost pair")
        again = {**self.box.connection, "fields": self._read_row().origin.fields, "token": self.box.mint()}
        self.store.connections.save(self._name, COMPONENT, again)
        self.signed_in.append((self._struck_at, time()))

    # --- what is counted --------------------------------------------------------------------------

    def finish(self) -> None:
        """Stop the workers, and hold what the sandbox saw against what there was to see."""
        self._hear(self.pool.listen(self._life))
        self._hear(self.pool.stop())
        log = self.box.log()
        seen = [request for request in log if request.path == TOKEN_PATH]
        expiries = self._read_row().version - self._first_version - len(self.signed_in) + self.lost
        failed = [failure for failure in self.failures if not self._is_honest(failure)]
        self.trial.report.facts[self.name] = {
            "expiries": expiries,
            "calls to the token endpoint": len(seen),
            "of them refused": sum(call.status != 200 for call in seen),
            "calls": self.calls,
            "failed calls": len(failed),
            "requests answered 401": sum(request.status == 401 for request in log),
            **({"kills": self.kills, "lost pairs": self.lost} if self.kills else {}),
            **({"calls that said: sign in again": len(self.failures) - len(failed)} if self.lost else {}),
        }
        self._expect(not failed, f"{len(failed)} calls failed: {failed[:3]}")
        self._judge(seen, expiries)

    def _judge(self, seen: list[SeenRequest], expiries: int) -> None:
        self._expect(
            expiries <= len(seen) <= expiries + self.kills,
            f"{len(seen)} calls to the token endpoint for {expiries} expiries and {self.kills} kills",
        )
        # a token is given up in the last tenth of its life; who signs in or dies may begin another one earlier
        lives = (monotonic() - self._began) / (0.9 * self._life) + 1 + len(self.signed_in) + self.kills
        self._expect(len(seen) <= lives, f"{len(seen)} calls, where there was time for {lives:.0f} expiries")
        if self.refresh_once:
            refused = sum(call.status != 200 for call in seen)
            spent = Counter(call.mark for call in seen if call.status == 200)
            self._expect(max(spent.values(), default=0) <= 1, "a refresh token was taken twice")
            self._expect(refused <= self.lost, f"{refused} calls were refused, where {self.lost} pairs were lost")
        else:
            self._expect(not self.lost, "a sign-in was asked for although the refresh token is good")

    def _expect(self, holds: bool, otherwise: str) -> None:
        self.trial.report.expect(holds, f"{self.name}: {otherwise}")

    def _is_honest(self, failure: dict[str, Any]) -> bool:
        """Whether a call failed because a pair was lost just then, and said so."""
        told = (failure["type"], failure["fix"], failure["code"])
        return told == ("NotAuthenticated", "end_user", "sign_in_required") and any(
            died <= failure["at"] <= signed_in + 1.0 for died, signed_in in self.signed_in
        )

    def _hear(self, heard: Any) -> list[tuple[Any, dict[str, Any]]]:
        """Note what the workers said."""
        said = [(worker, message) for worker, message in heard if message is not None]
        for _, message in said:
            self.calls += message.get("stopped", 0)
            if "failed" in message:
                self.failures.append(message["failed"])
        return said

    def _read_row(self) -> Any:
        return self.store.tokens.read(self._name)


# --- in the worker ----------------------------------------------------------------------------------


def work(desk: Worker) -> None:
    """Call and call again, from several threads, until told to stop; every failure is told at once."""
    spec, deaths = desk.spec, Failpoints()
    deaths.wrap(TokenTable, "claim", after="claimed")
    deaths.wrap(TokenTable, "keep", before="answered", after="stored")
    runtime = Runtime(desk.store())
    opened = runtime.connections.open(manifest.load_component(COMPONENT), spec["connection"])
    counts = [0] * spec["threads"]
    threads = [Thread(target=_call, args=(desk, runtime, opened, counts, number)) for number in range(spec["threads"])]
    for thread in threads:
        thread.start()
    desk.tell(ready=True)
    while not desk.stopped.is_set():
        order = desk.orders.get()
        if "die" in order:
            deaths.order(order["die"], order["ticket"])
    for thread in threads:
        thread.join()
    desk.tell(stopped=sum(counts))


def _call(desk: Worker, runtime: Runtime, opened: OpenConnection, counts: list[int], number: int) -> None:
    while not desk.stopped.is_set():
        try:
            runtime.whoami(COMPONENT, opened)
            counts[number] += 1
        except SalesError as error:
            told = {"type": type(error).__name__, "code": error.code, "fix": error.fix, "message": error.message}
            desk.tell(failed={**told, "at": time()})
            desk.stopped.wait(0.2)
        desk.stopped.wait(_compute_wait(opened))


def _compute_wait(opened: OpenConnection) -> float:
    """Some time, but no longer than the token lives: all threads of all processes shall see it end at once."""
    token = opened.tokens.get_token() or {}
    left = float(token.get("expires_at", 0)) - float(token.get("expires_in", 0)) / 10 - time()
    return max(0.0, min(random.uniform(0, 2 * CALL_INTERVAL_SECONDS), left))
