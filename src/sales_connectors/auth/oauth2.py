"""OAuth 2.0: getting a token in the browser, and every call to a token endpoint.

The protocol is authlib's, loaded when it is used; its requests travel over the transport like all others, under the
same rules for proxies, TLS, time, debug and secrets.  What the endpoint answers is judged here, since what is not a
token must become an error that says who can mend it.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import parse_qs, urlsplit

from ..addresses import check_address, parse_host
from ..clock import SYSTEM_CLOCK, Clock
from ..errors import InvalidInput, InvalidResponse, NotAuthenticated, RateLimited, SalesError, Unavailable
from ..jsontext import MAX_DIGITS
from ..sdk import OAuth, Request, Response
from ..version import USER_AGENT
from .tokens import Token, build_next_token

if TYPE_CHECKING:
    from ..transport.call import CallScope, TransportError
    from ..transport.redact import Redactor

MAX_TOKEN_CALL_SECONDS = 12.0
"""Seconds for a call of the token endpoint.  With the waits for a connection and for one last byte it is over before
the lease of a refresh is."""
MAX_TOKEN_REPLY_BYTES = 1_000_000
MAX_WAKING_STEP_SECONDS = 5.0
"""Seconds that count at the most from one look at the clock to the next; more may have passed in no time of ours."""
TOKEN_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8",
}
CLIENT_AUTH_METHODS = {"basic": "client_secret_basic", "body": "client_secret_post"}

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
UNSIGNED_STATUSES = (400, 401, 403, 404)
"""How a service refuses a request for a token by its signature, or by what the signature is for."""
TRANSIENT_ERRORS = ("temporarily_unavailable", "server_error")


def renew(oauth: OAuth, token: Token, call: "CallScope | None" = None, secret: Iterable[str] = ()) -> Token:
    """What the token endpoint answers when it is asked for the token that follows.

    ``call`` is told of it in debug, and its deadline holds; ``secret`` must not be seen there, nor anything of the
    token and the client.
    """
    from ..transport.redact import find_secrets

    secret = [*secret, *find_secrets(token)]
    if oauth.has_own_tokens:
        return _request_client_token(oauth, call, secret)
    old = token.get("refresh_token")
    if not old:
        raise NotAuthenticated(
            "The token has ended, and there is no refresh token to get another one", code="no_refresh_token"
        )
    # naming no scope keeps the scopes that the token has
    return _request_token(oauth, "refresh_token", {"refresh_token": old}, secret, call)


@dataclass(frozen=True)
class BegunSignIn:
    """A sign-in that has begun: where to send the browser, and what to hold against its return."""

    url: str = field(repr=False)
    state: str = field(repr=False)
    verifier: str | None = field(repr=False)
    redirect_uri: str


def begin_sign_in(oauth: OAuth, redirect_uri: str | None = None) -> BegunSignIn:
    """Begin a sign-in: ``url`` is to be opened in a browser."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    check_address(oauth.authorize_url, "authorizeUrl")
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48) if oauth.pkce else None
    back = redirect_uri or oauth.redirect_uri
    proof = (
        {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"} if verifier else {}
    )
    url = prepare_grant_uri(
        oauth.authorize_url, oauth.client_id, "code", redirect_uri=back, scope=oauth.scope, state=state, **proof
    )
    return BegunSignIn(url, state, verifier, back)


def finish_sign_in(oauth: OAuth, begun: BegunSignIn, redirected_url: str, *, clock: Clock = SYSTEM_CLOCK) -> Token:
    """Turn the address that the browser was sent back to into a token."""
    code = _parse_code(begun, redirected_url)
    proof = {"code_verifier": begun.verifier} if begun.verifier else {}
    asked = {"code": code, "redirect_uri": begun.redirect_uri, **proof}
    asked_at = clock.now()
    return build_next_token(
        None, _request_token(oauth, "authorization_code", asked, [code, begun.verifier or ""]), asked_at
    )


def fetch_client_token(oauth: OAuth, *, clock: Clock = SYSTEM_CLOCK) -> Token:
    """A token for the client itself, where the vendor has such."""
    asked_at = clock.now()
    return build_next_token(None, _request_client_token(oauth), asked_at)


def revoke(oauth: OAuth, token: Token) -> None:
    """Tell the vendor that the token is no longer needed."""
    from authlib.oauth2.rfc7009 import prepare_revoke_token_request

    if not oauth.revoke_url:
        return
    kind = "refresh_token" if token.get("refresh_token") else "access_token"
    old = str(token.get(kind))
    body, _ = prepare_revoke_token_request(old, kind)
    secret = [old, oauth.client_secret]
    response = _ask(oauth, oauth.revoke_url, "revokeUrl", body, secret)
    if response.status != 200:  # a success has no body that could be judged
        _parse_token(response, secret, SYSTEM_CLOCK)


def _request_client_token(oauth: OAuth, call: "CallScope | None" = None, secret: Iterable[str] = ()) -> Token:
    if oauth.grant == "signed_request":
        return _request_signed(oauth, call, secret)
    return _request_token(oauth, "client_credentials", {"scope": oauth.scope} if oauth.scope else {}, secret, call)


def _request_signed(oauth: OAuth, call: "CallScope | None", secret: Iterable[str]) -> Token:
    """One request of the vendor's own kind, which the application signs, judged."""
    check_address(oauth.token_url, "tokenUrl")
    request = Request("POST", oauth.token_url, {"User-Agent": USER_AGENT, "Accept": "application/json"}, None)
    signed = oauth.sign_request(request) if oauth.sign_request else request
    signatures = [value.split()[-1] for name, value in signed.headers.items() if name not in request.headers]
    secret = [*secret, oauth.client_secret, *signatures]
    response = _send(signed, "tokenUrl", secret, call, oauth.read_token)
    if response.status in UNSIGNED_STATUSES:
        raise _refused_signature_error(response, _build_redactor(secret, response))
    return _parse_token(response, secret, call.clock if call else SYSTEM_CLOCK, oauth.read_token)


def _request_token(
    oauth: OAuth, grant: str, asked: Mapping[str, str], secret: Iterable[str], call: "CallScope | None" = None
) -> Token:
    """One call to the token endpoint, judged; ``secret`` is what of it must not be seen."""
    from authlib.oauth2.rfc6749.parameters import prepare_token_request

    secret = [*secret, oauth.client_secret]
    body = prepare_token_request(grant, **asked)
    response = _ask(oauth, oauth.token_url, "tokenUrl", body, secret, call)
    return _parse_token(response, secret, call.clock if call else SYSTEM_CLOCK)


def _ask(
    oauth: OAuth, url: str, name: str, body: str, secret: Iterable[str], call: "CallScope | None" = None
) -> Response:
    """Send a form to an endpoint of the vendor's OAuth, in the name of the client; redirects are not followed.

    ``name`` is the connection field that holds the address.
    """
    from authlib.oauth2.auth import ClientAuth

    check_address(url, name)
    method = CLIENT_AUTH_METHODS[oauth.client_auth] if oauth.client_secret else "none"
    client = ClientAuth(oauth.client_id, oauth.client_secret, method)
    try:
        url, headers, body = client.prepare("POST", url, dict(TOKEN_HEADERS), body)
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "The client id or secret holds a character that cannot be sent", code="invalid_connection"
        ) from error
    return _send(Request("POST", url, headers, body.encode()), name, secret, call)


def _send(
    request: Request,
    name: str,
    secret: Iterable[str],
    call: "CallScope | None" = None,
    read: Callable[[Any], Any] = lambda answer: answer,
) -> Response:
    """One attempt at a request that asks for a token or ends one; ``read`` finds the token in an answer."""
    from ..transport.call import TransportError
    from ..transport.debug import attempt_and_report
    from ..transport.transport import Transport

    clock = call.clock if call else SYSTEM_CLOCK
    transport = Transport(request.url, WakingTime(clock.monotonic), lambda content: _holds_token(content, read))
    try:
        # the deadline of the call is no matter of ours: who leaves does not end what may have spent the token
        if call is None or call.report is None:
            return transport.attempt(request, _leave_unsigned, MAX_TOKEN_CALL_SECONDS, MAX_TOKEN_REPLY_BYTES)
        return attempt_and_report(
            transport,
            request,
            _leave_unsigned,
            MAX_TOKEN_CALL_SECONDS,
            call,
            lambda reply: _build_redactor(secret, reply),
            MAX_TOKEN_REPLY_BYTES,
        )
    except TransportError as lost:
        raise _lost_error(lost, name) from None  # the cause may hold the request
    finally:
        transport.close()


class WakingTime:
    """Monotonic time without what passes while the process is stopped: the reply that came meanwhile is as good."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic, self._last, self._passed = monotonic, monotonic(), 0.0

    def __call__(self) -> float:
        now = self._monotonic()
        self._passed += min(now - self._last, MAX_WAKING_STEP_SECONDS)
        self._last = now
        return self._passed


def _lost_error(lost: "TransportError", name: str) -> SalesError:
    """What kept us from the answer, in the words that every request has for it."""
    from ..transport.call import ALLOW_LONGER

    event = f"{lost.event} (when it was asked for a token)"
    # the time for a token is ours, no option of the caller
    advice = [each.replace("apiUrl", name) for each in lost.advice if each != ALLOW_LONGER]
    return lost.kind(
        f"{event}; {', or '.join(advice)}",
        code="tls" if lost.kind is Unavailable and not lost.repeatable else lost.code,
        fix=lost.fix,
        retryable=lost.repeatable,
    )


def _leave_unsigned(request: Request) -> Request:
    """The client's own credentials are in the request already."""
    return request


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


def _parse_token(
    response: Response, secret: Iterable[str], clock: Clock, read: Callable[[Any], Any] = lambda answer: answer
) -> dict[str, Any]:
    """The token in a good reply, as ``read`` finds it there; everything else is raised as what it means."""
    from ..transport.retry import parse_retry_after

    payload, hidden = _parse_object(response), _build_redactor(secret, response)
    told: dict[str, Any] = {
        "status": response.status,
        "request_id": response.request_id,
        "vendor": hidden.value(payload),
    }
    host, wait = parse_host(response.url), parse_retry_after(response.headers, clock.now())
    if response.status == 429:
        raise RateLimited(f"{host} limits how often tokens are asked for", retry_after=wait, **told)
    if response.status >= 500 or response.status == 408:
        message = f"{host} answered {response.status} when it was asked for a token"
        raise Unavailable(message, retry_after=wait, **told)
    token = read(payload) if payload is not None and 200 <= response.status < 300 else None
    if payload is not None and payload.get("error") and not _is_token(token):  # beside a token it says there was none
        raise _refusal_error(payload, host, hidden, told)
    if not _is_token(token):
        raise InvalidResponse(
            f"{host} answered {response.status} when it was asked for a token, but not with one. Check tokenUrl",
            **told,
        )
    # no Decimal in it: whoever is handed the token keeps it with a JSON writer of their own, or the token is lost
    plain: dict[str, Any] = json.loads(json.dumps(token, default=float))
    return plain


def _holds_token(content: bytes, read: Callable[[Any], Any]) -> bool:
    """Whether a body that was cut has the whole token all the same."""
    try:
        payload = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(payload, dict) and _is_token(read(payload))


def _is_token(found: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a reply holds a token.  It may be the only copy, so nothing is asked of how it is wrapped."""
    access = found.get("access_token") if isinstance(found, Mapping) else None
    return isinstance(access, str) and bool(access.strip())


def _refusal_error(payload: Mapping[str, Any], host: str, hidden: "Redactor", told: Mapping[str, Any]) -> SalesError:
    """The error that the token endpoint names (RFC 6749, section 5.2)."""
    code = str(payload["error"])[:100]
    words = hidden.text(str(payload.get("error_description") or code))[:300]
    if code in TRANSIENT_ERRORS:
        return Unavailable(f"{host} gives no tokens at the moment: {words}", **told)
    fix = FIX_BY_ERROR.get(code, "admin")
    return NotAuthenticated(f"{host} gave no token and said: {words}", code=code, fix=fix, **told)


def _refused_signature_error(response: Response, hidden: "Redactor") -> NotAuthenticated:
    return NotAuthenticated(
        f"{parse_host(response.url)} gave no token ({response.status}). Check the id and the private key of the"
        " application, and that it is installed",
        code="refused_signature",
        fix="admin",
        status=response.status,
        request_id=response.request_id,
        vendor=hidden.value(_parse_object(response)),
    )


def _parse_object(response: Response) -> dict[str, Any] | None:
    try:
        payload = response.json()
    except InvalidResponse:
        payload = _read_leniently(response.text)
    return payload if isinstance(payload, dict) else None


def _read_leniently(text: str) -> Any:
    """The object that stands first in what is not quite JSON, or not in UTF-8; None where there is none.  If it holds a
    token, that may be the only copy."""
    decoder = json.JSONDecoder(strict=False, parse_int=_parse_integer)
    try:
        return decoder.raw_decode(text, text.index("{"))[0]
    except (ValueError, RecursionError):
        return None


def _parse_integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= MAX_DIGITS else float(digits)


def _build_redactor(secret: Iterable[str], response: Response | None) -> "Redactor":
    """Hides what was sent, which the service may echo, and what of the reply is a secret from now on."""
    from ..transport.redact import Redactor, find_secrets

    return Redactor([*secret, *find_secrets(_parse_object(response) if response else None)])


def _aborted_sign_in_error(message: str, code: str) -> NotAuthenticated:
    return NotAuthenticated(message, code=code, fix="end_user")
