"""One measurement in a process of its own: ``measure.py CLIENT TASK HOST`` prints its figures as JSON."""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from clients import CLIENTS

CALLS = 400
ROUNDS = 7


def per_call(call: Callable[[], Any]) -> dict[str, float]:
    """Microseconds for one call: the median of several rounds, after a warm-up."""
    for _ in range(50):
        call()
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for _ in range(CALLS):
            call()
        rounds.append((time.perf_counter() - began) / CALLS * 1e6)
    return {"microseconds": statistics.median(rounds), "slowest": max(rounds), "fastest": min(rounds)}


def listed(read: Callable[[], int]) -> dict[str, float]:
    """Records a second and the peak memory of this process."""
    began = time.perf_counter()
    records = read()
    seconds = time.perf_counter() - began
    return {"records": records, "seconds": seconds, "per_second": records / seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("client", choices=CLIENTS)
    parser.add_argument("task", choices=["first", "get", "create", "walk", "all"])
    parser.add_argument("host")
    parser.add_argument("--rate", type=float, default=0.0)
    options = parser.parse_args()
    client = CLIENTS[options.client](options.host, options.rate)
    tasks: dict[str, Callable[[], Any]] = {
        "first": client.get,
        "get": lambda: per_call(client.get),
        "create": lambda: per_call(client.create),
        "walk": lambda: listed(lambda: sum(1 for _ in client.walk())),
        "all": lambda: listed(lambda: len(client.all())),
    }
    figures = tasks[options.task]()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps({**(figures if options.task != "first" else {}), "peak_bytes": peak}))


if __name__ == "__main__":
    main()
