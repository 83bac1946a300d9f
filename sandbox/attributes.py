"""What an attribute may hold: how it is read from a payload and from a query, and how it is shown."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sales_connectors.imitation import Request

ADDRESS = ("line1", "city", "postal_code", "state", "country")
INTEGER = re.compile(r"-?\d+")
CURRENCY = re.compile(r"[A-Z]{3}")
LARGEST = 2**53  # beyond it JSON readers disagree about integers
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class Wrong(Exception):
    """A value that an attribute cannot hold: the code, what is wrong, and where inside the value."""

    def __init__(self, code: str, details: str, below: str = "") -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.below = below


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Kind:
    """A type of value.

    ``read`` takes what a payload brought, ``query`` the text of a filter; both give what is stored.  ``show`` turns
    that into what a record shows, ``stream`` into what an event shows where that differs.
    """

    name: str
    read: Callable[[Any], Any]
    query: Callable[[str], Any]
    show: Callable[[Any], Any] = _same
    stream: Callable[[Any], Any] | None = None


Default = Callable[[Request], Any]


@dataclass(frozen=True)
class Attribute:
    """An attribute of a resource."""

    kind: Kind
    required: bool = False
    nullable: bool = False
    read_only: bool = False
    create_only: bool = False
    hidden: bool = False  # stored, and shown in events only
    write_only: bool = False  # an instruction, never stored
    default: Any = None
    choices: Sequence[str] = ()
    refers_to: str | None = None  # the collection in which the value has to be an id
    minimum: int | None = None
    maximum: int | None = None

    def check(self, value: Any) -> None:
        """Hold a value that has been read against what this attribute allows."""
        if self.choices and value not in self.choices:
            raise Wrong("incorrect_value", f"must be one of: {', '.join(self.choices)}")
        if self.required and isinstance(value, str) and not value.strip():
            raise Wrong("blank", "must not be empty")
        if self.minimum is not None and value < self.minimum:
            raise Wrong("incorrect_value", f"must be greater than or equal to {self.minimum}")
        if self.maximum is not None and value > self.maximum:
            raise Wrong("incorrect_value", f"must be less than or equal to {self.maximum}")

    def initial(self, request: Request) -> Any:
        """The value of a record that was made without saying one."""
        if callable(self.default):
            return self.default(request)
        return list(self.default) if isinstance(self.default, list) else self.default


def moment(at: datetime) -> str:
    """A moment as the vendor writes it."""
    return at.astimezone(UTC).strftime(MOMENT)


def now(request: Request) -> str:
    return moment(request.clock.today())


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("invalid_type", "must be a string")
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("invalid_type", "must be a boolean")
    return value


def _integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong("invalid_type", "must be an integer")
    if abs(value) > LARGEST:
        raise Wrong("incorrect_value", "is out of range")
    return value


def _hundredths(value: Any) -> int:
    """An amount, kept in hundredths so that it sorts and adds up exactly."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("invalid_type", "must be a number or a string that holds one")
    try:
        amount = int((Decimal(str(value)) * 100).to_integral_value(ROUND_HALF_UP))  # inferred: decimals are rounded
    except (InvalidOperation, OverflowError, ValueError):
        raise Wrong("incorrect_value", "must be a decimal number") from None
    if abs(amount) > 100 * LARGEST:
        raise Wrong("incorrect_value", "is out of range")
    return amount


def _moment(value: Any) -> str:
    try:
        at = datetime.fromisoformat(_text(value))
    except ValueError:
        raise Wrong("incorrect_value", "must be a date and time in ISO 8601 format") from None
    if at.tzinfo is None:
        raise Wrong("incorrect_value", "must say its offset from UTC")  # inferred
    return moment(at)


def _date(value: Any) -> str:
    try:
        if len(_text(value)) != len("2026-01-31"):
            raise ValueError(value)
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Wrong("incorrect_value", "must be a date in the format YYYY-MM-DD") from None


def _currency(value: Any) -> str:
    if not CURRENCY.fullmatch(_text(value)):
        raise Wrong("incorrect_value", "must be a three-letter currency code")
    return str(value)


def _address(value: Any) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise Wrong("invalid_type", "must be an object")
    for key, part in value.items():
        if key not in ADDRESS:
            raise Wrong("unknown", f"an address has no {key}", f"/{key}")
        if part is not None and not isinstance(part, str):
            raise Wrong("invalid_type", "must be a string", f"/{key}")
    return {key: value.get(key) for key in ADDRESS}


def _names(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Wrong("invalid_type", "must be an array of strings")
    if not all(name.strip() for name in value):
        raise Wrong("blank", "a name must not be empty")
    return list(dict.fromkeys(value))


def _ids(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise Wrong("invalid_type", "must be an array of integers")
    return [_integer(item) for item in value]


def _prices(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(price, dict) for price in value):
        raise Wrong("invalid_type", "must be an array of objects")
    for index, price in enumerate(value):
        if set(price) != {"amount", "currency"}:
            raise Wrong("missing", "a price has an amount and a currency", f"/{index}")
    return [{"amount": _hundredths(price["amount"]), "currency": _currency(price["currency"])} for price in value]


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("invalid_type", "must be an object")
    return value


def decimal_text(hundredths: int | None) -> str | None:
    """``1230`` → ``"12.30"``."""
    return None if hundredths is None else f"{Decimal(hundredths) / 100:.2f}"


def _money(hundredths: int | None) -> int | str | None:
    """An integer where it is one, else text."""
    if hundredths is None or hundredths % 100:
        return decimal_text(hundredths)
    return hundredths // 100


def _with_text_amounts(prices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**price, "amount": decimal_text(price["amount"])} for price in prices]


def number_text(value: Any) -> Any:
    """The value of a custom field: a number is shown as text, as one reader of the vendor's replies reports."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{Decimal(str(value)).normalize():f}"


def _with_text_numbers(values: dict[str, Any]) -> dict[str, Any]:
    return {name: number_text(value) for name, value in values.items()}


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _number(text: str) -> int:
    if not INTEGER.fullmatch(text) or abs(int(text)) > LARGEST:
        raise ValueError("must be an integer")
    return int(text)


def _by(read: Callable[[Any], Any]) -> Callable[[str], Any]:
    """Read the text of a query as a payload's value would be."""

    def query(text: str) -> Any:
        try:
            return read(text)
        except Wrong as wrong:
            raise ValueError(wrong.details) from None

    return query


def _not_searchable(text: str) -> Any:
    raise ValueError("cannot be filtered by")


def _milliseconds(at: str | None) -> str | None:
    return at and at.replace("Z", ".000Z")


TEXT = Kind("text", _text, str)
BOOLEAN = Kind("boolean", _boolean, _flag)
NUMBER = Kind("integer", _integer, _number)
MONEY = Kind("money", _hundredths, _by(_hundredths), _money, decimal_text)
DECIMAL = Kind("decimal", _hundredths, _by(_hundredths), decimal_text)
DATETIME = Kind("datetime", _moment, _by(_moment))
PRECISE = Kind("datetime", _moment, _by(_moment), _milliseconds)
DATE = Kind("date", _date, _by(_date))
CODE = Kind("currency", _currency, str)
POSTAL = Kind("address", _address, _not_searchable)
TAGS = Kind("tags", _names, _not_searchable)
NAMES = Kind("names", _names, _not_searchable)
IDS = Kind("ids", _ids, _not_searchable)
PRICES = Kind("prices", _prices, _not_searchable, _with_text_amounts)
CUSTOM = Kind("custom_fields", _object, _not_searchable, _with_text_numbers)
OBJECT = Kind("object", _object, _not_searchable)


def record_attributes(*, creator: bool = True) -> dict[str, Attribute]:
    """The attributes that nearly every resource has and that nobody can write."""
    by = {"creator_id": Attribute(NUMBER, read_only=True, default=lambda request: request.user_id)} if creator else {}
    return {"id": Attribute(NUMBER, read_only=True), **by}


def times() -> dict[str, Attribute]:
    """When it was made and last changed."""
    return {name: Attribute(DATETIME, read_only=True, default=now) for name in ("created_at", "updated_at")}


def owner() -> Attribute:
    """A user; the one who asks, if nothing is said."""
    return Attribute(NUMBER, default=lambda request: request.user_id, refers_to="users")
