"""Salesloft with an API key, in the name of the user who issued it."""

from collections.abc import Mapping
from typing import Any

from sales_connectors.sdk import Inputs, NotAuthenticated, Request, Service, sign_with_bearer

from ._service import build_service


def connection(fields: Inputs) -> Service:
    """The key signs as a token does; one that is handed over as the token is taken as well."""

    def sign(request: Request, token: Mapping[str, Any]) -> Request:
        key = token.get("access_token") or fields.get("apiKey")
        if not key:
            raise NotAuthenticated("This connection has no API key", code="no_token")
        return sign_with_bearer(request, {"access_token": key})

    return build_service(fields, None, sign)
