"""Custom fields: ``custom1`` to ``custom150``, each a text whose label and type the organization has chosen.

What it has chosen is told at ``/types``, and texts that do not fit are refused.
"""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from sales_connectors.imitation import Reply, Request, Route
from sales_connectors.imitation.kit import Wrong, read_day

from .attributes import LONGEST_CUSTOM, NUMBER, Attribute, read_moment, text
from .errors import write_document

PHONE = re.compile(r"\+?[0-9 ().-]{3,30}")
URL = re.compile(r"https?://\S+")


class Definition(NamedTuple):
    """What an organization says of one of its fields."""

    label: str
    type: str
    definition: Any = None  # the options of a list, or a currency
    required: bool = False


DEFINITIONS: Mapping[str, Mapping[str, Definition]] = {
    "account": {
        "custom1": Definition("Customer Segment", "inclusion", ["Enterprise", "Mid-market", "Small business"]),
        "custom2": Definition("Renewal Date", "date"),
        "custom3": Definition("Contract Value", "currency", "USD"),
    },
    "opportunity": {
        "custom1": Definition("Competitors", "multi_inclusion", ["Globex", "Initech", "Umbrella"]),
        "custom2": Definition("Discount", "percentage"),
        "custom3": Definition("Signed", "boolean"),
    },
    "prospect": {
        "custom1": Definition("Lead Score", "numerical"),
        "custom2": Definition("Favourite Colour", "string"),
        "custom3": Definition("Assistant's Phone", "phone_number"),
        "custom4": Definition("Portfolio", "url"),
        "custom5": Definition("Last Webinar", "date_time"),
    },
}
"""The sandbox's own organization."""


def build_custom_fields(type: str, most: int) -> dict[str, Attribute]:
    """The custom fields of a type, by name."""
    defined = DEFINITIONS.get(type, {})
    names = [f"custom{number}" for number in range(1, most + 1)]
    return {
        name: text(longest=LONGEST_CUSTOM, check=partial(_check, defined[name]) if name in defined else None)
        for name in names
    }


def list_types(request: Request) -> Reply:
    """Every custom field that means something; in this list nothing has an id, and types begin with a capital."""
    data = [
        {"type": type.capitalize(), "meta": {"validations": {name: _describe(one) for name, one in defined.items()}}}
        for type, defined in DEFINITIONS.items()
    ]
    return write_document(200, {"data": data})


def _describe(one: Definition) -> dict[str, Any]:
    return {"type": one.type, "required": one.required, "label": one.label, "definition": one.definition}


def _check(one: Definition, value: str) -> str:
    """A text that its field takes (inferred: how each type reads its texts)."""
    if value and not CHECKS[one.type](value, one.definition):
        raise Wrong(f"is not a valid {one.type}")
    return value


def _is_moment(value: str, definition: Any) -> bool:
    read_moment(value)
    return True


CHECKS: Mapping[str, Callable[[str, Any], bool]] = {
    "boolean": lambda value, definition: value in ("true", "false"),
    "currency": lambda value, definition: bool(NUMBER.fullmatch(value)),
    "date": lambda value, definition: read_day(value) is not None,
    "date_time": _is_moment,
    "inclusion": lambda value, options: value in options,
    "multi_inclusion": lambda value, options: set(value.split(";")) <= set(options),
    "numerical": lambda value, definition: bool(NUMBER.fullmatch(value)),
    "percentage": lambda value, definition: bool(NUMBER.fullmatch(value)),
    "phone_number": lambda value, definition: bool(PHONE.fullmatch(value)),
    "string": lambda value, definition: True,
    "url": lambda value, definition: bool(URL.fullmatch(value)),
}
ROUTES = [Route("GET", "/api/v2/types", list_types)]
