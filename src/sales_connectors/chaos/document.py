"""The results as a page."""

import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .report import Report, describe_trial

INTRODUCTION = """\
# Reliability

What the connection, the rate budget, creates and picklists promise, and what came out when it was tried by force: real
processes with threads, a sandbox of the vendor's API in a process of its own, signals, forks, and connections that
break. Requests and records are counted by the sandbox, waits by whoever waited. This page is written by `make torture`,
which fails where a promise is broken; `make test-all` runs the same in a small size, and `sales-connectors check
refresh` tries the first promise on your own store.
"""

CHAPTERS = {
    "refresh": """\
## One refresh for everybody

Of all processes and threads that see a token end, one calls the token endpoint; the others wait for its result. Refresh
tokens of the sandbox work once, unless a column says otherwise. A process that is killed costs one more call at the
most.

Where a process dies between the token reply and the store, the only copy of the rotated pair dies with it. Zendesk Sell
documents no way back from there: no grant would hand the pair out again. So every call says `NotAuthenticated`,
`fix: end_user`, and nobody asks the token endpoint again until somebody has signed in. Where refresh tokens stay good,
nothing is lost.
""",
    "signals": """\
## Interrupts and freezes in the middle of a refresh

The command line is struck after the token endpoint has spent the old refresh token and before its answer is kept: by
Ctrl-C, by a request to end, or by standing still for longer than it would wait for the answer. The new pair is the only
copy. It is kept before the process ends, and the next one goes on with it.
""",
    "forks": """\
## Forks under load

Processes whose threads call and refresh fork again and again. A child opens its own sockets and takes its own locks: it
calls at once, and gets what it asked for and nothing of anybody else's.
""",
    "reconnects": """\
## Connections that change while they are used

A name is signed in to another service while processes call by it, again and again, and removed at last. Each next call
goes where the name belongs by then, with the token of that place.
""",
    "budget": """\
## One budget for everybody

All processes on a store share one budget for each connection. They want far more than the vendor allows, and get 95 %
of it, whether the vendor counts with a bucket that refills or with a strict sliding second. Somebody who waits for an
answer is served before bulk work; in the first seconds of a job nobody can tell that it is bulk. A 429 is heeded by
all, not only by the process that met it. A call whose wait does not fit its deadline fails at once and says how long
the wait would be.
""",
    "creates": """\
## Creates that are safe to repeat

The API has no idempotency keys, so a create with `idempotencyKey` is journaled before it is sent. A third of them go
wrong: the sandbox answers late, works late, drops or cuts its reply or refuses, or the caller is killed at a certain
step. All are asked for again with the same key, some by two processes at once, some with the same inputs as another
key; what is still unknown is asked for once more a quarter of an hour later, by the caller's clock.
""",
    "cuts": """\
## Connections that break at every byte

A create under a key breaks after each single byte of its request and of its reply, once. It is asked for again with the
same key, and where it is still unknown once more a quarter of an hour later, by the caller's clock.
""",
    "pickers": """\
## Picklists at size

Every record can be reached, by paging and by searching, and a form asks once for each page of options that it shows.
""",
}


def render_page(results: Mapping[str, Mapping[str, Report]]) -> str:
    """``{"refresh": {"SQLite": report, …}, …}`` as Markdown."""
    parts = [INTRODUCTION, f"{_describe_machine()}\n"]
    for chapter, reports in results.items():
        parts.append(CHAPTERS[chapter])
        parts += [_render_section(store, report) for store, report in reports.items()]
    return "\n".join(parts).rstrip() + "\n"


def _describe_machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Run on {datetime.now(UTC):%Y-%m-%d} with Python {platform.python_version()} on {platform.system()}"
        f" {platform.machine()}, {os.cpu_count()} cores ({_read_processor_name()}), {memory:.0f} GB of memory."
    )


def _read_processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown")


def _render_section(store: str, report: Report) -> str:
    verdict = "**Proven.**" if report.passed else "**Broken:** " + "; ".join(report.broken)
    head = f"### {store}\n\n" if store else ""
    tried = f"Tried with {describe_trial(report.trial)}; {report.seconds:.0f} s."
    return f"{head}{verdict} {tried}\n\n{_render_tables(report.facts)}"


def _render_tables(facts: Mapping[str, Mapping[str, Any]]) -> str:
    """One table, a column for each part of the trial; parts that count other things have tables of their own."""
    groups: list[list[str]] = []
    for name, counted in facts.items():
        if groups and facts[groups[-1][0]].keys() & counted.keys():
            groups[-1].append(name)
        else:
            groups.append([name])
    return "\n".join(_render_table({name: facts[name] for name in group}) for group in groups)


def _render_table(columns: Mapping[str, Mapping[str, Any]]) -> str:
    rows = list(dict.fromkeys(row for counted in columns.values() for row in counted))
    lines = [_render_row(["", *columns]), _render_row(["---", *("---:" for _ in columns)])]
    lines += [
        _render_row([row, *(_render_value(counted.get(row, "")) for counted in columns.values())]) for row in rows
    ]
    return "\n".join(lines) + "\n"


def _render_row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _render_value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {part}" for name, part in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)
