"""``python -m sales_connectors.chaos``: everything in full size, on both kinds of store; takes most of an hour."""

import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from . import budget, creates, cuts, forks, pickers, reconnects, refresh, signals
from .document import render_page
from .report import Report
from .stores import STORES

TRIALS: dict[str, Callable[..., Report]] = {
    "refresh": refresh.run,
    "signals": signals.run,
    "forks": forks.run,
    "reconnects": reconnects.run,
    "budget": budget.run,
    "creates": creates.run,
    "cuts": cuts.run,
}


def main() -> int:
    """Run what is asked for, say how it went, and write the page where all of it was run."""
    arguments = _parse_arguments()
    signal.signal(signal.SIGTERM, lambda *ignored: sys.exit(143))  # as on Ctrl-C, servers and folders shall go too
    results: dict[str, dict[str, Report]] = {}
    for name in arguments.only or [*TRIALS, "pickers"]:
        results[name] = _run_trial(name)
    if arguments.out:
        arguments.out.write_text(render_page(results), encoding="utf-8")
    return 0 if all(report.passed for reports in results.values() for report in reports.values()) else 1


def _run_trial(name: str) -> dict[str, Report]:
    if name == "pickers":  # the store has no part in them
        return {"": _print_verdict(name, pickers.run())}
    reports = {}
    for kind, store in STORES.items():
        with store() as (url, home):
            reports[kind] = _print_verdict(f"{name} on {kind}", TRIALS[name](url, home=home))
    return reports


def _print_verdict(name: str, report: Report) -> Report:
    verdict = "proven" if report.passed else f"BROKEN: {'; '.join(report.broken)}"
    print(f"{name}: {verdict} ({report.seconds:.0f} s)", file=sys.stderr, flush=True)
    return report


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sales_connectors.chaos", description=__doc__)
    parser.add_argument("--out", type=Path, help="write the results here, as Markdown")
    parser.add_argument("--only", action="append", choices=[*TRIALS, "pickers"], help="not everything; may be repeated")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
