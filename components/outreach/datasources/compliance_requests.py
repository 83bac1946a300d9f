"""Compliance requests to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, format_time, read_field


def select_compliance_request(ctx: Context, inputs: Inputs) -> Picklist:
    """Every compliance request, in the order of the service, which sorts them by nothing."""
    fields = "objectType,state,createdAt"
    return build_picklist(ctx, "complianceRequests", "complianceRequest", label_request, fields=fields, sort=None)


def label_request(request: Record) -> str:
    """What is to be erased, when that was asked for, and how far it is."""
    what = f"{read_field(request, 'objectType') or 'Request'} {request['id']}"
    return append_hint(what, format_time(read_field(request, "createdAt")), read_field(request, "state"))
