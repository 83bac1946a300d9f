"""What an attribute may hold: how it is read from a payload and from a query, and how it is shown."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from sales_connectors.imitation import Request
from sales_connectors.imitation.kit import Field, Wrong, read_day

ADDRESS = ("line1", "city", "postal_code", "state", "country")
INTEGER = re.compile(r"-?[0-9]{1,16}")
CURRENCY = re.compile(r"[A-Z]{3}")
LARGEST = 2**53  # beyond it JSON readers disagree about integers
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def _leave_alone(value: Any) -> Any:
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
    show: Callable[[Any], Any] = _leave_alone
    stream: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class Attribute(Field):
    """An attribute of a resource; a hidden one is shown in events only."""

    kind: Kind
    required: bool = False
    nullable: bool = False
    read_only: bool = False
    create_only: bool = False
    choices: Sequence[str] = ()
    minimum: int | None = None
    maximum: int | None = None

    def check(self, value: Any) -> None:
        """Hold a value that has been read against what this attribute allows."""
        if self.choices and value not in self.choices:
            raise Wrong(f"must be one of: {', '.join(self.choices)}", "incorrect_value")
        if self.required and isinstance(value, str) and not value.strip():
            raise Wrong("must not be empty", "blank")
        if self.minimum is not None and value < self.minimum:
            raise Wrong(f"must be greater than or equal to {self.minimum}", "incorrect_value")
        if self.maximum is not None and value > self.maximum:
            raise Wrong(f"must be less than or equal to {self.maximum}", "incorrect_value")

    def show(self, request: Request, value: Any) -> Any:
        return self.kind.show(value)


def format_moment(at: datetime) -> str:
    """A moment as the vendor writes it."""
    return at.astimezone(UTC).strftime(MOMENT)


def _read_text(value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("must be a string", "invalid_type")
    return value


def _read_boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("must be a boolean", "invalid_type")
    return value


def _read_integer(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong("must be an integer", "invalid_type")
    if abs(value) > LARGEST:
        raise Wrong("is out of range", "incorrect_value")
    return value


def _read_hundredths(value: Any) -> int:
    """An amount, kept in hundredths so that it sorts and adds up exactly."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("must be a number or a string that holds one", "invalid_type")
    try:
        amount = Decimal(str(value))
    except (InvalidOperation, ValueError):
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise Wrong("must be a decimal number", "incorrect_value")
    if abs(amount) > LARGEST:
        raise Wrong("is out of range", "incorrect_value")
    return int((amount * 100).to_integral_value(ROUND_HALF_UP))  # inferred: decimals are rounded


def _read_moment(value: Any) -> str:
    text = _read_text(value)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong("must be a date and time in ISO 8601 format", "incorrect_value") from None
    if at.tzinfo is None:
        raise Wrong("must say its offset from UTC", "incorrect_value")  # inferred
    try:
        return format_moment(at)
    except OverflowError:  # the first or the last day of all, elsewhere
        raise Wrong("is out of range", "incorrect_value") from None


def _read_date(value: Any) -> str:
    day = read_day(_read_text(value))
    if day is None:
        raise Wrong("must be a date in the format YYYY-MM-DD", "incorrect_value")
    return day


def _read_currency(value: Any) -> str:
    if not CURRENCY.fullmatch(_read_text(value)):
        raise Wrong("must be a three-letter currency code", "incorrect_value")
    return str(value)


def _read_address(value: Any) -> dict[str, str | None]:
    if not isinstance(value, dict):
        raise Wrong("must be an object", "invalid_type")
    for key, part in value.items():
        if key not in ADDRESS:
            raise Wrong(f"an address has no {key}", "unknown", f"/{key}")
        if part is not None and not isinstance(part, str):
            raise Wrong("must be a string", "invalid_type", f"/{key}")
    return {key: value.get(key) for key in ADDRESS}


def _read_names(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise Wrong("must be an array of strings", "invalid_type")
    if not all(name.strip() for name in value):
        raise Wrong("a name must not be empty", "blank")
    return list(dict.fromkeys(value))


def _read_ids(value: Any) -> list[int]:
    if not isinstance(value, list):
        raise Wrong("must be an array of integers", "invalid_type")
    return [_read_integer(item) for item in value]


def _read_prices(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(price, dict) for price in value):
        raise Wrong("must be an array of objects", "invalid_type")
    for index, price in enumerate(value):
        if set(price) != {"amount", "currency"}:
            raise Wrong("a price has an amount and a currency", "missing", f"/{index}")
    return [
        {"amount": _read_hundredths(price["amount"]), "currency": _read_currency(price["currency"])} for price in value
    ]


def _read_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong("must be an object", "invalid_type")
    return value


def format_decimal(hundredths: int | None) -> str | None:
    """``1230`` → ``"12.30"``."""
    return None if hundredths is None else f"{Decimal(hundredths) / 100:.2f}"


def _show_money(hundredths: int | None) -> int | str | None:
    """An integer where it is one, else text."""
    if hundredths is None or hundredths % 100:
        return format_decimal(hundredths)
    return hundredths // 100


def _show_prices(prices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**price, "amount": format_decimal(price["amount"])} for price in prices]


def format_number(value: Any) -> Any:
    """The value of a custom field: a number is shown as text, as one reader of the vendor's replies reports."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{Decimal(str(value)).normalize():f}"


def _show_custom_fields(values: dict[str, Any]) -> dict[str, Any]:
    return {name: format_number(value) for name, value in values.items()}


def _parse_flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise Wrong("must be true or false")
    return text == "true"


def _parse_number(text: str) -> int:
    if not INTEGER.fullmatch(text) or abs(int(text)) > LARGEST:
        raise Wrong("must be an integer")
    return int(text)


def _refuse_filter(text: str) -> Any:
    raise Wrong("cannot be filtered by")


def _show_milliseconds(at: str | None) -> str | None:
    return at and at.replace("Z", ".000Z")


TEXT = Kind("text", _read_text, str)
BOOLEAN = Kind("boolean", _read_boolean, _parse_flag)
NUMBER = Kind("integer", _read_integer, _parse_number)
MONEY = Kind("money", _read_hundredths, _read_hundredths, _show_money, format_decimal)
DECIMAL = Kind("decimal", _read_hundredths, _read_hundredths, format_decimal)
DATETIME = Kind("datetime", _read_moment, _read_moment)
PRECISE = Kind("datetime", _read_moment, _read_moment, _show_milliseconds)
DATE = Kind("date", _read_date, _read_date)
CODE = Kind("currency", _read_currency, str)
POSTAL = Kind("address", _read_address, _refuse_filter)
TAGS = Kind("tags", _read_names, _refuse_filter)
NAMES = Kind("names", _read_names, _refuse_filter)
IDS = Kind("ids", _read_ids, _refuse_filter)
PRICES = Kind("prices", _read_prices, _refuse_filter, _show_prices)
CUSTOM = Kind("custom_fields", _read_object, _refuse_filter, _show_custom_fields)
OBJECT = Kind("object", _read_object, _refuse_filter)


def record_attributes(*, creator: bool = True) -> dict[str, Attribute]:
    """The attributes that nearly every resource has and that nobody can write."""
    by = {"creator_id": Attribute(NUMBER, read_only=True, default=lambda request: request.user_id)} if creator else {}
    return {"id": Attribute(NUMBER, read_only=True), **by}


def times() -> dict[str, Attribute]:
    """When it was made and last changed."""
    return {name: Attribute(DATETIME, read_only=True) for name in ("created_at", "updated_at")}


def owner() -> Attribute:
    """A user; the one who asks, if nothing is said."""
    return Attribute(NUMBER, default=lambda request: request.user_id, links="users")
