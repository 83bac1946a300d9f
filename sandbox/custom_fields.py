"""Custom fields: what the account has defined, and what they may hold."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sales_connectors.imitation import Condition
from sales_connectors.imitation.kit import Wrong

from .attributes import DATE, DATETIME, LARGEST, POSTAL, format_number


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


def _define_shared(first: int) -> tuple[CustomField, ...]:
    """Fields that contacts, leads and deals have alike."""
    return (
        CustomField(first, "external_id", "string"),
        CustomField(first + 1, "known_via", "string"),
        CustomField(first + 2, "preferred_contact", "list", ("email", "phone", "visit")),
        CustomField(first + 3, "referral_website", "string"),
    )


DEFINITIONS: dict[str, tuple[CustomField, ...]] = {
    "contact": (
        *_define_shared(610001),
        CustomField(610011, "Interests", "multi_select_list", ("Golf", "Sailing", "Music", "Food")),
        CustomField(610012, "Employees", "number", for_contact=False),
        CustomField(610013, "Newsletter", "bool", filterable=False),
        CustomField(610014, "Birthday", "date", filterable=False, for_organisation=False),
        CustomField(610015, "Billing e-mail", "email", filterable=False),
        CustomField(610016, "About", "text", filterable=False),
    ),
    "lead": (
        *_define_shared(620001),
        CustomField(620011, "Score", "number"),
        CustomField(620012, "Products of interest", "multi_select_list", ("Starter", "Team", "Enterprise")),
        CustomField(620013, "Call me", "bool", filterable=False),
        CustomField(620014, "Landing page", "url", filterable=False),
    ),
    "deal": (
        *_define_shared(630001),
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


def read_custom_fields(resource_type: str, given: dict[str, Any]) -> dict[str, Any]:
    """Read the custom fields of a payload; those that it does not name keep their values."""
    return {name: _read(resource_type, name, value) for name, value in given.items()}


def _read(resource_type: str, name: str, value: Any) -> Any:
    defined = BY_NAME.get(resource_type, {}).get(name)
    if defined is None:
        raise Wrong(f"there is no custom field {name}", "unknown", f"/{name}")
    if value is None:
        return None
    try:
        return _read_value(defined, value)
    except Wrong as wrong:
        raise Wrong(wrong.details, wrong.code, f"/{name}{wrong.below}") from None


def _read_value(defined: CustomField, value: Any) -> Any:
    if defined.type == "multi_select_list":
        return _read_choices(defined, value if isinstance(value, list) else None)
    if defined.type == "list":
        return _read_choices(defined, [value])[0]
    if defined.type == "bool":
        return _check_type(value, bool, "must be a boolean")
    if defined.type == "number":
        return _read_number(value)
    if defined.type in READERS:
        return READERS[defined.type].read(value)
    return _check_type(value, str, "must be a string")


READERS = {"date": DATE, "datetime": DATETIME, "address": POSTAL}


def _check_type(value: Any, wanted: type, details: str) -> Any:
    if not isinstance(value, wanted):
        raise Wrong(details, "invalid_type")
    return value


def _read_number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Wrong("must be a number", "invalid_type")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Wrong("must be a number", "incorrect_value") from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise Wrong("is out of range", "incorrect_value")
    return int(number) if number == number.to_integral_value() else float(number)


def _read_choices(defined: CustomField, names: list[Any] | None) -> list[Any]:
    if names is None or not all(isinstance(name, str) for name in names):
        raise Wrong(
            "must be the name of a choice, or an array of such names where several may be chosen", "invalid_type"
        )
    strange = [name for name in names if name not in defined.choices]
    if strange:
        raise Wrong(f"no such choice: {', '.join(strange)}", "incorrect_value")
    return names


def build_filter(resource_type: str, name: str, text: str) -> Condition:
    """The filter ``custom_fields[name]=text``; a Wrong says why there is none."""
    defined = BY_NAME.get(resource_type, {}).get(name)
    if defined is None or not defined.can_be_filtered:
        raise Wrong("there is no filterable custom field of this name")
    path = f"custom_fields.{name}"
    if defined.type == "multi_select_list":
        return Condition.holds(path, text)
    return Condition.equal(path, _read_number(text) if defined.type == "number" else text)


def is_sortable(resource_type: str, name: str) -> bool:
    return name in BY_NAME.get(resource_type, {})


def list_event_values(resource_type: str, values: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Custom field values in the shape that event streams give them."""
    return [
        {
            "value": format_number(value),
            "custom_field": {"data": _describe(resource_type, name), "meta": {"type": "custom_field"}},
        }
        for name, value in (values or {}).items()
        if value is not None and name in BY_NAME[resource_type]
    ]


def _describe(resource_type: str, name: str) -> dict[str, Any]:
    defined = BY_NAME[resource_type][name]
    return {"id": defined.id, "name": name, "resource_type": resource_type, "type": defined.type}


def name_in_search(kind: str, defined: CustomField) -> str:
    return f"custom_fields.contact:{defined.id}" if kind == "contact" else f"custom_fields.{defined.id}"
