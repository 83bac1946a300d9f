"""Connector components for sales systems: typed, validated actions and searchable picklists over one connection.

>>> from sales_connectors import connect
>>> sell = connect("zendesk-sell", "my-account")
>>> contact = sell.createContact(isOrganization=True, name="Acme")

Everything is loaded when it is first used, so importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__ as __version__

if TYPE_CHECKING:
    from .doors.python.connector import Connector
    from .errors import (
        ConfigurationError,
        Conflict,
        InternalError,
        InvalidInput,
        InvalidResponse,
        NotAllowed,
        NotAuthenticated,
        NotFound,
        RateLimited,
        SalesError,
        Unavailable,
    )
    from .options import Options
    from .runtime import Runtime, invoke, pick, poll
    from .typed import connect

_HOMES = {
    "ConfigurationError": ".errors",
    "Conflict": ".errors",
    "Connector": ".doors.python.connector",
    "InternalError": ".errors",
    "InvalidInput": ".errors",
    "InvalidResponse": ".errors",
    "NotAllowed": ".errors",
    "NotAuthenticated": ".errors",
    "NotFound": ".errors",
    "Options": ".options",
    "RateLimited": ".errors",
    "Runtime": ".runtime",
    "SalesError": ".errors",
    "Unavailable": ".errors",
    "connect": ".doors.python.connector",
    "invoke": ".runtime",
    "pick": ".runtime",
    "poll": ".runtime",
}

_DEPRECATED_NAMES = {
    **{
        name: (f"{__name__}.sdk", name)
        for name in (
            "Client",
            "Context",
            "Inputs",
            "OAuth",
            "Option",
            "Pages",
            "Picklist",
            "Repeat",
            "Service",
            "VendorFault",
        )
    },
    "Connected": (__name__, "Connector"),
    "Problem": (f"{__name__}.sdk", "VendorError"),
    "Reply": (f"{__name__}.sdk", "Response"),
}
"""What had another name, and what components imported from here before they had a room of their own for that."""

__all__ = [
    "ConfigurationError",
    "Conflict",
    "Connector",
    "InternalError",
    "InvalidInput",
    "InvalidResponse",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "Options",
    "RateLimited",
    "Runtime",
    "SalesError",
    "Unavailable",
    "connect",
    "invoke",
    "pick",
    "poll",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    if name in _DEPRECATED_NAMES:
        from warnings import warn

        home, now = _DEPRECATED_NAMES[name]
        warn(f"{__name__}.{name} is {home}.{now} now", DeprecationWarning, stacklevel=2)
        return getattr(import_module(home), now)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
