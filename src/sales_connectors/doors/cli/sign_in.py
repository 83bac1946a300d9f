"""Getting the token of a new connection: in the browser, by a pasted address, from the client itself, or typed in."""

import os
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import InvalidInput
from . import prompts
from .output import tell

if TYPE_CHECKING:
    from ...sdk import OAuth

Token = Mapping[str, Any]


@dataclass(frozen=True)
class Way:
    """How somebody wants to sign in."""

    token: bool = False
    paste: bool = False
    browser: bool = True
    redirect_uri: str | None = None
    patience: float = 300.0


def signed_in(oauth: "OAuth", way: Way) -> Token:
    """A token for this client."""
    if way.token:
        return {"access_token": prompts.secret("Access token", "SALES_CONNECTORS_TOKEN")}
    if oauth.grant == "client_credentials":
        from ...auth.oauth2 import fetch_client_token

        return fetch_client_token(oauth)
    return _pasted(oauth, way) if way.paste else _called_back(oauth, way)


def _called_back(oauth: "OAuth", way: Way) -> Token:
    """The browser comes back to a listener on this machine."""
    from ...auth.callback import Callback
    from ...auth.oauth2 import begin_sign_in, finish_sign_in

    with Callback.at(way.redirect_uri or oauth.redirect_uri) as callback:
        begun = begin_sign_in(oauth, callback.redirect_uri)
        opened = way.browser and _opened(begun.url)
        tell("Sign in with the browser that has just opened, or at:" if opened else "Open this address to sign in:")
        tell(f"  {begun.url}")
        tell(f"Waiting for it to come back to {callback.redirect_uri} …")
        return finish_sign_in(oauth, begun, callback.wait(timeout=way.patience))


def _pasted(oauth: "OAuth", way: Way) -> Token:
    """Somebody carries the address over, from a browser on any machine."""
    from ...auth.oauth2 import begin_sign_in, finish_sign_in

    begun = begin_sign_in(oauth, way.redirect_uri or oauth.redirect_uri)
    tell("Open this address to sign in:")
    tell(f"  {begun.url}")
    tell("Afterwards the browser may show an error page. Its address is what is needed here.")
    return finish_sign_in(oauth, begun, prompts.answer("The address that the browser was sent to"))


def _opened(url: str) -> bool:
    with _standard_output_kept_clean():
        try:
            return webbrowser.open(url)
        except webbrowser.Error:
            return False


@contextmanager
def _standard_output_kept_clean() -> Iterator[None]:
    """Browsers chat on the standard output that they inherit; results alone go there."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def check_client(oauth: "OAuth", way: Way) -> None:
    """A sign-in needs a client that is registered with the vendor."""
    if not way.token and not oauth.client_id:
        raise InvalidInput(
            "A sign-in needs the client id of an application that is registered with the vendor: --field clientId=…."
            " With an access token at hand, use --token",
            code="no_client",
            fields=[{"path": "/fields/clientId", "message": "is missing"}],
        )
