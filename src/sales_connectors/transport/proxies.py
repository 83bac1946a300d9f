"""The proxy of the environment, read once for each host, and found out to be none before a request needs it."""

import os
from importlib.util import find_spec
from urllib.parse import urlsplit

from ..addresses import format_location, is_loopback
from ..errors import ConfigurationError

SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
SCHEMES = ("http", "https", *SOCKS)


def find_proxies(url: str) -> dict[str, str]:
    """The proxies of the environment; this machine itself is never reached through one.

    ConfigurationError where the one that an address is reached through cannot be one.
    """
    if is_loopback(url):
        return {}
    from requests.utils import get_environ_proxies, select_proxy

    proxies = dict(get_environ_proxies(url))
    if chosen := select_proxy(url, proxies):
        _check_proxy(chosen, chosen if "://" in chosen else f"http://{chosen}", url)
    return proxies


def _check_proxy(given: str, address: str, url: str) -> None:
    try:
        parts = urlsplit(address)
        scheme, fine = parts.scheme.lower(), bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        scheme, fine = "", False
    if not fine or scheme not in SCHEMES:
        raise _proxy_error(
            given,
            "is no address of a proxy: it must be one such as http://proxy.example.com:3128, a '#' or '/' of a password"
            " written as %23 or %2F",
            url,
        )
    if scheme in SOCKS and find_spec("socks") is None:
        message = f"({scheme}://{format_location(address)}) needs a library: pip install 'requests[socks]'"
        raise _proxy_error(given, message, url)


def _proxy_error(given: str, what: str, url: str) -> ConfigurationError:
    names = {f"{urlsplit(url).scheme}_proxy", "all_proxy"}
    variables = [name for name, value in os.environ.items() if name.lower() in names and value == given]
    source = " and ".join(variables) or "this system's settings"
    return ConfigurationError(f"The proxy of {source} {what}", code="proxy", fix="admin")
