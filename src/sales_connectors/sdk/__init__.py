"""All that a component imports: what its handlers receive, return and raise.

A component's connection describes a vendor (:class:`Service`); its actions, data sources and triggers are functions
that take a :class:`Context` and the inputs.
"""

from ..errors import (
    ConfigurationError,
    Conflict,
    InvalidInput,
    InvalidResponse,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    SalesError,
    Unavailable,
)
from .change_lists import ChangeList, poll_list, select_kinds
from .change_memory import (
    ChangeMemory,
    Records,
    Stamps,
    find_horizon,
    invalid_state_error,
    is_behind,
    parse_time,
)
from .client import Client, parse_pairs
from .context import Context, Inputs
from .effect import Effect
from .envelope import Envelope
from .handlers import ActionHandler, Changes, ConnectionHandler, DataSourceHandler, FindHandler, TriggerHandler
from .jwt import sign_jwt
from .oauth import OAuth
from .pages import Pages, Walk
from .picklist import Option, Picklist
from .raw_request import read_raw_body, send_raw_request, tell_raw_response
from .request import Repeat, Request, Response, add_content_type, sign_with_bearer
from .service import Caller, Service, VendorError, VendorFault
from .text import fold_text, format_name, read_count, shorten, to_snake_case
from .waiting import parse_wait

__all__ = [
    "ActionHandler",
    "Caller",
    "ChangeList",
    "ChangeMemory",
    "Changes",
    "Client",
    "ConfigurationError",
    "Conflict",
    "ConnectionHandler",
    "Context",
    "DataSourceHandler",
    "Effect",
    "Envelope",
    "FindHandler",
    "Inputs",
    "InvalidInput",
    "InvalidResponse",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "OAuth",
    "Option",
    "Pages",
    "Picklist",
    "RateLimited",
    "Records",
    "Repeat",
    "Request",
    "Response",
    "SalesError",
    "Service",
    "Stamps",
    "TriggerHandler",
    "Unavailable",
    "VendorError",
    "VendorFault",
    "Walk",
    "add_content_type",
    "find_horizon",
    "fold_text",
    "format_name",
    "invalid_state_error",
    "is_behind",
    "parse_pairs",
    "parse_time",
    "parse_wait",
    "poll_list",
    "read_count",
    "read_raw_body",
    "select_kinds",
    "send_raw_request",
    "shorten",
    "sign_jwt",
    "sign_with_bearer",
    "tell_raw_response",
    "to_snake_case",
]
