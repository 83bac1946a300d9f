"""Salesloft with an API key, in the name of the user who issued it."""

from collections.abc import Mapping
from typing import Any

from sales_connectors import Inputs, Service
from sales_connectors.errors import NotAuthenticated

from ._service import bearer, service


def connection(fields: Inputs) -> Service:
    """The key signs as a token does; one that is handed over as the token is taken as well."""

    def sign(token: Mapping[str, Any]) -> Mapping[str, str]:
        key = token.get("access_token") or fields.get("apiKey")
        if not key:
            raise NotAuthenticated("This connection has no API key", code="no_token")
        return bearer({"access_token": key})

    return service(fields, None, sign)
