"""How far one call travels: the functions of ours that it passes, and the files in which they stand.

``python benchmarks/journey.py`` counts a create over a connection to a sandbox: the second one in a process, and the
first one from the command line.  Fewer is easier to read.
"""

import contextlib
import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = ("/imitation/", "/sandbox/", "/.venv/", "/site-packages/", "/benchmarks/")
INPUTS = {"isOrganization": True, "name": "Acme"}
TITLES = {
    "second": "createContact, the second in a process",
    "first": "createContact, the first from the command line",
}


def count(call: Callable[[], Any]) -> dict[str, int]:
    """Run a call, and count what it passes; what Python makes of a comprehension or a class is no function."""
    seen: Counter[CodeType] = Counter()

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            seen[frame.f_code] += 1

    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
    ours = {code: times for code, times in seen.items() if _is_ours(code)}
    return {"functions": len(ours), "files": len({code.co_filename for code in ours}), "calls": sum(ours.values())}


def _is_ours(code: CodeType) -> bool:
    if not code.co_filename.startswith(str(ROOT)) or any(part in code.co_filename for part in SKIPPED):
        return False
    is_function = bool(code.co_flags & inspect.CO_OPTIMIZED)  # and not the body of a class or a module
    return is_function and (code.co_name == "<lambda>" or not code.co_name.startswith("<"))


def count_second(connection: str) -> dict[str, int]:
    from sales_connectors import connect

    sell: Any = connect("zendesk-sell", json.loads(connection))
    sell.createContact(**INPUTS)
    return count(lambda: sell.createContact(**INPUTS))


def count_first(connection: str) -> dict[str, int]:
    from sales_connectors.__main__ import main as command_line

    sys.argv = ["sales-connectors", "run", "zendesk-sell", "createContact", "-c", connection, "-i", json.dumps(INPUTS)]

    def call() -> None:
        with contextlib.suppress(SystemExit):
            command_line()

    return count(call)


def main() -> None:
    if len(sys.argv) > 1:
        which, connection = sys.argv[1:]
        print(json.dumps({"second": count_second, "first": count_first}[which](connection)), file=sys.stderr)
        return
    from sales_connectors.imitation import running

    with running("zendesk-sell", rate=0) as box, tempfile.TemporaryDirectory() as home:
        connection = json.dumps({**box.connection, "fields": {**box.connection["fields"], "rateLimit": 0}})
        environment = {**os.environ, "SALES_CONNECTORS_HOME": home}
        for which, title in TITLES.items():
            command = [sys.executable, __file__, which, connection]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
            found = json.loads(done.stderr.splitlines()[-1])
            print(f"{title}: {found['functions']} functions in {found['files']} files, {found['calls']} calls")


if __name__ == "__main__":
    main()
