"""Secrets at rest: everything that the store must not show is sealed before it is written."""

import hashlib
import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError, warn
from ..files import Draft, protect_secrets
from ..lazy import cached_property
from .database import Database, Run
from .home import make_folder

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

KEY_PROOF = b"sales-connectors"
SEALED_PATTERN = re.compile("g[A-P][A-Za-z0-9_-]{60,}=*")
FIRST_MARK = 1 << 63
"""Marks of places stand where the seal has room for a time, and no time is so late; earlier versions wrote the time
there, and take no notice of it."""
READ_PROOF = "SELECT value FROM sales_connectors_about WHERE name = 'key'"
READ_OLDER = "SELECT value FROM sales_connectors_about WHERE name = 'older_keys'"
KEEP_PROOF = "INSERT INTO sales_connectors_about (name, value) VALUES ('key', :proof) ON CONFLICT (name) DO NOTHING"


class Vault:
    """Seals JSON with one key.  The store knows its key by a proof, so a wrong one never mixes with the right one."""

    def __init__(self, database: Database, home: Path, key: bytes | None) -> None:
        self._database, self._given = database, key
        self.file = home / "key"

    def seal(self, value: Any, place: str) -> str:
        """A value sealed for its row and column; moved to another place it does not open."""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=float)
        return self._fernet.encrypt_at_time(text.encode(), _compute_mark(place)).decode()

    def open(self, sealed: str, place: str, former: str | None = None) -> Any:
        """What was sealed for this place, or for the ``former`` one where an earlier version put it."""
        from cryptography.fernet import InvalidToken

        if not isinstance(sealed, str):  # SQLite keeps bytes and numbers in any column
            raise _unreadable_error(place)
        try:
            opener, content = self._fernet, self._fernet.decrypt(sealed)
        except (InvalidToken, ValueError):
            opener = self._find_other(sealed, place)
            content = opener.decrypt(sealed)
        mark = opener.extract_timestamp(sealed)
        if mark >= FIRST_MARK and mark not in map(_compute_mark, filter(None, (place, former))):
            raise _unreadable_error(place)
        return json.loads(content)

    def move(self, sealed: str, place: str, new_place: str, former: str | None = None) -> str:
        """The same value, sealed for another place."""
        return self.seal(self.open(sealed, place, former), new_place) if self.is_sealed(sealed) else sealed

    @staticmethod
    def is_sealed(text: object) -> bool:
        """Whether it is a text that was sealed, rather than written in clear by an earlier version."""
        return isinstance(text, str) and SEALED_PATTERN.fullmatch(text) is not None

    def prove_key(self) -> bytes:
        """The key; ConfigurationError where it is not that of the store."""
        return self._proven

    def _find_other(self, sealed: str, place: str) -> "Fernet":
        """What opens a value that our key does not.

        The store may have been given a new key since we began, which a key file holds; and who had not heard of that
        sealed with one of the older keys, which the store keeps.
        """
        self.forget_key()
        for one in (self._fernet, *self._older):
            if opens(one, sealed):
                return one
        raise _unreadable_error(place)

    def forget_key(self) -> None:
        """Look for the key again when it is needed again."""
        for name in ("_proven", "_fernet", "_older"):
            self.__dict__.pop(name, None)

    @cached_property
    def _fernet(self) -> "Fernet":
        return build_fernet(self._proven)

    @cached_property
    def _proven(self) -> bytes:
        key = self.find_key()
        fernet = build_fernet(key)
        self._database.run(KEEP_PROOF, {"proof": fernet.encrypt(KEY_PROOF).decode()})
        proof = self._read_proof() or ""
        if opens(fernet, proof):
            return key
        adopted = None if self.is_given else self._adopt_key(proof)
        if adopted is None:
            raise _wrong_key_error(self.file)
        return adopted

    @cached_property
    def _older(self) -> "list[Fernet]":
        """The keys that the store had before: a process that began under one of them seals with it until it ends."""
        return [build_fernet(key) for key in read_older_keys(self._database.run, self._fernet)]

    def _adopt_key(self, proof: str) -> bytes | None:
        """The key of this store from beside the file: one that somebody had no more time to put into its place, or one
        that had to give way there to that of another store with the same home."""
        for file in self.file.parent.glob(f"{self.file.name}.*-*"):
            try:
                key = file.read_bytes().strip()
                if not opens(build_fernet(key), proof):
                    continue
            except (OSError, ConfigurationError):
                continue
            if file.name.startswith(f"{self.file.name}.new-"):
                put_key(file, self.file)
            return key
        return None

    @property
    def is_given(self) -> bool:
        """Whether the key comes from whoever runs us, and not from the file."""
        return bool(self._given or os.environ.get("SALES_CONNECTORS_KEY", "").strip())

    def find_key(self) -> bytes:
        given = self._given or os.fsencode(os.environ.get("SALES_CONNECTORS_KEY", "").strip())
        return given or self._read() or self._make_key()

    def _make_key(self) -> bytes:
        """A new key, unless the store has secrets already that it could not open."""
        from cryptography.fernet import Fernet

        if self._read_proof() is not None:
            # another process may have made the key and the proof since we looked
            return self._read() or _raise(_lost_key_error(self.file))
        make_folder(self.file.parent)
        key = Fernet.generate_key()
        try:
            with Draft(self.file) as draft:
                return key if draft.link(key) else self._read()
        except OSError as error:
            raise ConfigurationError(
                f"The key file {self.file} cannot be made ({error.strerror}). Make its folder writable, or set"
                " SALES_CONNECTORS_KEY",
                code="store_unwritable",
            ) from error

    def _read(self) -> bytes:
        try:
            if message := protect_secrets(self.file):
                warn(message)
            return self.file.read_bytes().strip()
        except (FileNotFoundError, NotADirectoryError):
            return b""
        except OSError as error:
            raise ConfigurationError(
                f"The key file {self.file} cannot be read ({error.strerror}). Make it readable, or set"
                " SALES_CONNECTORS_KEY",
                code="store_key",
            ) from error

    def _read_proof(self) -> str | None:
        rows = self._database.run(READ_PROOF, {})
        return rows[0][0] if rows else None


def name_beside(file: Path, kind: str, key: bytes) -> Path:
    """Where a key lies that is to be, or was, in the key file."""
    return file.with_name(f"{file.name}.{kind}-{hashlib.sha256(key).hexdigest()[:16]}")


def put_key(new: Path, file: Path) -> None:
    """Put a key into its place.  What was there stays beside it: another store may have no other copy of its key."""
    with suppress(FileNotFoundError):  # another process did the same
        content, old = new.read_bytes().strip(), file.read_bytes().strip()
        if old and old != content:
            with Draft(name_beside(file, "old", old)) as draft:
                draft.replace(old)
    with suppress(FileNotFoundError):
        new.replace(file)


def _compute_mark(place: str) -> int:
    """The place as a number for the seal, which covers it."""
    return int.from_bytes(hashlib.sha256(place.encode("utf-8", "surrogatepass")).digest()[:8], "big") | FIRST_MARK


def _unreadable_error(place: str) -> ConfigurationError:
    """The key is right, by its proof; the entry is damaged, or belongs elsewhere."""
    return ConfigurationError(
        f"An entry of the store ({place}) is damaged, or was moved there from another place. Restore the store from a"
        " copy, or sign in again",
        code="store_corrupt",
    )


def read_older_keys(run: Run, fernet: "Fernet") -> list[bytes]:
    """The keys that the store had before, sealed with the one that it has."""
    rows = run(READ_OLDER, {})
    return [key.encode() for key in json.loads(fernet.decrypt(rows[0][0]))] if rows else []


def opens(fernet: "Fernet", sealed: str) -> bool:
    from cryptography.fernet import InvalidToken

    try:
        fernet.decrypt(sealed)
    except (InvalidToken, ValueError):
        return False
    return True


def build_fernet(key: bytes) -> "Fernet":
    from cryptography.fernet import Fernet

    try:
        return Fernet(key)
    except ValueError as error:
        raise ConfigurationError(
            "The key of the store is not one: it must be 32 bytes in URL-safe base64, as written by"
            ' python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"',
            code="store_key",
        ) from error


def _wrong_key_error(file: Path) -> ConfigurationError:
    return ConfigurationError(
        "The secrets in the store were sealed with another key. Set SALES_CONNECTORS_KEY to the right one, or put it"
        f" into {file}; machines that share a store share its key too. Where the store was given a new key, take that"
        " and start this program again",
        code="store_key",
    )


def _lost_key_error(file: Path) -> ConfigurationError:
    return ConfigurationError(
        f"The store has secrets, but its key {file} is gone. Restore it, or set SALES_CONNECTORS_KEY; without the key,"
        " use another store and sign in again",
        code="store_key",
    )


def _raise(error: ConfigurationError) -> bytes:
    raise error
