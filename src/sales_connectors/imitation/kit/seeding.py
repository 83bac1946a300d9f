"""Entering the records of a new sandbox: small, made up, and the same every time."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random
from typing import Any, Generic

from ..clock import Clock
from ..exchange import Request, Token
from ..store import Document, Store
from .vendor import R, Vendor

COMPANIES = (
    ("Harbour Couriers", "Logistics"),
    ("Meadow Hotels", "Hospitality"),
    ("Cobalt Rentals", "Retail"),
    ("Larkfield Schools", "Education"),
)
"""The customers, with their industries."""
FIRST_NAMES = (
    "Ada", "Bruno", "Chloé", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Karolina", "Liam", "Mei",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tess", "Ursula", "Victor", "Wanda", "Yusuf", "Zofia",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Berg", "Castillo", "Dubois", "Eriksen", "Fontaine", "Grant", "Haddad", "Ito", "Jansen", "Kowalska",
    "Lund", "Moreau", "Novák", "O'Brien", "Patel", "Quiroga", "Rossi", "Schmidt", "Tanaka", "Usman", "van Dijk",
    "Weber", "Young",
)  # fmt: skip


def number_name(name: str, number: int) -> str:
    """The name of the same thing in the N-th company's worth of records."""
    return f"{name} {number + 1}" if number else name


def make_domain(name: str, number: int) -> str:
    """The domain of a company in the N-th company's worth of records."""
    return f"{name.split()[0].lower()}{number or ''}.example.com"


def make_mailbox(name: str) -> str:
    """What stands before the @ of somebody's address."""
    return name.lower().replace(" ", "").replace("'", "")


class History(Clock):
    """The time while the records are being made: it begins in the past and moves on a little with each of them."""

    def __init__(self, clock: Clock, *, begin: float, end: float, steps: int) -> None:
        """From ``begin`` to ``end``, both in seconds before now."""
        super().__init__()
        self._at = clock.now() - begin
        self._step = (begin - end) / steps

    def now(self) -> float:
        return self._at

    def move_on(self) -> None:
        self._at += self._step


@dataclass
class Writer(Generic[R]):
    """Whoever enters the records: one of ``users`` after the other, unless it is said which."""

    vendor: Vendor[R]
    store: Store
    history: History
    scopes: Sequence[str] = ()
    users: list[int] = field(default_factory=list)
    random: Random = field(default_factory=lambda: Random(0))

    def __post_init__(self) -> None:
        self._turn = count()
        for resource in self.vendor.resources.values():
            self.store.collection(resource.name, resource.first_id)

    def request(self, user: int | None = None) -> Request:
        """A request in the name of a user, by their place among the users."""
        user_id = self.users[(next(self._turn) if user is None else user) % len(self.users)] if self.users else 0
        token = Token("", user_id, frozenset(self.scopes))
        return Request("POST", "", [], {}, b"", "", self.store, self.history, token=token)

    def create(self, home: str, user: int | None = None, within: Document | None = None, /, **given: Any) -> Document:
        """Make a record as a client of the API would, so that it obeys the rules."""
        self.history.move_on()
        return self.vendor.create(self.request(user), self.vendor.resources[home], given, within)

    def enter(self, home: str, /, **record: Any) -> Document:
        """Put down a record that no client of the API can make."""
        self.history.move_on()
        return self.vendor.enter(self.request(), home, record, "interaction")

    def ids(self, home: str) -> list[int]:
        return [record["id"] for record in self.store.collection(home).find()]

    def pick(self, choices: Sequence[Any]) -> Any:
        return self.random.choice(choices)

    def pick_name(self) -> tuple[str, str]:
        """The first and the last name of somebody."""
        return self.pick(FIRST_NAMES), self.pick(LAST_NAMES)

    def later(self, days: float = 0) -> str:
        """A moment some days from when the record is made."""
        return self.vendor.format_moment(self.history.today() + timedelta(days=days))
