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
from .output import print_message

if TYPE_CHECKING:
    from ...sdk import OAuth

Token = Mapping[str, Any]


@dataclass(frozen=True)
class SignInMethod:
    """How somebody wants to sign in."""

    token: bool = False
    paste: bool = False
    browser: bool = True
    redirect_uri: str | None = None
    patience: float = 300.0


def sign_in(oauth: "OAuth", way: SignInMethod) -> Token:
    """A token for this client."""
    if way.token:
        return {"access_token": prompts.ask_secret("Access token", "SALES_CONNECTORS_TOKEN")}
    if oauth.grant == "client_credentials":
        from ...auth.oauth2 import fetch_client_token

        return fetch_client_token(oauth)
    return _sign_in_by_paste(oauth, way) if way.paste else _sign_in_by_browser(oauth, way)


def _sign_in_by_browser(oauth: "OAuth", way: SignInMethod) -> Token:
    """The browser comes back to a listener on this machine."""
    from ...auth.callback import Callback
    from ...auth.oauth2 import begin_sign_in, finish_sign_in

    with Callback.at(way.redirect_uri or oauth.redirect_uri) as callback:
        begun = begin_sign_in(oauth, callback.redirect_uri)
        opened = way.browser and _open_browser(begun.url)
        print_message(
            "Sign in with the browser that has just opened, or at:" if opened else "Open this address to sign in:"
        )
        print_message(f"  {begun.url}")
        print_message(f"Waiting for it to come back to {callback.redirect_uri} …")
        return finish_sign_in(oauth, begun, callback.wait(timeout=way.patience))


def _sign_in_by_paste(oauth: "OAuth", way: SignInMethod) -> Token:
    """Somebody carries the address over, from a browser on any machine."""
    from ...auth.oauth2 import begin_sign_in, finish_sign_in

    begun = begin_sign_in(oauth, way.redirect_uri or oauth.redirect_uri)
    print_message("Open this address to sign in:")
    print_message(f"  {begun.url}")
    print_message("Afterwards the browser may show an error page. Its address is what is needed here.")
    return finish_sign_in(oauth, begun, prompts.ask_text("The address that the browser was sent to"))


def _open_browser(url: str) -> bool:
    with _clean_stdout():
        try:
            return webbrowser.open(url)
        except webbrowser.Error:
            return False


@contextmanager
def _clean_stdout() -> Iterator[None]:
    """Browsers chat on the standard output that they inherit; results alone go there."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def check_client(oauth: "OAuth", way: SignInMethod) -> None:
    """A sign-in needs a client that is registered with the vendor."""
    if not way.token and not oauth.client_id:
        raise InvalidInput(
            "A sign-in needs the client id of an application that is registered with the vendor: --field clientId=…."
            " With an access token at hand, use --token",
            code="no_client",
            fields=[{"path": "/fields/clientId", "message": "is missing"}],
        )
