"""Measure the whole pipeline beside its peers, in one run, and write ``docs/performance.md`` with a plot for each row.

Every figure is a median; every client is measured in turn against the same loopback stub, in a process of its own.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
CLIENTS = ("http.client", "requests", "basecrm", "sales-connectors")
OURS = "sales-connectors"


WHY = """\
Where a call's time goes: more than half is urllib3 and the adapter of `requests`, which stay so that proxies, TLS
settings and test tools work as everybody knows them. The form costs about 2 µs an input (coercion; the compiled
validator needs 3 µs for all of them), which is why a create with 24 inputs lies at the edge of its target. Targets are
what a comparable Node framework was measured at, as multiples of what `http.client` had on the same machine: that one
differs from run to run, and the multiples do not. The last row ends when no page that was asked for ahead is under way
any more, which is a round trip after the last record."""


class Row(NamedTuple):
    """One thing that is measured: its figures by client, and how many times that of http.client we mean to beat."""

    key: str
    title: str
    unit: str
    figures: dict[str, float]
    multiple: float | None = None
    lower_is_better: bool = True

    @property
    def target(self) -> float | None:
        return None if self.multiple is None else self.multiple * self.figures["http.client"]

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        ours = self.figures[OURS]
        met = ours < self.target if self.lower_is_better else ours > self.target
        sign = "under" if self.lower_is_better else "over"
        return f"{sign} {self.multiple:g} x http.client: {'met' if met else '**not met**'}"


@contextmanager
def stub(*options: str) -> Iterator[str]:
    """The loopback service in a process of its own."""
    process = subprocess.Popen([sys.executable, str(HERE / "stub.py"), *options], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def measured(client: str, task: str, host: str, *options: str) -> dict[str, Any]:
    """The figures of one process, with its whole duration."""
    command = [sys.executable, str(HERE / "measure.py"), client, task, host, *options]
    began = _now()
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())
    return {**json.loads(done.stdout), "process_seconds": _now() - began}


def medians(
    task: str, figure: str, host: str, times: int, *options: str, clients: tuple[str, ...] = CLIENTS
) -> dict[str, float]:
    """The median of a figure by client; the clients take turns, so that a slow minute hits all of them."""
    rounds: dict[str, list[float]] = {client: [] for client in clients}
    for _ in range(times):
        for client in clients:
            rounds[client].append(measured(client, task, host, *options)[figure])
    return {client: statistics.median(values) for client, values in rounds.items()}


def rows(times: int) -> Iterator[Row]:
    with stub() as host:
        first = medians("first", "process_seconds", host, times * 3)
        yield Row("first", "Start of the process to the first result", "ms", scaled(first, 1e3), 4.2)
        yield Row("get", "One getContact", "µs", medians("get", "microseconds", host, times), 2.84)
        yield Row(
            "create",
            "One createContact with all 24 inputs of a person",
            "µs",
            medians("create", "microseconds", host, times),
            2.44,
        )
        budget = medians("get", "microseconds", host, times, "--rate", "1000000", clients=(OURS,))[OURS]
        plain = medians("get", "microseconds", host, times, clients=(OURS,))[OURS]
        yield Row("budget", "One getContact with the shared rate budget", "µs", {"rateLimit: 0": plain, OURS: budget})
        for task, what in (("walk", "one by one (iterate)"), ("all", "in one result (fetchAll)")):
            per_second = medians(task, "per_second", host, times)
            share = 0.36 if task == "walk" else 0.87
            yield Row(f"{task}-speed", f"100,000 records {what}", "records/s", per_second, share, lower_is_better=False)
            peak = scaled(medians(task, "peak_bytes", host, times), 1 / 1e6)
            yield Row(
                f"{task}-memory",
                f"Peak memory for 100,000 records {what}",
                "MB",
                peak,
                2.33 if task == "walk" else None,
            )
    with stub("--latency", "0.2", "--records", "3000") as host:
        yield Row("latency", "3,000 records (30 pages) at 200 ms a reply", "s", medians("all", "seconds", host, 1))


def scaled(figures: dict[str, float], factor: float) -> dict[str, float]:
    return {client: value * factor for client, value in figures.items()}


def report(found: list[Row], plots: Path) -> str:
    """The page: what was measured where, the table, and the plots."""
    lines = [
        "# Performance",
        "",
        "<!-- written by `make bench` -->",
        "",
        "The whole pipeline (form, coercion, validation, signing, redaction, errors) beside bare `http.client`, bare"
        " `requests` and the vendor's own `basecrm`, all against one loopback stub in one run. Every client runs in a"
        " process of its own; every figure is a median. `rateLimit` is 0 except in the row that says otherwise.",
        "",
        f"Measured on {datetime.now(UTC):%Y-%m-%d}: {_machine()}.",
        "",
        f"| what | unit | {' | '.join(CLIENTS)} | ours / http.client | ours / basecrm | target |",
        f"| --- | --- | {' | '.join('---:' for _ in CLIENTS)} | ---: | ---: | --- |",
        *[_line(row) for row in found],
        "",
        WHY,
        "",
    ]
    for row in found:
        lines += [f"## {row.title}", "", f"![{row.title}]({plots.name}/{row.key}.svg)", ""]
    return "\n".join(lines)


def _line(row: Row) -> str:
    figures = [_number(row.figures[client]) if client in row.figures else "" for client in CLIENTS]
    ratios = [
        f"{row.figures[OURS] / row.figures[peer]:.2f}" if peer in row.figures else ""
        for peer in ("http.client", "basecrm")
    ]
    return f"| {' | '.join([row.title, row.unit, *figures, *ratios, row.verdict])} |"


def draw(row: Row, path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "sales-connectors"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7.5, 0.55 * len(row.figures) + 1.1))
    names = list(row.figures)
    colours = ["#0f766e" if name == OURS else "#94a3b8" for name in names]
    bars = axes.barh(names, [row.figures[name] for name in names], color=colours)
    axes.bar_label(bars, [_number(row.figures[name]) for name in names], padding=4)
    if row.target is not None:
        axes.axvline(row.target, color="#b91c1c", linestyle="--", linewidth=1, label=f"target {_number(row.target)}")
        axes.legend(frameon=False, loc="lower right")
    axes.invert_yaxis()
    axes.margins(x=0.15)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_xlabel(row.unit + (" (less is better)" if row.lower_is_better else " (more is better)"))
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None}, facecolor="white")
    pyplot.close(figure)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _machine() -> str:
    return f"{os.cpu_count()} cores ({platform.machine()}), {platform.system()}, Python {platform.python_version()}"


def _environment() -> dict[str, str]:
    """A store of its own, so that a run neither reads nor changes the user's; modules stay compiled, as theirs do."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "SALES_CONNECTORS_HOME": str(HOME)}


def _now() -> float:
    import time

    return time.perf_counter()


def main() -> int:
    global HOME
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="processes for each figure")
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "performance.md")
    options = parser.parse_args()
    plots = options.out.parent / "performance"
    plots.mkdir(parents=True, exist_ok=True)
    found = []
    with tempfile.TemporaryDirectory() as home:
        HOME = Path(home)
        for row in rows(options.times):
            found.append(row)
            print(_line(row), flush=True)
    for row in found:  # only now: a process is born with the peak memory of its parent, and matplotlib is large
        draw(row, plots / f"{row.key}.svg")
    options.out.write_text(report(found, plots), encoding="utf-8")
    return 0


HOME = Path()

if __name__ == "__main__":
    sys.exit(main())
