"""Recipients of mailings."""

from hashlib import sha256

from sales_connectors.imitation.kit import ALL, Change

from .attributes import boolean, choice, moment, text
from .relationships import one
from .resources import Resource, sign
from .vendor import build_routes


def _settle(change: Change) -> None:
    sign(change)
    if change.moves("value"):
        change.record["emailHash"] = hash_address(change.record["value"])


def hash_address(address: str | None) -> str | None:
    """Stands for an address where the address itself is not to be told (inferred: how)."""
    return sha256(address.strip().lower().encode()).hexdigest() if address else None


RECIPIENTS = Resource(
    type="recipient",
    fields={
        "createdAt": moment("R"),
        "emailHash": text(),
        "primary": boolean(),
        "recipientType": choice("", "to", "cc", "bcc"),
        "updatedAt": moment("R"),
        "value": text(),
        "prospect": one("prospect"),
        "user": one("user"),
    },
    settle=_settle,
)
ROUTES = build_routes(RECIPIENTS, *ALL)
