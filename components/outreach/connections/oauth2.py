"""Outreach over OAuth 2.0: a user signs in and consents. https://developers.outreach.io/api/oauth/"""

from sales_connectors.sdk import Inputs, OAuth, Service

from ._service import build_service


def connection(fields: Inputs) -> Service:
    """The credentials travel in the body, and an application is given only scopes that it names."""
    oauth = OAuth(
        authorize_url=fields["authorizeUrl"],
        token_url=fields["tokenUrl"],
        client_id=fields.get("clientId", ""),
        client_secret=fields.get("clientSecret", ""),
        scope=fields["scopes"],
        client_auth="body",
    )
    return build_service(fields, oauth)
