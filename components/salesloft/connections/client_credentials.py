"""Salesloft over OAuth 2.0 for a private application, with the rights of the admin who enabled it."""

from sales_connectors.sdk import Inputs, OAuth, Service

from ._service import build_service


def connection(fields: Inputs) -> Service:
    """Nobody signs in, and no token is refreshed: the application asks for another one."""
    oauth = OAuth(
        authorize_url="",
        token_url=fields["tokenUrl"],
        client_id=fields.get("clientId", ""),
        client_secret=fields.get("clientSecret", ""),
        scope=fields.get("scope"),
        scope_field="scope",
        client_auth="body",
        grant="client_credentials",
    )
    return build_service(fields, oauth)
