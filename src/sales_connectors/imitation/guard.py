"""Who may drive a sandbox: programs, and the sandbox's own pages.  The pages of other sites may not.

A browser that visits one of those can be made to send requests here, also to a name that was pointed at this machine
(DNS rebinding), so the name that a request asks for and the page that it comes from are both looked at.
"""

import re
from collections.abc import Mapping
from ipaddress import ip_address

HOST_PATTERN = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]{1,5})?")
OWN_PAGES = ("same-origin", "none")
"""What a browser says (Sec-Fetch-Site) of requests of our own pages, and of addresses that somebody typed."""


def find_intrusion(method: str, path: str, headers: Mapping[str, str], host: str) -> str | None:
    """Why a request is not served by the sandbox that listens on ``host``; None where it is."""
    asked = headers.get("host")
    if asked is not None and not _is_ours(asked, host):
        return "The Host is not one of this sandbox: it answers to localhost and to addresses, not to other names."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{asked}":
        return "The Origin is another site, whose pages must not drive this sandbox."
    if headers.get("sec-fetch-site", "none") not in OWN_PAGES and not _is_visit(method, path, headers):
        return "The request comes from a page of another site (Sec-Fetch-Site), which must not drive this sandbox."
    return None


def _is_ours(asked: str, host: str) -> bool:
    """An address cannot be pointed elsewhere, a name can; ``localhost`` is this machine everywhere."""
    read = HOST_PATTERN.fullmatch(asked)
    if read is None:
        return False
    name = (read["v6"] or read["name"]).lower()
    if name in ("localhost", host.lower()):
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _is_visit(method: str, path: str, headers: Mapping[str, str]) -> bool:
    """Whether somebody follows a link in the whole window, as a sign-in does; the controls are no place to go to."""
    in_window = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest", "document") == "document"
    return method in ("GET", "HEAD") and in_window and not path.startswith("/_sandbox/")
