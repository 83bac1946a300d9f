"""Picklists at size: every record reachable by paging and by searching, for as few requests as there can be."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from statistics import median
from time import perf_counter
from typing import Any

import requests

from ..clock import Clock
from ..doors.python.connector import Connector, connect
from ..runtime import Choice, Runtime
from ..runtime.picklists import CACHE_SECONDS
from .processes import SandboxProcess, run_sandbox
from .report import Report
from .target import COMPONENT

PROMISE = "Every record can be picked, by paging and by searching, and a form asks for each page of options once."
CONTACTS_PER_COMPANY = 21
"""In the sandbox."""
PAGE_SIZE = 100
FORM_SOURCES = ("selectContact", "selectOrganization", "selectLead", "selectDeal", "selectTask", "selectProduct")
"""Picklists of a form, each of which has more options than one page shows."""
DELETED_COUNT = 3


class MovableClock(Clock):
    """Real time that can be moved on."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


def run(*, contacts: int = 10_000, searches: int = 200, strict: bool = True) -> Report:
    """Walk and search a large account; ``strict`` judges how long a search takes too."""
    report = Report(PROMISE, {"contacts": contacts, "searches for one record": searches})
    clock = MovableClock()
    with (
        report.measure(),
        run_sandbox(COMPONENT, seed=ceil(contacts / CONTACTS_PER_COMPANY)) as box,
        requests.Session() as session,
    ):
        session.headers["Authorization"] = f"Bearer {box.connection['token']['access_token']}"
        given = {**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0}}
        trial = PicklistTrial(report, box, session, connect(COMPONENT, given, runtime=Runtime(clock=clock)), clock)
        trial.page()
        trial.search(searches, strict)
        trial.form()
        trial.delete()
    return report


@dataclass
class PicklistTrial:
    """One account, seen past the runtime and through it."""

    report: Report
    box: SandboxProcess
    session: requests.Session
    sell: Connector
    clock: MovableClock

    def __post_init__(self) -> None:
        self.names = {str(record["id"]): str(record["name"]) for record in self._read_records("/v2/contacts")}

    def page(self) -> None:
        """Walk all contacts a page at a time."""
        before = self.box.count()
        walked = Counter(option["key"] for option in self._walk_options())
        asked = self.box.count() - before
        twice = sum(count > 1 for count in walked.values())
        missed = len(self.names.keys() - walked.keys())
        self.report.facts["by paging"] = {
            "contacts": len(self.names), "reached": len(walked), "twice": twice, "missed": missed, "requests": asked
        }  # fmt: skip
        self.report.expect(not twice, f"{twice} contacts came twice")
        self.report.expect(not missed, f"{missed} contacts cannot be reached by paging")
        self.report.expect(asked <= len(self.names) / PAGE_SIZE + 2, f"paging took {asked} requests")

    def search(self, searches: int, strict: bool) -> None:
        """Look for every word of every name, then for single records by their whole names."""
        found = {option["key"] for word in self._list_words() for option in self._walk_options(word)}
        missed = len(self.names.keys() - found)
        sample = random.sample(sorted(self.names), min(searches, len(self.names)))
        before = self.box.count()
        answers = [self._time_search(self.names[key]) for key in sample]
        asked = self.box.count() - before
        unseen = [key for key, (keys, _, _) in zip(sample, answers, strict=True) if key not in keys]
        waits, rounds = median(wait for _, wait, _ in answers), median(bare for _, _, bare in answers)
        self.report.facts["by searching"] = {
            "words": len(self._list_words()),
            "reached": len(found),
            "missed": missed,
            "single searches": len(sample),
            "not in the first answer": len(unseen),
            "requests for each": asked / (2 * len(sample)),
            "median milliseconds of a search": round(1000 * waits, 1),
            "median milliseconds of its bare request": round(1000 * rounds, 1),
        }
        self.report.expect(not missed, f"{missed} contacts cannot be reached by searching")
        self.report.expect(not unseen, f"{len(unseen)} contacts were not in the answer to their own name")
        self.report.expect(asked <= 2 * len(sample), f"{len(sample)} searches took {asked - len(sample)} requests")
        if strict:
            self.report.expect(waits < 2 * rounds, f"a search took {waits:.4f} s, a round trip {rounds:.4f} s")

    def form(self) -> None:
        """Open a form with six picklists, again at once, and again when the cache is too old."""
        self.clock.ahead += CACHE_SECONDS + 1
        first, options = self._measure_form()
        second, _ = self._measure_form()
        self.clock.ahead += CACHE_SECONDS + 1
        third, _ = self._measure_form()
        self.report.facts["a form with six picklists"] = {
            "options": options,
            "requests at first": first,
            "again within the cache's life": second,
            "when that is over": third,
        }
        self.report.expect(options == len(FORM_SOURCES) * PAGE_SIZE, f"the form shows {options} options")
        self.report.expect((first, second, third) == (6, 0, 6), f"it took {first}, {second} and {third} requests")

    def delete(self) -> None:
        """Delete some that somebody has saved."""
        saved = random.sample(sorted(self.names), 2 * DELETED_COUNT)
        for key in saved[:DELETED_COUNT]:
            self.session.delete(f"{self.box.url}/v2/contacts/{key}", timeout=30).raise_for_status()
        options = self.sell.pick("selectContact", ids=saved)["result"]
        marked = [option["key"] for option in options if option.get("missing")]
        labelled = [option["key"] for option in options if self.names[option["key"]] in option["label"]]
        self.report.facts["saved keys"] = {
            "asked": len(saved),
            "deleted": DELETED_COUNT,
            "marked as missing": len(marked),
        }
        self.report.expect(marked == saved[:DELETED_COUNT], f"deleted: {saved[:DELETED_COUNT]}, marked: {marked}")
        self.report.expect(labelled == saved[DELETED_COUNT:], "keys that still exist did not get their labels")

    # --- small things -----------------------------------------------------------------------------

    def _measure_form(self) -> tuple[int, int]:
        """Requests and options."""
        before = self.box.count()
        options = sum(len(self.sell.pick(source, limit=PAGE_SIZE)["result"]) for source in FORM_SOURCES)
        return self.box.count() - before, options

    def _walk_options(self, query: str | None = None) -> Iterator[Choice]:
        cursor = None
        while True:
            answer = self.sell.pick("selectContact", query=query, limit=PAGE_SIZE, cursor=cursor)
            yield from answer["result"]
            cursor = answer["nextCursor"]
            if cursor is None:
                return

    def _time_search(self, name: str) -> tuple[list[str], float, float]:
        """The keys that a search for a name gives, how long it takes, and how long its bare request."""
        sent: list[Mapping[str, Any]] = []
        began = perf_counter()
        self.clock.ahead += CACHE_SECONDS + 1
        result = self.sell.with_options(on_debug=sent.append).pick("selectContact", query=name, limit=PAGE_SIZE)[
            "result"
        ]
        took = perf_counter() - began
        began = perf_counter()
        self.session.request(sent[0]["method"], sent[0]["url"], json=sent[0]["body"], timeout=30).raise_for_status()
        return [option["key"] for option in result], took, perf_counter() - began

    def _list_words(self) -> list[str]:
        return sorted({word for name in self.names.values() for word in name.split()})

    def _read_records(self, path: str) -> Iterator[dict[str, Any]]:
        number = 1
        while True:
            query = {"per_page": PAGE_SIZE, "page": number}
            reply = self.session.get(self.box.url + path, params=query, timeout=30)
            reply.raise_for_status()
            items = reply.json()["items"]
            yield from (item["data"] for item in items)
            if len(items) < PAGE_SIZE:
                return
            number += 1
