"""How a vendor signs people in, as a component's connection says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class OAuth:
    """One vendor's OAuth 2.0, with the client that the user registered there."""

    authorize_url: str
    token_url: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    revoke_url: str | None = None
    scope: str | None = None
    pkce: bool = False
    """Whether the vendor takes a proof key (RFC 7636)."""
    client_auth: Literal["basic", "body"] = "basic"
    """Where the vendor expects the client's id and secret."""
    redirect_uri: str = "http://127.0.0.1:8765/callback"
    grant: Literal["authorization_code", "client_credentials"] = "authorization_code"

    def can_renew(self, token: Mapping[str, Any]) -> bool:
        """Whether the token that follows this one can be got without asking anybody."""
        if self.grant == "client_credentials":
            return bool(self.client_id and self.client_secret)
        return bool(token.get("refresh_token") and self.client_id)
