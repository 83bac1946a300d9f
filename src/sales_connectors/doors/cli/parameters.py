"""What is given on the command line as text, as @FILE or on standard input.

Other processes can read a command line, so JSON with a secret in it is deprecated there.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...clock import SYSTEM_CLOCK
from ...errors import ConfigurationError, InvalidInput, SalesError, hide_tokens, quote_name, quote_value
from ...files import Draft, check_replaceable, protect_secrets
from ...inputs.coerce import escape_pointer
from ...jsontext import loads_strict
from ...manifest import Component
from ...runtime import Connection, default_runtime
from ...runtime.given import CONNECTION_PARTS
from ...unicode import decode_file
from .options import CONNECTION_VARIABLE
from .output import ErrorAfterResult, warn

CONNECTION_EXAMPLE = "{key, fields, token}"
OPENINGS = ("@", "{")
"""How a connection begins that is no name; ``-`` is none either."""
MAX_EMPTY_SECONDS = 30.0
"""Seconds to wait for a file with a connection that is still empty."""
EMPTY_PAUSE_SECONDS = 0.05
MIN_TOKEN_LENGTH = 8
"""Characters of an input that may be a token; shorter ones are codes and the like."""


def parse_inputs(text: str | None, pairs: Sequence[str] = ()) -> dict[str, Any]:
    """The inputs of a call, one entry for each: those of ``--input`` and those that stand there as ``name=value``.

    A value stays the text that it is until the form says what it means.
    """
    typed = _parse_pairs(pairs)
    whole = _parse_whole(text)
    if twice := next((name for name in typed if name in whole), None):
        raise _twice_error(twice, "as name=value and in --input")
    if _hold_token(typed):
        _warn_of_secret("--input", "an input")
    return {**whole, **typed}


def _parse_whole(text: str | None) -> dict[str, Any]:
    """The value of ``--input``: an object; nothing is the empty one."""
    if text is None:
        return {}
    if text == "-":
        return _parse_object(read_stdin(), "standard input")
    if text.startswith("@"):
        return _parse_object(_read_file(text[1:], "--input"), text)
    inputs = _parse_object(text.encode(), "--input")
    if _hold_token(inputs):
        _warn_of_secret("--input")
    return inputs


def _parse_pairs(pairs: Sequence[str]) -> dict[str, str]:
    inputs: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name:
            raise InvalidInput(
                f"{hide_tokens(quote_value(pair))} is no input: an input is given as name=value, or all of them as"
                """ JSON: --input '{"name": value}'""",
                code="usage",
                fix="maintainer",
            )
        if name in inputs:
            raise _twice_error(name, "as name=value, twice")
        if not value:
            raise _empty_error(name)
        inputs[name] = value
    return inputs


def _empty_error(name: str) -> InvalidInput:
    """Empty text is sent nowhere, so that a field would stay as it is that somebody meant to clear."""
    shown = quote_name(name).strip("'")
    return InvalidInput(
        f"{shown}= is empty, and empty text is not sent. Leave it out; to clear the field:"
        f""" --input '{{"{shown}": null}}'""",
        fields=[{"path": f"/{escape_pointer(name)}", "message": "is empty"}],
    )


def _twice_error(name: str, how: str) -> InvalidInput:
    return InvalidInput(
        f"{quote_name(name)} is given in two ways: {how}. Give it once",
        fields=[{"path": f"/{escape_pointer(name)}", "message": "is given in two ways"}],
    )


def _hold_token(inputs: Mapping[str, Any]) -> bool:
    """Whether an input looks like a token, which a command line shows to others."""
    return any(len(secret) >= MIN_TOKEN_LENGTH and secret.split() == [secret] for secret in _find_secrets(inputs))


# --- connections ------------------------------------------------------------------------------------


def resolve_connection(component: Component, given: str | None) -> Connection:
    """The value of ``--connection``: a kept name as it is, everything else opened; without it the component's default.

    The token of a file is refreshed in place; one that came as text is not, since nobody would keep the new one.
    """
    if given is None:
        return default_runtime().kept.find_default(component.key)
    if not _is_described(given):
        return given
    given = given.strip()
    if given.startswith("@") and os.path.isfile(given[1:]):
        return _open_file(component, Path(given[1:]))
    return select_part(component.key, read_connection(given))


def read_connection(given: str, option: str = "--connection") -> dict[str, Any]:
    """A connection in a file, a pipe or, deprecated, as JSON text."""
    if given == "-":
        return _parse_object(read_stdin(), "standard input", CONNECTION_EXAMPLE, float)
    if given.startswith("@"):
        content = _read_filled(given[1:], option)
        connection = _parse_object(content, given, CONNECTION_EXAMPLE, float)
        protect_file(Path(given[1:]), connection)
        return connection
    connection = _parse_object(given.encode(), option, CONNECTION_EXAMPLE, float)
    if _stands_on_command_line(given) and any(_find_secrets(connection)):
        _warn_of_secret(option)
    return connection


def select_part(component: str, whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """The connection that is meant: of what a sandbox prints, ``{component: connection}``, the component's own."""
    part = whole.get(component)
    if isinstance(part, Mapping):
        return part
    if (
        whole
        and all(isinstance(other, Mapping) for other in whole.values())
        and whole.keys().isdisjoint(CONNECTION_PARTS)
    ):
        raise InvalidInput(
            f"These are connections of {', '.join(map(quote_name, whole))}; none of {component} is among them",
            code="invalid_connection",
        )
    return whole


def _read_filled(path: str, option: str) -> bytes:
    """The content of a file; one that is still empty is waited for, since a sandbox that was just started fills it."""
    ends = SYSTEM_CLOCK.monotonic() + MAX_EMPTY_SECONDS
    while not (content := _read_file(path, option, ConfigurationError)) and os.path.isfile(path):
        if SYSTEM_CLOCK.monotonic() >= ends:
            raise ConfigurationError(
                f"{option}: the file {path!r} is still empty after {MAX_EMPTY_SECONDS:g} s. Look at what is to fill it",
                code="connection_file",
                fix="builder",
            )
        SYSTEM_CLOCK.sleep(EMPTY_PAUSE_SECONDS)
    return content


def _warn_of_secret(option: str, holder: str | None = None) -> None:
    warn(
        f"{holder or option} holds a secret, which other processes can read on the command line. That is deprecated:"
        f" use {option} @FILE, or {option} - for standard input"
    )


def protect_file(path: Path, content: Any) -> None:
    """Let nobody else read a file with secrets in it, and say so."""
    if any(_find_secrets(content)) and (message := protect_secrets(path)):
        warn(message)


def _find_secrets(content: Any) -> Iterable[str]:
    from ...transport.redact import find_secrets

    return find_secrets(content)


def _stands_on_command_line(given: str) -> bool:
    """Whether a value was typed there; that of a variable is nobody else's to read."""
    return given != os.environ.get(CONNECTION_VARIABLE, "").strip()


def _is_described(given: str) -> bool:
    """Whether a value of ``--connection`` is more than a name."""
    return given.strip() == "-" or given.lstrip().startswith(OPENINGS)


def _open_file(component: Component, path: Path) -> Connection:
    from ...auth.token_files import FileTokens

    whole = read_connection(f"@{path}")
    given = select_part(component.key, whole)
    tokens = FileTokens(path, whole, part=None if given is whole else component.key)
    named = {"name": str(path.resolve()), **given}
    return default_runtime().connections.open(component, named, tokens=tokens)


def name_connection(given: str | None) -> str | None:
    """What to call the connection in an error; text may hold secrets."""
    from ...runtime.connections import GIVEN_NAME

    return GIVEN_NAME if given and _is_described(given) else given


# --- the state of a trigger -------------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """What the last poll returned, and the file that is to hold what this one returns."""

    value: Any = None
    file: Path | None = None

    @classmethod
    def parse(cls, text: str | None) -> "State":
        """The value of ``--state``; a file that does not exist yet, or is empty, stands for the first poll."""
        if text is None:
            return cls()
        if not text.startswith("@"):
            return cls(_parse_json(text.encode(), "--state"))
        try:
            path = Path(os.path.realpath(text[1:]))
            check_replaceable(path)
        except OSError as error:  # or the folder that we are in is gone
            raise _unwritable_error(Path(text[1:]), error) from error
        content = _read_file(text[1:], "--state").strip() if os.path.exists(path) else b""
        return cls(_parse_json(content, text) if content else None, path)

    @contextmanager
    def open_replacement(self) -> Iterator["NewState"]:
        """Make sure before the poll that the file can be written after it."""
        if self.file is None:
            yield NewState(None, None)
            return
        try:
            draft = Draft(self.file, _read_mode(self.file))
        except OSError as error:
            raise _unwritable_error(self.file, error) from error
        with draft:
            yield NewState(self.file, draft)


@dataclass(frozen=True)
class NewState:
    """Where the new state goes, if it goes anywhere."""

    file: Path | None
    draft: Draft | None

    def keep(self, state: Any) -> None:
        """Replace the file as a whole; the result is out already."""
        if self.file is None or self.draft is None:
            return
        from ... import jsontext

        try:
            self.draft.replace(jsontext.dumps(state, indent=2) + b"\n")
        except OSError as error:
            raise ErrorAfterResult(_unwritable_error(self.file, error)) from error


def _read_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777 if os.path.exists(path) else 0o666


def _unwritable_error(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"The state file {path} cannot be written: {error.strerror}. Without it, the next poll repeats this one",
        code="state_file",
        fix="builder",
    )


# --- text, files and JSON ---------------------------------------------------------------------------


def read_stdin() -> bytes:
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise InvalidInput(f"Standard input cannot be read: {error.strerror}", code="unreadable_file") from error


def _read_file(path: str, option: str, refused: type[SalesError] = InvalidInput) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        message = f"{option}: the file {path!r} cannot be read: {error.strerror}"
        raise refused(message, code="unreadable_file", fix="builder") from error


def _parse_object(
    content: bytes, place: str, example: str = '{"name": "Acme"}', fraction: type[Decimal] | type[float] = Decimal
) -> dict[str, Any]:
    value = _parse_json(content, place, fraction)
    if not isinstance(value, dict):
        raise _invalid_json_error(f"{place} must hold a JSON object such as {example}, not {_describe_kind(value)}")
    return value


def _parse_json(content: bytes, place: str, fraction: type[Decimal] | type[float] = Decimal) -> Any:
    """Strict JSON; a number with a fraction may keep every digit.  What is wrong is said without quoting it."""
    try:
        text = decode_file(content)
    except UnicodeError as wrong:
        raise _invalid_json_error(f"{place} is not JSON: it is not all Unicode text") from wrong
    try:
        return loads_strict(text, fraction=fraction)
    except ValueError as wrong:
        raise _invalid_json_error(f"{place} is not JSON: {wrong}{_suggest_file(place, text)}") from wrong


def _describe_kind(value: Any) -> str:
    kinds: Mapping[type, str] = {list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _suggest_file(place: str, text: str) -> str:
    return " (a file is given as @FILE)" if place.startswith("--") and text.lstrip()[:1] not in ("{", "[") else ""


def _invalid_json_error(message: str) -> InvalidInput:
    return InvalidInput(message, code="invalid_json")
