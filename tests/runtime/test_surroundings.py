"""What surrounds the command line fails as what it is: terminals, streams, folders, and others who can look on."""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from tests.conftest import Server, Toy, http
from tests.runtime.commandline import COMMAND, at_terminal, environment, forget, run, spawn

from sales_connectors.errors import ConfigurationError
from sales_connectors.files import Draft
from sales_connectors.imitation import Box, running
from sales_connectors.store import Store

SELL = "zendesk-sell"
CONNECTION = {"token": {"access_token": "tok-5f2b~9c+Q/8=x"}}
GET = ("run", "toy-service", "getThing", "-i", '{"id": 7}')
TRICKS = "\x1b]0;gotcha\x07 \x9b31m \u202egnp.exe \u2066 \u200f \x7f"


@pytest.fixture(autouse=True)
def new_process(toy: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SALES_CONNECTORS_CONNECTION", raising=False)
    forget()
    yield
    forget()


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with running(SELL, rate=0) as started:
        yield started


@pytest.fixture
def account(box: Box, tmp_path: Path) -> str:
    """A connection to the sandbox, in a file."""
    return in_file(tmp_path / "account.json", box.connection)


def in_file(path: Path, connection: Any, mode: int = 0o600) -> str:
    path.write_text(json.dumps(connection), encoding="utf-8")
    path.chmod(mode)
    return f"@{path}"


@pytest.fixture
def thing(web: responses.RequestsMock) -> None:
    web.add("GET", "https://toy.example/things/7", json={"id": 7})


def make_contact(box: Box, name: str, **more: Any) -> int:
    from sales_connectors import invoke

    made = invoke(SELL, "createContact", {"lastName": name, **more}, box.connection)
    return int(made["data"]["data"]["id"])


# --- what others can look at --------------------------------------------------------------------------


@pytest.mark.usefixtures("thing")
def test_a_secret_on_the_command_line_works_and_is_warned_of() -> None:
    ran = run(*GET, "-c", json.dumps(CONNECTION))
    assert (ran.code, ran.json) == (0, {"data": {"id": 7}})
    assert ran.err.startswith("warning: --connection holds a secret, which other processes can read")
    assert "@FILE" in ran.err
    assert CONNECTION["token"]["access_token"] not in ran.err


@pytest.mark.usefixtures("thing")
def test_a_connection_on_standard_input_or_in_a_variable_is_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (CONNECTION, {"token": "tok-as-text"}):
        ran = run(*GET, "-c", "-", typed=json.dumps(given))
        assert (ran.code, ran.err) == (0, "")
    monkeypatch.setenv("SALES_CONNECTORS_CONNECTION", json.dumps(CONNECTION))
    assert run(*GET).err == ""


def test_what_holds_no_secret_is_not_warned_of() -> None:
    assert run(*GET, "-c", "{}").err.startswith("error:")


def test_inputs_with_a_token_are_warned_of_too(tmp_path: Path) -> None:
    given = in_file(tmp_path / "given.json", CONNECTION)
    words = ("run", SELL, "rawRequest", "-c", given, "--dry-run", "-i")
    inputs = {"method": "GET", "url": "/v2/x", "headers": {"X-Api-Key": "another-token"}}
    warned = run(*words, json.dumps(inputs))
    assert (warned.code, "warning: --input holds a secret" in warned.err) == (0, True)
    assert "another-token" not in warned.out + warned.err
    assert run(*words, "-", typed=json.dumps(inputs)).err == ""
    assert run(*words, json.dumps({**inputs, "headers": {"X-Code": "EUR"}})).err == ""


def test_standard_input_is_one_options_alone() -> None:
    ran = run("run", "toy-service", "getThing", "-i", "-", "-c", "-", typed="{}")
    assert (ran.code, ran.error["code"]) == (2, "usage")


def test_connect_takes_a_connection_from_standard_input_and_warns_of_text(box: Box) -> None:
    piped = run("connect", SELL, "piped", "--from", "-", typed=json.dumps({SELL: box.connection}))
    assert (piped.code, piped.err, piped.json["connection"]["name"]) == (0, "", "piped")
    typed = run("connect", SELL, "typed", "--from", json.dumps({SELL: box.connection}))
    assert (typed.code, typed.json["connection"]["name"]) == (0, "typed")
    assert "--from @FILE" in typed.err


@pytest.mark.usefixtures("thing")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660])
def test_a_file_with_a_secret_that_others_can_read_is_closed(tmp_path: Path, mode: int) -> None:
    given = in_file(tmp_path / "open.json", CONNECTION, mode)
    first, second = run(*GET, "-c", given), run(*GET, "-c", given)
    assert (first.code, second.code, second.err) == (0, 0, "")
    assert "open.json, which holds secrets" in first.err
    assert (tmp_path / "open.json").stat().st_mode & 0o777 == mode & 0o700


@pytest.mark.usefixtures("thing")
def test_a_file_that_is_not_ours_to_close_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = in_file(tmp_path / "open.json", CONNECTION, 0o644)

    def refuse(path: Any, mode: int) -> None:
        raise PermissionError(errno.EPERM, "not yours")

    monkeypatch.setattr("sales_connectors.files.os.chmod", refuse)
    ran = run(*GET, "-c", given)
    assert (ran.code, "chmod 600" in ran.err) == (0, True)


def test_the_file_of_a_secret_field_is_closed(box: Box, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("wrong\n")
    (tmp_path / "secret").chmod(0o644)
    words = ("--field", "clientId=x", "--field", f"clientSecret=@{tmp_path / 'secret'}", "--no-browser")
    ran = run("connect", SELL, "mine", *words, "--redirect-uri", "https://app.example.com/")
    assert ran.error["code"] == "redirect_uri"
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_a_sandbox_writes_its_token_into_a_file_of_its_owner(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    with (
        file.open("w") as out,
        subprocess.Popen(
            [*COMMAND, "sandbox", SELL, "--port", "0"], stdout=out, stderr=subprocess.PIPE, env=environment(), text=True
        ) as sandbox,
    ):
        assert sandbox.stderr is not None
        sandbox.stderr.readline()
        sandbox.terminate()
    assert json.loads(file.read_text())[SELL]["token"]
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_draft_is_written_where_it_was_made(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    with Draft(tmp_path / "state.json") as draft:
        made = next(tmp_path.glob(".state.json-*"))
        made.unlink()
        made.symlink_to(victim)
        draft.replace(b"new")
    assert victim.read_text() == "precious"


def test_a_state_may_have_a_name_as_long_as_names_are(web: responses.RequestsMock, tmp_path: Path) -> None:
    web.add("GET", "https://toy.example/changes", json={"items": [], "position": 1})
    file = tmp_path / ("s" * 250)
    given = in_file(tmp_path / "given.json", CONNECTION)
    assert run("poll", "toy-service", "pollThings", "-c", given, "--state", f"@{file}").code == 0
    assert file.exists()


# --- terminals ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "koi8-r"])
def test_a_terminal_that_is_not_unicode_shows_what_it_can(box: Box, account: str, encoding: str) -> None:
    box.forget()
    words = ("run", SELL, "createContact", "-c", account, "-i", '{"lastName": "Łódź 東京", "email": "a@example.com"}')
    seen = at_terminal(*words, PYTHONIOENCODING=encoding)
    assert (seen.code, "a@example.com" in seen.text, "error" in seen.text) == (0, True, False)
    assert box.count("/v2/contacts", "POST") == 1
    as_json = at_terminal(*words, "--json", PYTHONIOENCODING=encoding)
    assert json.loads(as_json.text)["data"]["data"]["last_name"] == "Łódź 東京"
    assert as_json.text.isascii()


@pytest.mark.parametrize("words", [(), ("--json",), ("--debug",), ("--json", "--debug")])
def test_nothing_of_a_record_is_obeyed_by_a_terminal(box: Box, account: str, words: tuple[str, ...]) -> None:
    made = make_contact(box, f"Doe{TRICKS}")
    seen = at_terminal("run", SELL, "getContact", "-c", account, "-i", f'{{"id": {made}}}', *words, NO_COLOR="1")
    assert seen.code == 0
    assert [sign for sign in TRICKS if not sign.isprintable() and sign in seen.screen and sign != "\x1b"] == []
    assert "\x1b]" not in seen.screen
    if words == ("--json",):
        assert json.loads(seen.screen)["data"]["data"]["last_name"] == f"Doe{TRICKS}"


def test_json_for_a_program_is_as_it_came(box: Box, account: str) -> None:
    made = make_contact(box, f"Doe{TRICKS}")
    ran = run("run", SELL, "getContact", "-c", account, "-i", f'{{"id": {made}}}')
    assert "\u202e" in ran.out
    assert ran.json["data"]["data"]["last_name"] == f"Doe{TRICKS}"


def test_the_reason_of_a_failed_sign_in_is_not_obeyed_either(home: Path, web: responses.RequestsMock) -> None:
    from sales_connectors import connect
    from sales_connectors.runtime import default_runtime

    old = {"access_token": "old-token", "refresh_token": "old-refresh", "expires_at": 1}
    fields = {"clientId": "c", "clientSecret": "secret-of-client"}
    kept = {"key": "oauth", "fields": fields, "token": old}
    default_runtime().store.connections.save("dead", SELL, kept)
    web.add(
        "POST",
        "https://api.getbase.com/oauth2/token",
        status=400,
        json={"error": "invalid_grant", "error_description": f"gone{TRICKS}"},
    )
    with pytest.raises(Exception, match="gone"):
        connect(SELL, "dead").getDeal(id=1)
    seen = at_terminal("connections", SALES_CONNECTORS_HOME=str(home), NO_COLOR="1")
    assert "gone" in seen.text
    assert not {"\x9b", "\u202e", "\x07"} & set(seen.screen)


def test_wide_letters_leave_the_ids_whole(box: Box, account: str) -> None:
    city = {"city": "東京都千代田区丸の内一丁目九番二号"}
    made = [
        make_contact(box, "東京海上日動火災保険株式会社本店", title="販売部長代理補佐", address=city) for _ in range(2)
    ]
    ids = ",".join(map(str, made))
    seen = at_terminal("run", SELL, "listContacts", "-c", account, "-i", json.dumps({"ids": ids}), columns=80)
    assert [line.split()[0] for line in seen.lines if line[:1].isdigit()][:2] == [str(found) for found in made]


@pytest.mark.parametrize(("columns", "lines"), [("0", "0"), ("²", "²"), ("-1", "x"), ("1000000000", "1000000000")])
@pytest.mark.parametrize("words", [["run", "createContact", "-i", '{"lastName": "Doe"}'], ["pick", "selectPipeline"]])
def test_a_terminal_whose_size_is_none_shows_the_result(
    box: Box, account: str, words: list[str], columns: str, lines: str
) -> None:
    command, key, *others = words
    seen = at_terminal(command, SELL, key, "-c", account, *others, COLUMNS=columns, LINES=lines)
    assert (seen.code, "Doe" in seen.text or "New business" in seen.text) == (0, True)
    assert max(map(len, seen.lines)) <= 1000


# --- streams ------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["completion", "bash"]])
def test_help_that_cannot_be_written_is_no_defect(words: list[str], unbuffered: str) -> None:
    env = environment(PYTHONUNBUFFERED=unbuffered)
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([*COMMAND, *words], stdout=full, stderr=subprocess.PIPE, env=env, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (9, "error: Standard output cannot be written: No space left on device\n")


def test_help_that_nobody_reads_ends_as_every_pipe_does() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        ran = subprocess.run([*COMMAND, "--help"], stdout=nobody, capture_output=False, env=environment(), check=False)
    assert ran.returncode == 141


def test_input_that_is_not_there_yet_is_waited_for(account: str) -> None:
    """Whoever started us may have made the pipe non-blocking."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    words = ["run", SELL, "listPipelines", "-c", account, "-i", "-"]
    with subprocess.Popen([*COMMAND, *words], stdin=reading, stdout=subprocess.PIPE, env=environment()) as listing:
        while not os.get_blocking(reading) and listing.poll() is None:
            pass
        os.write(writing, b"{}")
        os.close(writing)
        out, _ = listing.communicate(timeout=30)
    os.close(reading)
    assert listing.returncode == 0
    assert json.loads(out)["data"]["items"]


def test_a_secret_that_is_no_text_is_refused(box: Box) -> None:
    ran = run("connect", SELL, "mine", "--token", typed=b"tok\xff\xfeen\n")
    assert (ran.code, ran.error["type"]) == (2, "InvalidInput")
    assert "is no text" in ran.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["createContact", "-i", '{"lastName": "Doe"}'], "may have done it: look before repeating it"),
        (["createContact", "-i", '{"lastName": "Doe"}', "--idempotency-key", "k"], "ask again with the same key"),
        (["listContacts"], ""),
    ],
)
def test_who_interrupts_a_write_is_told_that_it_may_be_done(
    serve: Callable[..., Server], tmp_path: Path, number: int, code: int, words: list[str], told: str
) -> None:
    is_asked, is_over = threading.Event(), threading.Event()

    def hang(connection: Any, request: bytes) -> None:
        if b"/users/self" in request:  # whose keys they are
            http(body=b'{"data": {"id": 1}}')(connection, request)
            return
        is_asked.set()
        is_over.wait(30)

    fields = {"apiUrl": serve(hang, hang, hang).url, "rateLimit": 0}
    given = in_file(tmp_path / "given.json", {"name": "mine", "fields": fields, "token": "token-of-a-test"})
    with spawn("run", SELL, *words, "-c", given) as running_:
        is_asked.wait(30)
        running_.send_signal(number)
        _, err = running_.communicate(timeout=30)
    is_over.set()
    assert (running_.returncode, told in err, "warning" in err) == (code, True, bool(told))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize(("action", "is_warned"), [("createContact", True), ("listPipelines", False)])
def test_a_write_whose_result_cannot_be_written_is_told_as_done(account: str, action: str, is_warned: bool) -> None:
    inputs = '{"lastName": "Doe"}' if is_warned else "{}"
    words = [*COMMAND, "run", SELL, action, "-c", account, "-i", inputs]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, env=environment(), text=True, check=False)
    assert (ran.returncode, f"{action} is done" in ran.stderr) == (9, is_warned)


@pytest.mark.parametrize("words", [["connect", SELL, "mine", "--token"], ["store", "rekey", "--new-key", "-"]])
def test_input_that_cannot_be_read_is_told(words: list[str]) -> None:
    with Path(os.devnull).open("w") as nothing:
        ran = subprocess.run([*COMMAND, *words], stdin=nothing, env=environment(), capture_output=True, check=False)
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"]) == (2, "unreadable_file")


@pytest.mark.parametrize("browser", [" ", "%s ' x"])
def test_a_browser_that_is_no_command_is_done_without(browser: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        back = f"http://127.0.0.1:{free.getsockname()[1]}/callback"
    words = [*COMMAND, "connect", SELL, "mine", "--field", "clientId=x", "--redirect-uri", back, "--wait", "0"]
    env = environment(BROWSER=browser, SALES_CONNECTORS_CLIENT_SECRET="secret-of-client")
    ran = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, json.loads(ran.stdout)["error"]["code"]) == (3, "sign_in_timeout")
    assert "Open this address to sign in" in ran.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["sandbox", SELL, "--port", "0", "--seed", "100000000"], 2, "0<=x<=100000"),
        (["check", "refresh", "--threads", "1000000"], 2, "1<=x<=1000"),
        (["sandbox", SELL, "--port", "0", "--state", os.devnull], 9, "it is no file"),
    ],
)
def test_what_would_have_no_end_or_no_place_is_refused(words: list[str], code: int, told: str) -> None:
    ran = run(*words)
    assert (ran.code, told in ran.err) == (code, True)


# --- folders and files --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a%20b", "100%41", "what?now", "a#b", "ü 東", "x" * 200])
def test_a_home_may_be_called_as_it_likes(box: Box, tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    words = [*COMMAND, "connect", SELL, "mine", "--from", in_file(tmp_path / "given.json", box.connection)]
    ran = subprocess.run(words, env=environment(SALES_CONNECTORS_HOME=str(home)), capture_output=True, check=False)
    assert ran.returncode == 0
    assert {path.name for path in home.iterdir()} >= {"store.db", "key"}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "given.json"])


def test_a_home_whose_name_is_no_text_is_a_home(tmp_path: Path) -> None:
    def ask(home: bytes) -> tuple[int, Any]:
        env = {**os.environb, **{os.fsencode(key): os.fsencode(value) for key, value in environment().items()}}
        ran = subprocess.run(
            [*COMMAND, "connections"], env={**env, b"SALES_CONNECTORS_HOME": home}, capture_output=True, check=False
        )
        return ran.returncode, json.loads(ran.stdout)

    assert ask(os.fsencode(tmp_path) + b"/h\xff") == (0, {"connections": []})
    assert os.path.exists(os.fsencode(tmp_path) + b"/h\xff/store.db")
    code, told = ask(b"/dev/null/h\xff")
    assert (code, told["error"]["code"]) == (9, "store_unwritable")


def test_a_home_that_is_nowhere_is_told(tmp_path: Path) -> None:
    unknown = run_without_home({**environment(), "SALES_CONNECTORS_HOME": "~no-such-user/x"})
    homeless = {key: value for key, value in environment().items() if not key.endswith(("HOME", "STORE"))}
    for error in (unknown, run_without_home(homeless)):
        assert error["type"] == "ConfigurationError"
        assert "SALES_CONNECTORS_HOME" in error["message"]


def run_without_home(variables: dict[str, str]) -> Any:
    """What ``connections`` says to a user whom the machine does not know, as a container may have."""
    program = (
        "import pwd, sys\n"
        "def unknown(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = unknown\n"
        "sys.argv = ['sales-connectors', 'connections', '--json']\n"
        "from sales_connectors.__main__ import main\n"
        "main()"
    )
    ran = subprocess.run([COMMAND[0], "-c", program], env=variables, capture_output=True, text=True, check=False)
    return json.loads(ran.stdout)["error"]


@pytest.mark.usefixtures("thing")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_connection_file_may_carry_a_mark(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "given.json"
    file.touch(0o600)
    file.write_bytes(json.dumps(CONNECTION).encode(encoding))
    ran = run(*GET, "-c", f"@{file}")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.filterwarnings("default::RuntimeWarning")
@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL, errno.EBADF])
def test_a_file_system_without_locks_is_warned_of(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(handle: Any, operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    given = in_file(tmp_path / "given.json", {**box.connection, "token": {**box.token(), "expires_at": 1}})
    ran = run("run", SELL, "listPipelines", "-c", given)
    assert ran.code == 0
    assert ran.err.startswith("warning:")
    assert "cannot be locked" in ran.err


def test_a_lock_is_taken_on_a_file_that_is_open_for_writing(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS refuses any other."""
    real = fcntl.flock

    def lock_as_nfs_does(handle: Any, operation: int) -> None:
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        real(handle, operation)

    monkeypatch.setattr(fcntl, "flock", lock_as_nfs_does)
    given = in_file(tmp_path / "given.json", {**box.connection, "token": {**box.token(), "expires_at": 1}})
    ran = run("run", SELL, "listPipelines", "-c", given)
    assert (ran.code, ran.err) == (0, "")


# --- proxies ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "proxy", "words"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:9", "requests[socks]"),
        ("HTTPS_PROXY", "http://", "is no address of a proxy"),
        ("HTTPS_PROXY", "foo://127.0.0.1:9", "is no address of a proxy"),
        ("https_proxy", "http://127.0.0.1:abc", "is no address of a proxy"),
        ("HTTPS_PROXY", "http://me:hush#hush@127.0.0.1:9", "%23"),
        ("HTTPS_PROXY", "http://me:hush/hush@127.0.0.1:9", "%2F"),
        ("HTTPS_PROXY", "http://[127.0.0.1:9", "is no address of a proxy"),
        ("HTTPS_PROXY", "socks5h://me:hush@proxy.example:1080", "(socks5h://proxy.example:1080)"),
    ],
)
def test_a_proxy_that_cannot_be_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, proxy: str, words: str
) -> None:
    monkeypatch.setenv(variable, proxy)
    monkeypatch.setitem(sys.modules, "socks", None)
    ran = run(*GET, "-c", in_file(tmp_path / "given.json", CONNECTION))
    assert (ran.code, ran.error["code"], ran.error["fix"]) == (9, "proxy", "admin")
    assert variable in ran.error["message"]
    assert words in ran.error["message"]
    assert "hush" not in ran.out + ran.err


@pytest.mark.usefixtures("thing")
@pytest.mark.parametrize("proxy", ["127.0.0.1:9", "http://me:p%23@127.0.0.1:9", "https://proxy.example"])
def test_a_proxy_that_can_be_one_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert run(*GET, "-c", in_file(tmp_path / "given.json", CONNECTION)).code == 0


# --- a folder that is gone ----------------------------------------------------------------------------


def test_a_folder_that_is_gone_is_told_where_it_is_needed(box: Box, account: str, tmp_path: Path) -> None:
    def ask(*words: str) -> tuple[int, str, str]:
        line = 'mkdir here && cd here && rmdir ../here && exec "$@"'
        command = ["bash", "-c", line, "bash", *COMMAND, *words]
        ran = subprocess.run(
            command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False, timeout=60
        )
        return ran.returncode, ran.stdout, ran.stderr

    poll = ("poll", SELL, "pollChangesTrigger", "-c", account, "-i", '{"pollResourceType": "deals"}')
    code, out, err = ask(*poll, "--state", "@state.json")
    assert (code, json.loads(out)["error"]["code"]) == (9, "state_file"), err
    assert ask(*poll)[0] == 0


# --- what the system gives, and who watches -----------------------------------------------------------


def test_files_that_are_used_up_are_no_defect() -> None:
    few = "import resource, runpy; resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5));"
    program = f"{few} runpy.run_module('sales_connectors', run_name='__main__')"
    words = [COMMAND[0], "-c", program, "completion", "bash"]
    ran = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    error = json.loads(ran.stdout)["error"]
    assert (ran.returncode, error["type"], error["code"]) == (9, "ConfigurationError", "resources")
    assert "Too many open files" in error["message"]


@pytest.mark.parametrize(
    ("replaced", "failure", "words"),
    [
        ("create_connection", OSError(errno.EMFILE, "all used"), "Too many open files"),
        ("threading.Thread.start", RuntimeError("can't start new thread"), "can't start new thread"),
    ],
)
def test_what_the_system_does_not_give_is_not_the_services_fault(
    things: Toy, monkeypatch: pytest.MonkeyPatch, replaced: str, failure: Exception, words: str
) -> None:
    def refuse(*given: Any, **named: Any) -> None:
        raise failure

    monkeypatch.setattr(f"sales_connectors.transport.connections.{replaced}", refuse)
    with pytest.raises(ConfigurationError, match=words) as raised:
        things.at("http://localhost:9").run("getThing", {"id": 7}, retries=0)
    assert raised.value.code == "resources"


class Wordless(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


class Nameless:
    def __call__(self, entry: Any) -> None:
        raise Wordless

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"no {name}")


def test_an_observer_that_cannot_even_fail_properly_costs_no_result(
    things: Toy, web: responses.RequestsMock, recwarn: pytest.WarningsRecorder
) -> None:
    web.add("POST", "https://toy.example/things", json={"id": 7})
    assert things.run("createThing", {"name": "Lamp"}, onDebug=Nameless()) == {"data": {"id": 7}}
    assert [str(warned.message) for warned in recwarn] == ["Nameless raised Wordless; the call goes on"]


@pytest.mark.filterwarnings("error")
def test_nothing_is_lost_over_a_warning_that_is_raised(
    things: Toy, web: responses.RequestsMock, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with ``python -W error``."""
    told: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *others: told.append(str(message)))
    web.add("POST", "https://toy.example/things", json={"id": 7})

    def fail(entry: Any) -> None:
        raise ValueError("no room")

    assert things.run("createThing", {"name": "Lamp"}, onDebug=fail) == {"data": {"id": 7}}
    things.runtime.store.connections.save("mine", "toy-service", {"key": "token", **CONNECTION})
    (home / "key").chmod(0o644)
    assert Store(home=home).connections.get("mine").token == CONNECTION["token"]
    assert told[0] == "fail raised ValueError: no room; the call goes on"
    assert told[1].startswith("Other users could read")
