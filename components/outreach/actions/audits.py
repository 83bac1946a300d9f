"""Audits: who did what in the account: https://developers.outreach.io/api/reference/tag/AuditLog/

The service has moved them: ``/audits`` became ``/auditLogs``, with other attributes and a scope of its own.  An account
that still has the old list is read there, any other one from the new list.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sales_connectors.sdk import Context, Inputs, InvalidInput, NotAllowed, NotFound, Pages

from ._jsonapi import Resource, list_records

AUDIT = Resource("audit", "audits", newest="timestamp")
AUDIT_LOG = Resource("auditLog", "auditLogs", newest="timestamp")
NEW_FIELDS = {"userEmail": "agent"}
"""Where the new list has what the old one calls otherwise."""


def list_audits(ctx: Context, inputs: Inputs) -> Pages:
    """List audits, newest first: those of the new list too have the address of whoever did it as ``userEmail``."""
    return _join_lists(list_records(ctx, AUDIT, inputs), list_records(ctx, AUDIT_LOG, _rename_fields(inputs)))


def _join_lists(old: Pages, new: Pages) -> Pages:
    """The old list where there is one, or else the new one."""

    def fetch(cursor: Any) -> Any:
        if cursor == old.first:
            return _ask_either(lambda: old.fetch(cursor), lambda: new.fetch(new.first))
        return _add_addresses(old.fetch(cursor))  # an address, which says by itself which list it belongs to

    one, other = old.begun, new.begun
    begun = (lambda: _join_lists(one(), other())) if one and other else None
    return replace(old, fetch=fetch, asked=lambda: _ask_either(old.asked, new.asked), begun=begun)


def _rename_fields(inputs: Inputs) -> Inputs:
    if "fields" not in inputs:
        return inputs
    return {**inputs, "fields": [*dict.fromkeys(NEW_FIELDS.get(name, name) for name in inputs["fields"])]}


def _ask_either(ask_old: Callable[[], Any], ask_new: Callable[[], Any]) -> Any:
    """The old list where there is one, or else the new one; who may read neither is told of the new one."""
    try:
        return ask_old()
    except (InvalidInput, NotAllowed, NotFound):
        return _add_addresses(ask_new())


def _add_addresses(page: Any) -> Any:
    """A page of the new list with the address of the agent where the old list has it."""
    for record in page["data"] if isinstance(page, Mapping) and isinstance(page.get("data"), list) else ():
        attributes = record.get("attributes") if isinstance(record, Mapping) else None
        agent = attributes.get("agent") if isinstance(attributes, dict) else None
        if isinstance(attributes, dict) and isinstance(agent, Mapping) and "email" in agent:
            attributes.setdefault("userEmail", agent["email"])
    return page
