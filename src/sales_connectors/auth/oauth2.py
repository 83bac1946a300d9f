"""OAuth 2.0: getting a token in the browser, and every call to a token endpoint.

The protocol is authlib's, over ``requests``; both are loaded when they are used.  A reply of the token endpoint is
judged here before authlib reads it, since what is not a token must become an error that says who can mend it.
"""

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import parse_qs, urlsplit

from ..clock import SYSTEM, Clock
from ..errors import InvalidInput, InvalidResponse, NotAuthenticated, RateLimited, SalesError, Unavailable
from ..sdk.oauth import OAuth
from ..version import USER_AGENT
from .tokens import Token, next_token

if TYPE_CHECKING:
    from authlib.oauth2.client import OAuth2Client
    from requests import PreparedRequest, Response, Session

    from ..transport.redact import Redactor

TOKEN_CALL_TIMEOUTS = (5.0, 10.0)
"""Seconds to connect, and to wait for the next byte of an answer."""
MAX_TOKEN_CALL_SECONDS = 15.0
"""Seconds for the whole of it; with the wait for one last byte it is less than the lease of a refresh."""
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")

FIX_BY_ERROR = {
    "invalid_grant": "end_user",
    "access_denied": "end_user",
    "invalid_client": "admin",
    "unauthorized_client": "admin",
    "invalid_scope": "admin",
    "unsupported_grant_type": "maintainer",
    "unsupported_response_type": "maintainer",
    "invalid_request": "maintainer",
}
TRANSIENT_ERRORS = ("temporarily_unavailable", "server_error")


def can_renew(oauth: OAuth, token: Token) -> bool:
    """Whether a new token can be got without asking anybody."""
    if oauth.grant == "client_credentials":
        return bool(oauth.client_id and oauth.client_secret)
    return bool(token.get("refresh_token") and oauth.client_id)


def renew(oauth: OAuth, token: Token) -> Token:
    """The token that follows: one call to the token endpoint."""
    return fetch_client_token(oauth) if oauth.grant == "client_credentials" else refresh(oauth, token)


@dataclass(frozen=True)
class BegunSignIn:
    """A sign-in that has begun: where to send the browser, and what to hold against its return."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str | None = field(repr=False)
    redirect_uri: str


def begin_sign_in(oauth: OAuth, redirect_uri: str | None = None) -> BegunSignIn:
    """Begin a sign-in: ``url`` is to be opened in a browser."""
    _check_transport(oauth.authorize_url, "authorizeUrl")
    client = _build_client(oauth, None)
    verifier = secrets.token_urlsafe(48) if oauth.pkce else None
    back = redirect_uri or oauth.redirect_uri
    url, state = client.create_authorization_url(
        oauth.authorize_url, state=secrets.token_urlsafe(24), code_verifier=verifier, redirect_uri=back
    )
    return BegunSignIn(url, state, verifier, back)


def finish_sign_in(
    oauth: OAuth,
    begun: BegunSignIn,
    redirected_url: str,
    *,
    session: "Session | None" = None,
    clock: Clock = SYSTEM,
) -> Token:
    """Turn the address that the browser was sent back to into a token."""
    code = _parse_code(begun, redirected_url)
    proof = {"code_verifier": begun.verifier} if begun.verifier else {}

    def ask(client: "OAuth2Client", url: str) -> None:
        client.fetch_token(
            url,
            grant_type="authorization_code",
            code=code,
            redirect_uri=begun.redirect_uri,
            timeout=TOKEN_CALL_TIMEOUTS,
            allow_redirects=False,
            **proof,
        )

    return _fetch_token(oauth, None, ask, session, clock, [code, begun.verifier or ""])


def refresh(oauth: OAuth, token: Token, *, session: "Session | None" = None, clock: Clock = SYSTEM) -> Token:
    """Trade the refresh token in: one call to the token endpoint."""
    old = token.get("refresh_token")
    if not old:
        raise NotAuthenticated(
            "The token has ended, and there is no refresh token to get another one", code="no_refresh_token"
        )

    def ask(client: "OAuth2Client", url: str) -> None:
        client.refresh_token(url, refresh_token=old, timeout=TOKEN_CALL_TIMEOUTS, allow_redirects=False)

    # naming no scope keeps the scopes that the token has
    return _fetch_token(replace(oauth, scope=None), token, ask, session, clock, [old])


def fetch_client_token(oauth: OAuth, *, session: "Session | None" = None, clock: Clock = SYSTEM) -> Token:
    """A token for the client itself, where the vendor has such."""

    def ask(client: "OAuth2Client", url: str) -> None:
        client.fetch_token(url, grant_type="client_credentials", timeout=TOKEN_CALL_TIMEOUTS, allow_redirects=False)

    return _fetch_token(oauth, None, ask, session, clock, [])


def revoke(oauth: OAuth, token: Token, *, session: "Session | None" = None) -> None:
    """Tell the vendor that the token is no longer needed."""
    if not oauth.revoke_url:
        return
    old = token.get("refresh_token") or token.get("access_token")
    hint = "refresh_token" if token.get("refresh_token") else "access_token"

    def ask(client: "OAuth2Client", url: str) -> None:
        reply = client.revoke_token(
            url, token=old, token_type_hint=hint, timeout=TOKEN_CALL_TIMEOUTS, allow_redirects=False
        )
        if reply.status_code != 200:  # a success has no body that could be judged
            _parse_response(reply, _build_redactor(str(old), oauth.client_secret))

    _call_endpoint(oauth, oauth.revoke_url, "revokeUrl", ask, session)


def _fetch_token(
    oauth: OAuth,
    old: Token | None,
    ask: "Callable[[OAuth2Client, str], None]",
    session: "Session | None",
    clock: Clock,
    secret: Iterable[str],
) -> Token:
    """One call to the token endpoint, judged; the reply as the token that follows."""
    hidden = _build_redactor(*secret, oauth.client_secret)
    replies: list[dict[str, Any]] = []

    def judge(response: "Response") -> "Response":
        replies.append(_parse_response(response, hidden))
        return response

    def listen(client: "OAuth2Client", url: str) -> None:
        client.register_compliance_hook("access_token_response", judge)
        client.register_compliance_hook("refresh_token_response", judge)
        ask(client, url)

    asked_at = clock.now()
    _call_endpoint(oauth, oauth.token_url, "tokenUrl", listen, session)
    return next_token(old, replies[-1], asked_at)


def _call_endpoint(
    oauth: OAuth,
    url: str,
    name: str,
    ask: "Callable[[OAuth2Client, str], None]",
    session: "Session | None",
) -> None:
    import requests

    from .token_session import build_session as patient

    _check_transport(url, name)
    own = session or patient(MAX_TOKEN_CALL_SECONDS)
    own.headers["User-Agent"] = USER_AGENT
    try:
        ask(_build_client(oauth, own), url)
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "The client id or secret holds a character that cannot be sent", code="invalid_connection"
        ) from error
    except requests.RequestException as error:
        raise _unreachable_error(url, error) from None  # its text may hold the request
    finally:
        if session is None:
            own.close()


def _build_client(oauth: OAuth, session: "Session | None") -> "OAuth2Client":
    """authlib's client for a plain session; its own kind of session loads much that is not needed here."""
    from authlib.oauth2.auth import ClientAuth
    from authlib.oauth2.client import OAuth2Client

    class Auth(ClientAuth):  # type: ignore[misc]  # authlib has no types
        def __call__(self, request: "PreparedRequest") -> "PreparedRequest":
            signed = self.prepare(request.method, request.url, request.headers, request.body)
            request.url, request.headers, request.body = signed
            return request

    class Client(OAuth2Client):  # type: ignore[misc]  # authlib has no types
        client_auth_class = Auth
        SESSION_REQUEST_PARAMS = ("timeout", "allow_redirects")

    method = {"basic": "client_secret_basic", "body": "client_secret_post"}[oauth.client_auth]
    return Client(
        session,
        client_id=oauth.client_id,
        client_secret=oauth.client_secret,
        token_endpoint_auth_method=method if oauth.client_secret else "none",
        revocation_endpoint_auth_method=method if oauth.client_secret else "none",
        scope=oauth.scope,
        code_challenge_method="S256" if oauth.pkce else None,
    )


def _check_transport(url: str, name: str) -> None:
    """Secrets travel encrypted, or not beyond this machine."""
    scheme, host = url.partition("://")[0], _parse_host(url)
    if not host or (scheme != "https" and (scheme != "http" or host not in LOOPBACK_HOSTS)):
        raise InvalidInput(
            f"{name} must start with https://; http is accepted on this machine only",
            code="insecure_url",
            fix="maintainer",
            fields=[{"path": f"/fields/{name}", "message": "must start with https://"}],
        )


def _parse_code(begun: BegunSignIn, redirected_url: str) -> str:
    """The code in the address, if it answers the sign-in that we began."""
    answer = {name: values[0] for name, values in parse_qs(urlsplit(redirected_url.strip()).query).items()}
    state = answer.get("state")
    if state is not None and not hmac.compare_digest(state.encode(), begun.state.encode()):
        raise _aborted_sign_in_error("The browser came back from another sign-in. Begin again", "state_mismatch")
    if "error" in answer:
        reason = answer.get("error_description") or answer["error"]
        raise NotAuthenticated(
            f"The sign-in was not granted: {reason}",
            code=answer["error"],
            fix=FIX_BY_ERROR.get(answer["error"], "end_user"),
            vendor={name: answer[name] for name in ("error", "error_description") if name in answer},
        )
    if state is None or "code" not in answer:
        raise _aborted_sign_in_error(
            "This is not the address that the browser was sent back to: it has no code and state", "no_code"
        )
    return answer["code"]


def _parse_response(response: "Response", hidden: "Redactor") -> dict[str, Any]:
    """The JSON object of a good reply; everything else is raised as what it means."""
    payload = _parse_object(response)
    told: dict[str, Any] = {
        "status": response.status_code,
        "request_id": response.headers.get("X-Request-Id"),
        "vendor": hidden.value(payload),
    }
    host = _parse_host(response.url)
    if response.status_code == 429:
        raise RateLimited(
            f"{host} limits how often tokens are asked for", retry_after=_parse_retry_after(response), **told
        )
    if response.status_code >= 500 or response.status_code == 408:
        raise Unavailable(f"{host} answered {response.status_code} when it was asked for a token", **told)
    if payload is not None and payload.get("error"):
        raise _refusal_error(payload, host, hidden, told)
    if response.status_code != 200 or not _is_token(payload):
        raise InvalidResponse(
            f"{host} answered {response.status_code} when it was asked for a token, but not with one. Check tokenUrl",
            **told,
        )
    return payload


def _is_token(payload: Mapping[str, Any] | None) -> TypeGuard[dict[str, Any]]:
    if payload is None or not isinstance(payload.get("access_token"), str):
        return False
    lifetime = payload.get("expires_in")
    return lifetime is None or str(lifetime).strip().isdigit()


def _refusal_error(payload: Mapping[str, Any], host: str, hidden: "Redactor", told: Mapping[str, Any]) -> SalesError:
    """The error that the token endpoint names (RFC 6749, section 5.2)."""
    code = str(payload["error"])[:100]
    words = hidden.text(str(payload.get("error_description") or code))[:300]
    if code in TRANSIENT_ERRORS:
        return Unavailable(f"{host} gives no tokens at the moment: {words}", **told)
    fix = FIX_BY_ERROR.get(code, "admin")
    return NotAuthenticated(f"{host} gave no token and said: {words}", code=code, fix=fix, **told)


def _unreachable_error(url: str, error: Exception) -> Unavailable:
    """What kept us from the token endpoint, in words that hold no secret."""
    import requests

    host = _parse_host(url)
    if isinstance(error, requests.exceptions.SSLError):
        return Unavailable(
            f"The TLS certificate or handshake of {host} failed", code="tls", fix="admin", retryable=False
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return Unavailable(f"The proxy in front of {host} cannot be reached", fix="admin")
    if isinstance(error, requests.exceptions.Timeout):
        return Unavailable(f"{host} did not answer in time when it was asked for a token")
    return Unavailable(f"{host} cannot be reached, or broke the connection, when it was asked for a token")


def _parse_host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _parse_object(response: "Response") -> dict[str, Any] | None:
    try:
        payload = response.json()
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _parse_retry_after(response: "Response") -> float | None:
    text = response.headers.get("Retry-After", "")
    return float(text) if text.isdigit() else None


def _build_redactor(*secret: str) -> "Redactor":
    """The service may echo what it was sent."""
    from ..transport.redact import Redactor

    return Redactor(secret)


def _aborted_sign_in_error(message: str, code: str) -> NotAuthenticated:
    return NotAuthenticated(message, code=code, fix="end_user")
