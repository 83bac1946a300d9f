"""A sandbox in the background: started together with a connection that is kept, and stopped by its name."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from subprocess import DEVNULL, PIPE, Popen
from tempfile import TemporaryFile
from typing import Any
from urllib.parse import urlsplit

from ...addresses import is_loopback
from ...clock import SYSTEM_CLOCK
from ...errors import ConfigurationError, Conflict, InvalidInput, NotFound
from ...runtime import default_runtime
from ...store.home import find_home_folder, make_folder

MAX_ANSWER_SECONDS = 2.0
"""Seconds that a sandbox has for an answer; it does nothing else."""
MAX_STOP_SECONDS = 10.0
STOP_PAUSE_SECONDS = 0.02


def start_sandbox(component: str, name: str, words: Sequence[str], faults: str | None) -> dict[str, Any]:
    """Serve a component's sandbox from a process of its own, and keep the connection to it: ``{"connection",
    "account", "apiUrl", "pid"}``.

    It begins to misbehave once the connection is tested.  Conflict where the name is that of a real account, or of a
    sandbox that runs.
    """
    with _one_at_a_time():
        _refuse_taken(component, name)
        return _start(component, name, words, faults)


def _start(component: str, name: str, words: Sequence[str], faults: str | None) -> dict[str, Any]:
    process, connection = _launch([component, *words])
    try:
        result = default_runtime().kept.keep_given(component, name, connection)
        url = connection["fields"]["apiUrl"]
        if faults is not None:
            _ask(url, "POST", "/_sandbox/faults", faults)
    except BaseException:
        process.returncode = None
        process.terminate()
        process.wait()
        raise
    return {**result, "apiUrl": url, "pid": process.pid}


def stop_sandbox(name: str) -> bool:
    """End the sandbox that a kept connection leads to, and forget the connection; whether it was still running.

    The address of one whose connection is gone will do too.
    """
    if is_loopback(name):
        return _stop(name)
    connections = default_runtime().store.connections
    kept = connections.get(name)
    url = str(kept.fields.get("apiUrl") or "")
    if not is_loopback(url):
        raise InvalidInput(
            f"{name!r} is the connection to an account of {kept.component}, not to a sandbox. To forget it:"
            f" sales-connectors connections remove {name}",
            code="wrong_connection",
        )
    was_running = _stop(url)
    connections.remove(name)
    return was_running


def find_sandbox(name: str) -> str | None:
    """The address of the running sandbox that a kept connection leads to; None where it leads to none."""
    url = str(default_runtime().store.connections.get(name).fields.get("apiUrl") or "")
    return url if is_loopback(url) and is_sandbox(url) else None


def _stop(url: str) -> bool:
    if not is_sandbox(url):
        return False
    _ask(url, "POST", "/_sandbox/stop")
    _await_end(url)
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two that start at once would both find the name free, and one of them would run on, unknown."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    home = find_home_folder()
    make_folder(home)
    with (home / "sandbox.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_sandbox(url: str) -> bool:
    """Whether a sandbox answers there."""
    return "now" in (_ask(url, "GET", "/_sandbox/clock") or {})


def _refuse_taken(component: str, name: str) -> None:
    try:
        kept = default_runtime().store.connections.get(name)
    except NotFound:
        return
    url = str(kept.fields.get("apiUrl") or "")
    if kept.component != component or not is_loopback(url):
        raise Conflict(
            f"{name!r} is a connection to {kept.component} already. Choose another name, or remove it first:"
            f" sales-connectors connections remove {name}",
            code="name_taken",
        )
    if is_sandbox(url):
        raise Conflict(
            f"{name!r} is the connection to a sandbox that runs at {url}. Use it, or stop it first:"
            f" sales-connectors sandbox --stop {name}",
            code="name_taken",
        )


def _launch(words: Sequence[str]) -> tuple["Popen[bytes]", Mapping[str, Any]]:
    """A process that outlives us and the terminal, once it listens, and the connection to what it serves."""
    command = [sys.executable, "-m", "sales_connectors", "sandbox", *words]
    with TemporaryFile() as messages:
        # a session of its own: neither Ctrl-C nor the end of the terminal reaches it
        process = Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=messages, start_new_session=True)
        assert process.stdout is not None
        with process.stdout as printed:
            try:
                line = printed.readline()
                connections = _parse(line)
                if connections is None or "error" in connections:
                    raise _failed_error(line + printed.read())
            except BaseException:
                process.terminate()
                process.wait()
                raise
    process.returncode = 0  # it goes on, and nobody waits for it
    return process, connections[words[0]]


def _failed_error(printed: bytes) -> ConfigurationError:
    """What a sandbox that did not start said of it."""
    error = (_parse(printed) or {}).get("error") or {}
    return ConfigurationError(
        error.get("message") or "The sandbox did not start", code=error.get("code") or "configuration"
    )


def _parse(text: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _await_end(url: str) -> None:
    ends = SYSTEM_CLOCK.monotonic() + MAX_STOP_SECONDS
    while is_sandbox(url):
        if SYSTEM_CLOCK.monotonic() >= ends:
            raise ConfigurationError(f"The sandbox at {url} was told to stop, and still answers", code="resources")
        SYSTEM_CLOCK.sleep(STOP_PAUSE_SECONDS)


def _ask(url: str, method: str, path: str, sent: Any = None) -> dict[str, Any] | None:
    """What a sandbox answers to its controls; None where nothing that is one answers."""
    place = urlsplit(url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=MAX_ANSWER_SECONDS)
    try:
        connection.request(method, path, None if sent is None else json.dumps(sent))
        return _parse(connection.getresponse().read())
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
