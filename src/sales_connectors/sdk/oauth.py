"""How a vendor signs people in, as a component's connection says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .request import Request


@dataclass(frozen=True)
class OAuth:
    """One vendor's OAuth 2.0, with the client that the user registered there."""

    authorize_url: str
    token_url: str
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    client_field: str = "clientId"
    """The connection field that the client's id stands in."""
    revoke_url: str | None = None
    scope: str | None = None
    scope_field: str = "scopes"
    """The connection field that the scopes stand in, where it has one."""
    pkce: bool = False
    """Whether the vendor takes a proof key (RFC 7636)."""
    client_auth: Literal["basic", "body"] = "basic"
    """Where the vendor expects the client's id and secret."""
    redirect_uri: str = "http://127.0.0.1:8765/callback"
    grant: Literal["authorization_code", "client_credentials", "signed_request"] = "authorization_code"
    """``signed_request`` is a vendor's own way: who signs a request as only the application can is given a token."""
    sign_request: Callable[[Request], Request] | None = None
    """For that grant: the request for a token with its signature."""
    read_token: Callable[[Any], Any] = lambda answer: answer
    """The token in the JSON of an answer, its parts called as RFC 6749 calls them; None where there is none."""

    @property
    def has_own_tokens(self) -> bool:
        """Whether the client gets its tokens by itself, and nothing is spent by that."""
        return self.grant != "authorization_code"

    def can_renew(self, token: Mapping[str, Any]) -> bool:
        """Whether the token that follows this one can be got without asking anybody."""
        if self.has_own_tokens:
            return bool(self.client_id and self.client_secret)
        return bool(token.get("refresh_token") and self.client_id)
