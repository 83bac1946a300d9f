"""Interrupts and freezes in the middle of a refresh: the only copy of the new pair is kept before anything else."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from time import monotonic

from ..errors import SalesError
from ..runtime.runtime import Runtime
from ..store import Store
from .processes import CHILD_TIMEOUT_SECONDS, Message, SandboxProcess, run_stored_sandbox
from .refresh import TOKEN_PATH
from .report import Report, TrialAborted
from .target import COMPONENT

PROMISE = "Whoever is interrupted, ended or frozen while a token is refreshed loses no pair."
ACTION = "listContacts"
REPLY_SECONDS = 0.5
"""How long after its work the token endpoint answers: the signal comes within."""
LATEST_STRIKE_SECONDS = 0.7
"""How late after that work it comes at the latest, so that some come while the pair is being kept."""
SIGNALS: Mapping[str, int] = {"SIGINT": signal.SIGINT, "SIGTERM": signal.SIGTERM, "SIGSTOP": signal.SIGSTOP}


def run(
    store_url: str, *, home: Path | None = None, strikes: int = 30, freezes: int = 5, freeze: float = 16.0
) -> Report:
    """The command line is struck while it refreshes, and then somebody else calls.

    ``freeze`` is how many seconds a process stands still, longer than it would wait for the reply.
    """
    report = Report(PROMISE, {"strikes of each signal": strikes, "freezes": freezes, "seconds of a freeze": freeze})
    kept = run_stored_sandbox(COMPONENT, store_url, home, fields={"rateLimit": 0})
    with report.measure(), kept as (box, spec):
        box.misbehave({"late": REPLY_SECONDS, "path": TOKEN_PATH})
        for name, number in SIGNALS.items():
            trial = SignalTrial(report, box, spec, number, freeze)
            count = freezes if number == signal.SIGSTOP else strikes
            report.facts[name] = trial.strike_all(name, count)
    return report


class SignalTrial:
    """One signal, again and again."""

    def __init__(self, report: Report, box: SandboxProcess, spec: Message, number: int, freeze: float) -> None:
        self.report, self.box, self.spec, self.number, self.freeze = report, box, spec, number, freeze
        home = Path(spec["home"]) if spec["home"] else None
        self.store = Store(spec["store"], home=home)

    def strike_all(self, name: str, count: int) -> dict[str, int]:
        told = Counter[str]()
        try:
            for _ in range(count):
                told.update(self._strike())
        finally:
            self.store.close()
        self.report.expect(not told["lost pairs"], f"{name}: {told['lost pairs']} of {count} lost the pair")
        self.report.expect(not told["failed calls"], f"{name}: {told['failed calls']} calls failed afterwards")
        return {"strikes": count, "lost pairs": told["lost pairs"], "failed calls afterwards": told["failed calls"],
                "processes that ended by it": told["ended"], "processes that finished": told["finished"]}  # fmt: skip

    def _strike(self) -> Counter[str]:
        """A token has ended; who gets the next one is struck, and somebody else calls with what was kept."""
        old = {**self.box.mint(), "expires_at": 1.0}
        self.store.connections.save(self.spec["connection"], COMPONENT, {**self._fields(), "token": old})
        asked = self.box.count(TOKEN_PATH)
        process = self._start_command()
        try:
            self._wait_for_refresh(asked, process)
            time.sleep(random.uniform(0, LATEST_STRIKE_SECONDS))
            process.send_signal(self.number)
            if self.number == signal.SIGSTOP:
                time.sleep(self.freeze)
                process.send_signal(signal.SIGCONT)
            code = process.wait(CHILD_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            raise TrialAborted(f"a process did not end after signal {self.number}") from None
        finally:
            process.kill()
            process.wait()
        return Counter({"ended": int(code != 0), "finished": int(code == 0)}) + self._look()

    def _look(self) -> Counter[str]:
        """Whether another process can go on."""
        kept = self.store.connections.get(self.spec["connection"])
        home = Path(self.spec["home"]) if self.spec["home"] else None
        runtime = Runtime(Store(self.spec["store"], home=home))
        try:
            runtime.whoami(COMPONENT, self.spec["connection"])
        except SalesError as error:
            lost = error.code == "sign_in_required" or kept.sign_in is not None
            return Counter({"lost pairs" if lost else "failed calls": 1})
        finally:
            runtime.close()
        return Counter()

    def _fields(self) -> Message:
        given = self.box.connection
        return {**given, "fields": {**given["fields"], "rateLimit": 0}}

    def _start_command(self) -> "subprocess.Popen[bytes]":
        """The command line, on the store of the trial."""
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        environment["SALES_CONNECTORS_STORE"] = self.spec["store"]
        if self.spec["home"]:
            environment["SALES_CONNECTORS_HOME"] = self.spec["home"]
        command = [sys.executable, "-m", "sales_connectors", "run", COMPONENT, ACTION]
        return subprocess.Popen(
            [*command, "--connection", self.spec["connection"]],
            env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _wait_for_refresh(self, asked: int, process: "subprocess.Popen[bytes]") -> None:
        """Until the sandbox has done the work of the refresh, and not answered yet."""
        ends = monotonic() + CHILD_TIMEOUT_SECONDS
        while self.box.count(TOKEN_PATH) == asked:
            if monotonic() > ends or process.poll() is not None:
                raise TrialAborted(f"the command line did not refresh (it ended with {process.poll()})")
            time.sleep(0.02)
