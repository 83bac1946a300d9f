"""Custom fields: what the account has defined, and what they may hold."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sales_connectors.imitation import Condition

from .attributes import DATE, DATETIME, LARGEST, POSTAL, Wrong, number_text


@dataclass(frozen=True)
class CustomField:
    """The definition of one custom field."""

    id: int
    name: str
    type: str
    choices: tuple[str, ...] = ()
    filterable: bool = True
    for_organisation: bool = True
    for_contact: bool = True

    @property
    def can_be_filtered(self) -> bool:
        """The vendor filters by these types only, and only where the account wants it."""
        return self.filterable and self.type in ("string", "number", "list", "multi_select_list")

    def numbered_choices(self) -> list[dict[str, Any]]:
        return [{"id": self.id * 100 + number, "name": name} for number, name in enumerate(self.choices, 1)]


def _shared(first: int) -> tuple[CustomField, ...]:
    """Fields that contacts, leads and deals have alike."""
    return (
        CustomField(first, "external_id", "string"),
        CustomField(first + 1, "known_via", "string"),
        CustomField(first + 2, "preferred_contact", "list", ("email", "phone", "visit")),
        CustomField(first + 3, "referral_website", "string"),
    )


DEFINITIONS: dict[str, tuple[CustomField, ...]] = {
    "contact": (
        *_shared(610001),
        CustomField(610011, "Interests", "multi_select_list", ("Golf", "Sailing", "Music", "Food")),
        CustomField(610012, "Employees", "number", for_contact=False),
        CustomField(610013, "Newsletter", "bool", filterable=False),
        CustomField(610014, "Birthday", "date", filterable=False, for_organisation=False),
        CustomField(610015, "Billing e-mail", "email", filterable=False),
        CustomField(610016, "About", "text", filterable=False),
    ),
    "lead": (
        *_shared(620001),
        CustomField(620011, "Score", "number"),
        CustomField(620012, "Products of interest", "multi_select_list", ("Starter", "Team", "Enterprise")),
        CustomField(620013, "Call me", "bool", filterable=False),
        CustomField(620014, "Landing page", "url", filterable=False),
    ),
    "deal": (
        *_shared(630001),
        CustomField(630011, "Contract", "list", ("Monthly", "Yearly", "Perpetual")),
        CustomField(630012, "Competitors", "multi_select_list", ("Acme", "Globex", "Initech")),
        CustomField(630013, "Seats", "number"),
        CustomField(630014, "Renewal", "date", filterable=False),
        CustomField(630015, "Kick-off", "datetime", filterable=False),
        CustomField(630016, "Pilot", "bool", filterable=False),
        CustomField(630017, "Site", "address", filterable=False),
    ),
    "prospect_and_customer": (
        CustomField(640001, "Segment", "list", ("Small business", "Mid-market", "Enterprise")),
        CustomField(640002, "Customer number", "string"),
    ),
}
BY_NAME = {kind: {field.name: field for field in defined} for kind, defined in DEFINITIONS.items()}
# Prospects and customers are contacts, so their fields stand among a contact's values (inferred).
BY_NAME["contact"] = {**BY_NAME["contact"], **BY_NAME["prospect_and_customer"]}


def custom_values(resource_type: str, given: dict[str, Any]) -> dict[str, Any]:
    """Read the custom fields of a payload; those that it does not name keep their values."""
    return {name: _read(resource_type, name, value) for name, value in given.items()}


def _read(resource_type: str, name: str, value: Any) -> Any:
    defined = BY_NAME.get(resource_type, {}).get(name)
    if defined is None:
        raise Wrong("unknown", f"there is no custom field {name}", f"/{name}")
    if value is None:
        return None
    try:
        return _fitted(defined, value)
    except Wrong as wrong:
        raise Wrong(wrong.code, wrong.details, f"/{name}{wrong.below}") from None


def _fitted(defined: CustomField, value: Any) -> Any:
    if defined.type == "multi_select_list":
        return _chosen(defined, value if isinstance(value, list) else None)
    if defined.type == "list":
        return _chosen(defined, [value])[0]
    if defined.type == "bool":
        return _of_type(value, bool, "must be a boolean")
    if defined.type == "number":
        return _number(value)
    if defined.type in READERS:
        return READERS[defined.type].read(value)
    return _of_type(value, str, "must be a string")


READERS = {"date": DATE, "datetime": DATETIME, "address": POSTAL}


def _of_type(value: Any, wanted: type, details: str) -> Any:
    if not isinstance(value, wanted):
        raise Wrong("invalid_type", details)
    return value


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("invalid_type", "must be a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Wrong("incorrect_value", "must be a number") from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise Wrong("incorrect_value", "is out of range")
    return int(number) if number == number.to_integral_value() else float(number)


def _chosen(defined: CustomField, names: list[Any] | None) -> list[Any]:
    if names is None or not all(isinstance(name, str) for name in names):
        raise Wrong(
            "invalid_type", "must be the name of a choice, or an array of such names where several may be chosen"
        )
    strange = [name for name in names if name not in defined.choices]
    if strange:
        raise Wrong("incorrect_value", f"no such choice: {', '.join(strange)}")
    return names


def filtered(resource_type: str, name: str, text: str) -> Condition:
    """The filter ``custom_fields[name]=text``; a ValueError says why there is none."""
    defined = BY_NAME.get(resource_type, {}).get(name)
    if defined is None or not defined.can_be_filtered:
        raise ValueError("there is no filterable custom field of this name")
    path = f"custom_fields.{name}"
    if defined.type == "multi_select_list":
        return Condition.holds(path, text)
    try:
        return Condition.equal(path, _number(text) if defined.type == "number" else text)
    except Wrong as wrong:
        raise ValueError(wrong.details) from None


def sortable(resource_type: str, name: str) -> bool:
    return name in BY_NAME.get(resource_type, {})


def as_events_have_them(resource_type: str, values: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Custom field values in the shape that event streams give them."""
    return [
        {
            "value": number_text(value),
            "custom_field": {"data": _named(resource_type, name), "meta": {"type": "custom_field"}},
        }
        for name, value in (values or {}).items()
        if value is not None and name in BY_NAME[resource_type]
    ]


def _named(resource_type: str, name: str) -> dict[str, Any]:
    defined = BY_NAME[resource_type][name]
    return {"id": defined.id, "name": name, "resource_type": resource_type, "type": defined.type}


def search_name(kind: str, defined: CustomField) -> str:
    return f"custom_fields.contact:{defined.id}" if kind == "contact" else f"custom_fields.{defined.id}"
