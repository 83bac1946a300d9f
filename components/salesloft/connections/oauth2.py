"""Salesloft over OAuth 2.0: a user of the team signs in and consents."""

from sales_connectors.sdk import Inputs, OAuth, Service

from ._service import build_service


def connection(fields: Inputs) -> Service:
    """The credentials travel in the body; scopes are chosen where the application is registered."""
    oauth = OAuth(
        authorize_url=fields["authorizeUrl"],
        token_url=fields["tokenUrl"],
        client_id=fields.get("clientId", ""),
        client_secret=fields.get("clientSecret", ""),
        client_auth="body",
    )
    return build_service(fields, oauth)
