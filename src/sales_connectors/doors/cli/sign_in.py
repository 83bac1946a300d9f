"""Getting the token of a new connection: in the browser, by a pasted address, from the client itself, or typed in."""

import os
import sys
import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import prompts
from .output import print_message

if TYPE_CHECKING:
    from ...runtime.drafts import ConnectionDraft
    from ...runtime.kept import KeptConnections


@dataclass(frozen=True)
class SignInMethod:
    """How somebody wants to sign in."""

    token: bool = False
    paste: bool = False
    browser: bool = True
    redirect_uri: str | None = None
    patience: float = 300.0


def sign_in(kept: "KeptConnections", draft: "ConnectionDraft", way: SignInMethod) -> dict[str, Any]:
    """Ask for what is missing, get a token, and keep the connection: ``{"connection", "account"}``."""
    draft = draft.with_fields(_ask_secrets(draft.required_secrets, optional=False))
    oauth = draft.oauth
    if oauth is not None and way.token:
        return kept.keep(draft, {"access_token": prompts.ask_secret("Access token", "SALES_CONNECTORS_TOKEN")})
    draft.check_client()
    # some vendors know clients without a secret; they say so themselves if it is needed
    draft = draft.with_fields(_ask_secrets(draft.missing_secrets, optional=oauth is not None))
    if oauth is None:
        return kept.keep(draft, None)
    if oauth.has_own_tokens:
        return kept.keep(draft, kept.fetch_token(draft))
    redirect_uri = way.redirect_uri or oauth.redirect_uri
    if way.paste:
        return _sign_in_by_paste(kept, draft, redirect_uri)
    return _sign_in_by_browser(kept, draft, redirect_uri, way)


def advise_use(component: str, name: str) -> str:
    """How a connection that was kept is used."""
    from ...errors import InvalidInput
    from ...runtime import default_runtime

    try:
        is_default = default_runtime().kept.find_default(component) == name
    except InvalidInput:  # it is one of several
        is_default = False
    if is_default:
        return f"{component} uses it where no --connection is named."
    return f"Use it with --connection {name}, or for good: sales-connectors connections default {name}"


def _ask_secrets(missing: Mapping[str, str], *, optional: bool) -> dict[str, str]:
    asked = {
        name: prompts.ask_secret(title, prompts.build_variable_name(name), optional=optional)
        for name, title in missing.items()
    }
    return {name: value for name, value in asked.items() if value}


def _sign_in_by_browser(
    kept: "KeptConnections", draft: "ConnectionDraft", redirect_uri: str, way: SignInMethod
) -> dict[str, Any]:
    """The browser comes back to a listener on this machine."""
    from ...auth.callback import Callback

    with Callback.at(redirect_uri) as callback:
        url = kept.begin_sign_in(draft, callback.redirect_uri)
        callback.expect(url)
        opened = way.browser and _open_browser(url)
        print_message(
            "Sign in with the browser that has just opened, or at:" if opened else "Open this address to sign in:"
        )
        print_message(f"  {url}")
        print_message(f"Waiting for it to come back to {callback.redirect_uri} …")
        print_message("If the browser is on another machine: Ctrl-C, and the same command with --paste")
        return kept.finish_sign_in(callback.wait(url, timeout=way.patience))


def _sign_in_by_paste(kept: "KeptConnections", draft: "ConnectionDraft", redirect_uri: str) -> dict[str, Any]:
    """Somebody carries the address over, from a browser on any machine."""
    print_message("Open this address to sign in:")
    print_message(f"  {kept.begin_sign_in(draft, redirect_uri)}")
    print_message("Afterwards the browser may show an error page. Its address is what is needed here.")
    return kept.finish_sign_in(prompts.ask_text("The address that the browser was sent to"))


def _open_browser(url: str) -> bool:
    with _clean_stdout():
        try:
            return webbrowser.open(url)
        except (webbrowser.Error, OSError, ValueError, IndexError):  # the latter where BROWSER is no command
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
