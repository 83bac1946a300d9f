"""OAuth 2.0 as a vendor serves it: the consent page, codes, tokens, revocation.

One application is registered, and any loopback address will do as its redirect.  Everybody's password is ``sandbox``.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from math import ceil
from string import Template
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from .clock import Clock
from .exchange import Refused, Reply, Request
from .service import Handler, OAuth, Route, Service, User
from .store import Condition, Document, Store
from .tokens import Tokens

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
PASSWORD = "sandbox"
REGISTERED = ("https://app.example.com/oauth/callback", "urn:ietf:wg:oauth:2.0:oob")
CODE_LIFE = 600
LOOPBACK = ("127.0.0.1", "localhost", "::1")

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>$title</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; background: #f3f4f6; color: #1f2937; display: grid; place-items: center;
  min-height: 100vh; margin: 0; }
main { background: #fff; border-radius: 12px; box-shadow: 0 4px 24px #0002; max-width: 26rem; padding: 2rem 2.5rem; }
h1 { font-size: 1.25rem; margin-top: 0; } ul { padding-left: 1.2rem; } select { font: inherit; }
.note { color: #6b7280; font-size: .875rem; }
button { border: 0; border-radius: 8px; cursor: pointer; font: inherit; margin: .5rem .5rem 0 0;
  padding: .6rem 1.4rem; }
button[value=allow] { background: #03363d; color: #fff; }
</style></head><body><main><h1>$title</h1>$content</main></body></html>""")

CONSENT = Template("""<p><strong>$client</strong> asks for access to your $service account:</p><ul>$scopes</ul>
<form method="post" action="$action">$hidden
<label>Signed in as <select name="user">$users</select></label>
<p><button name="decision" value="allow">Allow</button><button name="decision" value="refuse">Refuse</button></p></form>
<p class="note">This is a sandbox: no real account is touched.</p>""")


@dataclass(frozen=True)
class SignIn:
    """The sign-in endpoints of one sandbox."""

    service: Service
    store: Store
    clock: Clock
    tokens: Tokens

    def routes(self) -> list[Route]:
        oauth = self.oauth
        served: list[tuple[str, str | None, Handler]] = [
            ("GET", oauth.authorize, self.ask),
            ("POST", oauth.authorize, self.decide),
            ("POST", oauth.token, self.token),
            ("POST", oauth.revoke, self.revoke),
            ("GET", oauth.info, self.info),
            ("POST", oauth.info, self.info),
        ]
        return [Route(method, path, handler, open=True) for method, path, handler in served if path]

    @property
    def oauth(self) -> OAuth:
        return self.service.oauth

    def ask(self, request: Request) -> Reply:
        """Show the consent page."""
        asked = request.arguments()
        self._check_asked(asked)
        content = CONSENT.substitute(
            client=escape(asked["client_id"]),
            service=escape(self.service.name),
            scopes="".join(f"<li>{escape(scope)}</li>" for scope in self._read_scopes(asked)),
            action=escape(request.path),
            hidden="".join(_render_hidden(name, value) for name, value in asked.items()),
            users="".join(_render_option(user) for user in self.service.users(self.store)),
        )
        return _render_page(200, f"Sign in to {self.service.name}", content)

    def decide(self, request: Request) -> Reply:
        """Act on what was chosen on the consent page."""
        asked = request.form()
        self._check_asked(asked)
        if asked.get("decision") != "allow":
            return _redirect(asked, {"error": "access_denied", "error_description": "The user refused."})
        user_id = self._find_user(asked.get("user"))
        if asked["response_type"] == "token":
            life = self.oauth.access_life
            return _redirect(asked, self.tokens.mint(user_id, self._read_scopes(asked), expires_in=life))
        return _redirect(asked, {"code": self._issue_code(asked, user_id)})

    def token(self, request: Request) -> Reply:
        """Give out a token."""
        form = self._read_form(request)
        self._check_client(request, form)
        grant = form.get("grant_type", "")
        grants = {
            "authorization_code": self._grant_by_code,
            "client_credentials": self._grant_by_client,
            "password": self._grant_by_password,
            "refresh_token": self._grant_by_refresh,
        }
        if grant not in self.oauth.grants or grant not in grants:
            return _refusal("unsupported_grant_type", f"The grant type {grant!r} is not supported.")
        return Reply(200, grants[grant](form), {"Cache-Control": "no-store"})

    def revoke(self, request: Request) -> Reply:
        form = request.form()
        self._check_client(request, form)
        self.tokens.revoke(form.get("token", ""))
        return Reply(200, {})

    def info(self, request: Request) -> Reply:
        """Say what the token that came with the request is worth."""
        token = self.tokens.find(request.bearer() or "")
        if token is None:
            return _refusal("invalid_token", "The token is unknown or has expired.", 401)
        left = None if token.expires_at is None else round(token.expires_at - self.clock.now())
        scope = " ".join(scope for scope in self.oauth.scopes if scope in token.scopes)
        return Reply(200, {"resource_owner_id": token.user_id, "scope": scope, "expires_in_seconds": left})

    def _grant_by_code(self, form: Mapping[str, str]) -> dict[str, Any]:
        codes = self.store.collection("sandbox_codes")
        kept = codes.first(Condition.equal("code", form.get("code", "")))
        if kept is None or kept["expires_at"] <= self.clock.now():
            raise _refusal_error("invalid_grant", "The code is unknown, used or has expired.")
        if form.get("redirect_uri", kept["redirect_uri"]) != kept["redirect_uri"]:
            raise _refusal_error("invalid_grant", "The redirect_uri is not the one that the code was given to.")
        if not _is_proven(kept, form.get("code_verifier")):
            raise _refusal_error("invalid_grant", "The code_verifier does not fit the code_challenge.")
        self._keep_pace(kept["user_id"])
        codes.delete(kept["id"])
        return self.tokens.mint(kept["user_id"], tuple(kept["scopes"]), expires_in=self.oauth.access_life)

    def _grant_by_refresh(self, form: Mapping[str, str]) -> dict[str, Any]:
        kept = self.tokens.find_refreshable(form.get("refresh_token", ""))
        if kept is None:
            raise _refusal_error("invalid_grant", "The refresh token is unknown, used or has expired.")
        self._keep_pace(kept["user_id"])
        return self.tokens.refresh(kept)

    def _grant_by_client(self, form: Mapping[str, str]) -> dict[str, Any]:
        """A token for the application itself, which has the rights of the root user."""
        scopes = self._read_scopes(form)
        if not set(scopes) <= set(self.oauth.scopes):
            raise _refusal_error("invalid_scope", "The scope is not one of this application's.")
        root, life = self.service.users(self.store)[0], self.oauth.access_life
        return self.tokens.mint(root.id, scopes, expires_in=life, refreshable=False)

    def _grant_by_password(self, form: Mapping[str, str]) -> dict[str, Any]:
        users = {user.email: user.id for user in self.service.users(self.store)}
        if form.get("password") != PASSWORD or form.get("username") not in users:
            raise _refusal_error("invalid_grant", "The user name or password is wrong.")
        return self.tokens.mint(users[form["username"]], self._read_scopes(form), expires_in=self.oauth.access_life)

    def _check_asked(self, asked: Mapping[str, str]) -> None:
        """End a sign-in that asks for what there is not: on a page, or back where it came from."""
        fault = self._find_fault(asked)
        if fault:
            raise Refused(_render_page(400, "This sign-in cannot go on", f"<p>{escape(fault)}</p>"))
        if asked.get("response_type") not in self._list_response_types():
            raise Refused(_redirect(asked, {"error": "unsupported_response_type"}))
        named = not self.oauth.scope_required or asked.get("scope", "").strip()
        if not named or not set(self._read_scopes(asked)) <= set(self.oauth.scopes):
            raise Refused(_redirect(asked, {"error": "invalid_scope"}))

    def _find_fault(self, asked: Mapping[str, str]) -> str | None:
        """Why a sign-in cannot even be sent back to where it came from."""
        if asked.get("client_id") != CLIENT_ID:
            return "The client_id is not known here."
        if not _is_acceptable(asked.get("redirect_uri", "")):
            return "The redirect_uri is neither a loopback address nor the registered one."
        return None

    def _list_response_types(self) -> tuple[str, ...]:
        return ("code", "token") if self.oauth.implicit else ("code",)

    def _read_scopes(self, asked: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(asked.get("scope", "").split()) or self.oauth.usual_scopes or self.oauth.scopes

    def _find_user(self, chosen: str | None) -> int:
        users = self.service.users(self.store)
        return next((user.id for user in users if str(user.id) == chosen), users[0].id)

    def _issue_code(self, asked: Mapping[str, str], user_id: int) -> str:
        code = secrets.token_urlsafe(24)
        self.store.collection("sandbox_codes").insert(
            {
                "code": code,
                "user_id": user_id,
                "scopes": self._read_scopes(asked),
                "redirect_uri": asked["redirect_uri"],
                "challenge": asked.get("code_challenge"),
                "challenge_method": asked.get("code_challenge_method", "plain"),
                "expires_at": self.clock.now() + CODE_LIFE,
            }
        )
        return code

    def _read_form(self, request: Request) -> dict[str, str]:
        """What a client sends to the token endpoint."""
        if not self.oauth.lenient_bodies:
            return request.form()
        body: Any = request.form()
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            try:
                body = request.json()
            except ValueError:
                raise _refusal_error("invalid_request", "The body is not JSON.") from None
        if not isinstance(body, dict):
            raise _refusal_error("invalid_request", "The body has to be an object.")
        return {**request.arguments(), **{name: str(value) for name, value in body.items()}}

    def _keep_pace(self, user_id: int) -> None:
        """Refuse a grant that comes too soon after the last one to the same user; it spends nothing."""
        grants, now = self.store.collection("sandbox_grants"), self.clock.now()
        last = grants.first(Condition.equal("user_id", user_id))
        wait = last["at"] + self.oauth.grant_interval - now if last else 0
        if wait > 0:
            refused = self.service.refuse(429, "There was a grant to this user a moment ago.")
            raise Refused(refused.with_headers({"Retry-After": str(ceil(wait))}))
        if last:
            grants.put({**last, "at": now})
        else:
            grants.insert({"user_id": user_id, "at": now})

    def _check_client(self, request: Request, form: Mapping[str, str]) -> None:
        """The client's credentials, in the header or in the body."""
        given = _parse_basic(request.headers.get("authorization", "")) or (
            form.get("client_id"),
            form.get("client_secret"),
        )
        if given != (CLIENT_ID, CLIENT_SECRET):
            raise _refusal_error("invalid_client", "The client is unknown or its secret is wrong.", 401)


def _parse_basic(header: str) -> tuple[str, str] | None:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded).decode().partition(":")
    except ValueError:
        return None
    return unquote(name), unquote(secret)


def _is_acceptable(redirect_uri: str) -> bool:
    if redirect_uri in REGISTERED:
        return True
    if not redirect_uri.isascii() or not redirect_uri.isprintable():
        return False
    try:
        return urlsplit(redirect_uri).hostname in LOOPBACK
    except ValueError:
        return False


def _is_proven(kept: Document, verifier: str | None) -> bool:
    """PKCE (RFC 7636): whoever redeems the code is who asked for it."""
    if not kept["challenge"]:
        return True
    digest = hashlib.sha256((verifier or "").encode()).digest()
    hashed = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    shown = hashed if kept["challenge_method"] == "S256" else verifier or ""
    return hmac.compare_digest(shown.encode(), kept["challenge"].encode())


def _redirect(asked: Mapping[str, str], answer: Mapping[str, Any]) -> Reply:
    """Send the browser back with the answer, and with the state as it came."""
    state = {"state": asked["state"]} if "state" in asked else {}
    target = urlsplit(asked["redirect_uri"])
    if asked.get("response_type") == "token":
        return _redirect_to(target._replace(fragment=urlencode({**answer, **state})).geturl())
    query = [*parse_qsl(target.query, keep_blank_values=True), *answer.items(), *state.items()]
    return _redirect_to(target._replace(query=urlencode(query)).geturl())


def _redirect_to(location: str) -> Reply:
    return Reply(302, None, {"Location": location})


def _render_page(status: int, title: str, content: str) -> Reply:
    body = PAGE.substitute(title=escape(title), content=content).encode()
    return Reply(status, body, content_type="text/html; charset=utf-8")


def _render_hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def _render_option(user: User) -> str:
    return f'<option value="{user.id}">{escape(user.name)} ({escape(user.email)})</option>'


def _refusal(error: str, description: str, status: int = 400) -> Reply:
    return Reply(status, {"error": error, "error_description": description})


def _refusal_error(error: str, description: str, status: int = 400) -> Refused:
    return Refused(_refusal(error, description, status))
