"""A child process opens its own sockets and locks: what its parent has in hand is never read, waited for or closed."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import Script, Server, http
from tests.runtime.commandline import environment

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")

TOKEN = {"access_token": "old", "refresh_token": "again", "expires_at": 1}

BEGIN = """
import json, os, sys, threading
from sales_connectors import connect

URL = sys.argv[1]


def tell(text):
    os.write(1, text.encode() + bytes([10]))  # in one piece, since others write too


def connected(**connection):
    fields = {"apiUrl": URL, "tokenUrl": f"{URL}/token", "clientId": "me", "clientSecret": "hidden", "rateLimit": 0}
    keep = {"on_token": lambda token: None}
    return connect("zendesk-sell", {"fields": fields, **connection}, timeout=10, retries=0, **keep)


def children(work, count):
    pids = []
    for number in range(count):
        pid = os.fork()
        if pid == 0:
            try:
                tell(json.dumps([number, work(number)]))
            finally:
                os._exit(0)
        pids.append(pid)
    return pids


def buried(pids):
    for pid in pids:
        os.waitpid(pid, 0)
"""

READ_AT_ONCE = """
sell = connected(token="token-of-the-test")
sell.getContact(id=99)


def read(number):
    return [sell.getContact(id=number + 1)["data"]["id"] for _ in range(20)]


pids = children(read, 3)
tell(json.dumps([50, read(50)]))
buried(pids)
"""

FORK_DURING_A_REFRESH = """
sell = connected(token=json.loads(sys.argv[2]))
threading.Thread(target=lambda: sell.getContact(id=1), daemon=True).start()
while not os.path.exists(sys.argv[3]):
    pass
buried(children(lambda number: sell.getContact(id=7)["data"]["id"], 1))
os._exit(0)  # without the token that the thread waits for
"""

FORK_DURING_A_REFRESH_OF_A_FILE = """
from pathlib import Path
from sales_connectors.auth.token_files import FileTokens
from sales_connectors.errors import Unavailable

file = Path(sys.argv[1])
token = json.loads(sys.argv[2])
file.write_text(json.dumps({"token": token}))
asked, forked = threading.Event(), threading.Event()


def fail(token):
    asked.set()
    forked.wait(10)
    raise Unavailable("not now")


def refresh():
    try:
        FileTokens(file).refresh(token, fail)
    except Unavailable:
        pass


thread = threading.Thread(target=refresh)
thread.start()
asked.wait(10)
ends = os.pipe()
pids = children(lambda number: os.read(ends[0], 1) and number, 1)  # lives on, with all that was open
forked.set()
thread.join()
ends_at = __import__("time").monotonic() + 5
tell(json.dumps([1, FileTokens(file).refresh(token, lambda old: {"access_token": "new"}, deadline=ends_at)]))
os.write(ends[1], b"x")
buried(pids)
"""

FORK_DURING_A_WALK = """
import gc

sell = connected(token="token-of-the-test")
seen = []


def on_page(count):
    if not seen:
        seen.append(os.fork())
        if seen[0] == 0:
            tell(json.dumps([0, gc.isenabled()]))
            os._exit(0)


sell.with_options(on_page=on_page).listContacts(fetchAll=True)
buried(seen)
tell(json.dumps([1, gc.isenabled()]))
"""


def run(script: str, *arguments: str) -> dict[int, Any]:
    """What the parent and each child say, by number."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", BEGIN + script, *arguments]
    # newer Pythons warn of forks in a process with threads, which is what is tried here
    told = subprocess.run(command, env=environment(PYTHONWARNINGS=""), capture_output=True, text=True, timeout=30)
    assert told.returncode == 0, told.stderr
    return dict(json.loads(line) for line in told.stdout.splitlines())


def contact(connection: Any, request: bytes) -> bool | None:
    """The contact that was asked for, after a moment in which others ask too."""
    number = int(re.findall(rb"contacts/(\d+)", request)[0])
    time.sleep(0.005)
    return http(body=json.dumps({"data": {"id": number}, "meta": {}}).encode())(connection, request)


def test_parent_and_children_read_their_own_replies(serve: Callable[..., Server]) -> None:
    server = serve(contact)
    read = run(READ_AT_ONCE, server.url)
    assert read == {number: [number + 1] * 20 for number in (0, 1, 2, 50)}
    assert server.connections == 4


def test_a_child_waits_for_no_lock_of_a_thread_that_it_has_not(serve: Callable[..., Server], tmp_path: Any) -> None:
    arrived = tmp_path / "arrived"

    def script(connection: Any, request: bytes) -> bool | None:
        if not request.startswith(b"POST /token"):
            return contact(connection, request)
        if not arrived.exists():
            arrived.touch()
            server.over.wait(30)  # the parent's thread refreshes without an end
        return http(body=b'{"access_token": "new", "expires_in": 3600}')(connection, request)

    server = serve(script)
    assert run(FORK_DURING_A_REFRESH, server.url, json.dumps(TOKEN), str(arrived)) == {0: 7}


def test_no_child_keeps_the_lock_of_a_file(tmp_path: Any) -> None:
    read = run(FORK_DURING_A_REFRESH_OF_A_FILE, str(tmp_path / "connection.json"), json.dumps(TOKEN))
    assert read == {0: 0, 1: {"access_token": "new", "refresh_token": "again"}}


def page(connection: Any, request: bytes) -> bool | None:
    body: Script = http(body=json.dumps({"items": [{"data": {"id": 1}}], "meta": {"links": {}}}).encode())
    return body(connection, request)


def test_a_walk_that_is_forked_leaves_the_garbage_collector_on(serve: Callable[..., Server]) -> None:
    assert run(FORK_DURING_A_WALK, serve(page).url) == {0: True, 1: True}


CLOSE_BEFORE_THE_CHILD_WRITES = """
from pathlib import Path
from sales_connectors.store import Store

def opened():
    return Store(f"sqlite:///{URL}/store.db", home=Path(URL))

store, given = opened(), {"key": "oauth", "fields": {}, "token": {"access_token": "x"}}
store.connections.save("parent", "zendesk-sell", given)
ready, go = os.pipe(), os.pipe()
pid = os.fork()
if pid == 0:
    store.connections.save("first", "zendesk-sell", given)
    os.write(ready[1], b"1")
    os.read(go[0], 1)
    store.connections.save("second", "zendesk-sell", given)
    os._exit(0)
os.read(ready[0], 1)
store.close()
os.write(go[1], b"1")
buried([pid])
tell(json.dumps([0, opened().connections.list_names()]))
"""

FORK_DURING_STATEMENTS = """
from pathlib import Path
from sales_connectors.store import Store

store, over = Store(f"sqlite:///{URL}/store.db", home=Path(URL)), threading.Event()
given = {"key": "oauth", "fields": {}}


def save():
    while not over.wait(0.002):  # who writes without a pause lets nobody else in
        store.connections.save("parent", "zendesk-sell", given)


thread = threading.Thread(target=save)
thread.start()
for number in range(10):
    buried(children(lambda _: store.connections.save(f"child-{number}", "zendesk-sell", given), 1))
over.set()
thread.join()
tell(json.dumps([0, len(store.connections.list_names())]))
"""


FORK_DURING_AN_IMPORT = """
from pathlib import Path

Path(URL, "slow.py").write_text("import __main__; __main__.begun.set(); __main__.go.wait(); value = 7")
sys.path.insert(0, URL)
begun, go = threading.Event(), threading.Event()


def load(_):
    import slow
    return slow.value


threading.Thread(target=load, args=(0,)).start()
begun.wait()
threading.Timer(0.2, go.set).start()
buried(children(load, 1))
"""

FORK_WHILE_A_KEY_IS_READ = """
from pathlib import Path
from sales_connectors.store import Store


def opened(name):
    home = Path(URL, name)
    home.mkdir()
    return Store(f"sqlite:///{home}/store.db", home=home)


first, slow, other, given = opened("first"), opened("slow"), opened("other"), {"key": "oauth", "fields": {}}
os.mkfifo(f"{URL}/slow/key")
threading.Thread(target=lambda: slow.connections.save("late", "zendesk-sell", given), daemon=True).start()
reading = False
while not reading:
    try:
        writer = os.open(f"{URL}/slow/key", os.O_WRONLY | os.O_NONBLOCK)
        reading = True
    except OSError:
        pass
buried(children(lambda _: other.connections.save("child", "zendesk-sell", given), 1))
first.connections.save("again", "zendesk-sell", given)
tell(json.dumps([1, [other.connections.list_names(), opened("last").connections.save("x", "zendesk-sell", given)]]))
os._exit(0)  # without the key that the thread waits for
"""


def test_what_a_child_writes_is_there_although_its_parent_closed_the_store(tmp_path: Any) -> None:
    assert run(CLOSE_BEFORE_THE_CHILD_WRITES, str(tmp_path)) == {0: ["first", "parent", "second"]}


def test_a_child_waits_for_no_lock_that_its_parent_held_on_the_store(tmp_path: Any) -> None:
    assert run(FORK_DURING_STATEMENTS, str(tmp_path))[0] == 11


def test_no_child_waits_for_a_module_that_its_parent_was_importing(tmp_path: Any) -> None:
    """As the first call of a thread does, which loads what calls need."""
    assert run(FORK_DURING_AN_IMPORT, str(tmp_path)) == {0: 7}


def test_neither_a_child_nor_another_store_waits_for_the_key_of_a_store(tmp_path: Any) -> None:
    assert run(FORK_WHILE_A_KEY_IS_READ, str(tmp_path)) == {0: True, 1: [["child"], True]}
