"""How a vendor signs people in, as a component's connection says it."""

from dataclasses import dataclass, field
from typing import Literal


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
