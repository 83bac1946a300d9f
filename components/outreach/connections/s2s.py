"""Outreach by an application of its own, in nobody's name: https://developers.outreach.io/api/s2s-api-access/"""

import time
from collections.abc import Mapping
from typing import Any

from sales_connectors.sdk import Inputs, InvalidInput, OAuth, Request, Service, sign_jwt, sign_with_bearer

from ._service import build_service

SIGNATURE_SECONDS = 3600
"""Seconds for which the application's own token is good."""
ACCESS_SECONDS = 3600
"""Seconds for which the access token is good that it is exchanged for; the answer does not say."""


def connection(fields: Inputs) -> Service:
    """The application signs a token of its own and gets one for the installation; nobody signs in."""
    url = f"{fields['apiUrl'].rstrip('/')}/api/app/installs/{fields.get('installId', '')}/actions/accessToken"

    def sign_request(request: Request) -> Request:
        if not fields.get("installId"):
            message = "is missing: a token is given for one installation of the application"
            raise InvalidInput(
                f"installId {message}",
                code="invalid_connection",
                fields=[{"path": "/fields/installId", "message": message}],
            )
        now = int(time.time())
        claims = {"iss": fields.get("s2sGuid"), "iat": now, "exp": now + SIGNATURE_SECONDS}
        return sign_with_bearer(request, {"access_token": sign_jwt(claims, fields.get("privateKey", ""))})

    oauth = OAuth(
        authorize_url="",
        token_url=url,
        client_id=fields.get("s2sGuid", ""),
        client_field="s2sGuid",
        client_secret=fields.get("privateKey", ""),
        grant="signed_request",
        sign_request=sign_request,
        read_token=read_token,
    )
    return build_service(fields, oauth)


def read_token(answer: Any) -> dict[str, Any] | None:
    """The token in ``data.meta``."""
    data = answer.get("data") if isinstance(answer, Mapping) else None
    meta = data.get("meta") if isinstance(data, Mapping) else None
    if not isinstance(meta, Mapping):
        return None
    return {"access_token": meta.get("accessToken"), "token_type": "Bearer", "expires_in": ACCESS_SECONDS}
