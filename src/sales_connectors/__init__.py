"""Connector components for sales systems: typed, validated actions and searchable picklists over one connection.

>>> from sales_connectors import connect
>>> sell = connect("zendesk-sell", "my-account")
>>> contact = sell.createContact(isOrganization=True, name="Acme")

Everything is loaded when it is first used, so importing the package costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api import Connected
    from .auth.signin import OAuth
    from .context import Context, Inputs
    from .errors import SalesError
    from .options import Options
    from .paging import Pages
    from .picklists import Option, Picklist
    from .runtime import Runtime, invoke, pick, poll
    from .service import Problem, Service, VendorFault
    from .transport.client import Client
    from .transport.request import Repeat, Reply
    from .typed import connect

_HOMES = {
    "Client": ".transport.client",
    "Connected": ".api",
    "Context": ".context",
    "Inputs": ".context",
    "OAuth": ".auth.signin",
    "Option": ".picklists",
    "Options": ".options",
    "Pages": ".paging",
    "Picklist": ".picklists",
    "Problem": ".service",
    "Repeat": ".transport.request",
    "Reply": ".transport.request",
    "Runtime": ".runtime",
    "SalesError": ".errors",
    "Service": ".service",
    "VendorFault": ".service",
    "connect": ".api",
    "invoke": ".runtime",
    "pick": ".runtime",
    "poll": ".runtime",
}

__all__ = [
    "Client",
    "Connected",
    "Context",
    "Inputs",
    "OAuth",
    "Option",
    "Options",
    "Pages",
    "Picklist",
    "Problem",
    "Repeat",
    "Reply",
    "Runtime",
    "SalesError",
    "Service",
    "VendorFault",
    "connect",
    "invoke",
    "pick",
    "poll",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
