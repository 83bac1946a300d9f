"""Accounts to choose from."""

from sales_connectors.sdk import Context, Inputs, Picklist

from ._lists import Record, append_hint, build_picklist, name_record, read_field


def select_account(ctx: Context, inputs: Inputs) -> Picklist:
    """Every account that is named; the service lists no other ones."""
    return build_picklist(ctx, "accounts", "account", label_account, fields="name,domain", searchable=True)


def label_account(account: Record) -> str:
    """The name with the domain, which tells two companies of one name apart."""
    return append_hint(name_record(account), read_field(account, "domain"))
