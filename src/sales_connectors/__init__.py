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
    from .doors.python.connector import Connected
    from .errors import SalesError
    from .options import Options
    from .runtime import Runtime, invoke, pick, poll
    from .typed import connect

_HOMES = {
    "Connected": ".doors.python.connector",
    "Options": ".options",
    "Runtime": ".runtime",
    "SalesError": ".errors",
    "connect": ".doors.python.connector",
    "invoke": ".runtime",
    "pick": ".runtime",
    "poll": ".runtime",
}

_MOVED = {
    **{
        name: (".sdk", name)
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
    "Problem": (".sdk", "VendorError"),
    "Reply": (".sdk", "Response"),
}
"""What components imported from here before they had a room of their own to import from."""

__all__ = ["Connected", "Options", "Runtime", "SalesError", "connect", "invoke", "pick", "poll"]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    if name in _MOVED:
        from warnings import warn

        home, now = _MOVED[name]
        warn(f"{__name__}.{name} is {__name__}{home}.{now} now", DeprecationWarning, stacklevel=2)
        return getattr(import_module(home, __name__), now)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
