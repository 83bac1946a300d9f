"""Whose account a token reaches, as the service says it: as a hash for the journal, as words for people."""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..sdk import Envelope
from ..unicode import strip_controls
from .connections import OpenConnection

NAME_FIELDS = (
    ("name",),
    ("display_name",),
    ("displayName",),
    ("first_name", "last_name"),
    ("firstName", "lastName"),
)
"""What services call a user; the first that is there is taken."""
EMAIL_FIELDS = ("email", "email_address")
MAX_NAME_CHARACTERS = 200


class Account(NamedTuple):
    """Whose the token is; None where nobody knows."""

    identity: str | None = None
    """Whose creates are journaled together."""
    name: str | None = None
    """What people call it."""


def identify_account(opened: OpenConnection, account: Any) -> str | None:
    """Whose creates are journaled together: who the service says that the token belongs to, and where; hashed."""
    who = opened.component.envelope.record_id(account)
    told = f"{opened.component.key}|{opened.service.api_url}|{who}"
    return None if who is None else hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def name_account(account: Any, envelope: Envelope) -> str:
    """Whom a service means by "who am I", in the words that it has for people."""
    fields = envelope.fields(account)
    name = next(filter(None, (_join(fields, names) for names in NAME_FIELDS)), "")
    email = next(filter(None, (_join(fields, [name]) for name in EMAIL_FIELDS)), "")
    known = " ".join(filter(None, [name, f"<{email}>" if email else ""]))
    return known[:MAX_NAME_CHARACTERS] or f"account {envelope.record_id(account) or 'without a name'}"


def _join(fields: Mapping[str, Any], names: tuple[str, ...] | list[str]) -> str:
    """What stands in these fields, on one line."""
    return " ".join(" ".join(strip_controls(str(fields[name])).split()) for name in names if fields.get(name))
