"""Addresses of services: which of them may be used, and which of them are this machine."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from .errors import InvalidInput


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, such as 127.example.com, or no address at all
        return False


def parse_host(url: str) -> str:
    """The host of an address; empty where there is none to be read."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def parse_origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: whether two addresses are one place; ValueError where it is no address."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def format_location(url: str | None) -> str:
    """Host and port as a message may name them; never the name and password that an address may carry."""
    try:
        return urlsplit(url or "").netloc.rpartition("@")[2]
    except ValueError:
        return ""


def check_address(url: str, name: str, *, with_path: bool = True) -> None:
    """Refuse an address whose fault would otherwise show up as a strange reply, or whose requests anybody could read.

    ``name`` is the connection field that holds it; InvalidInput points there.
    """
    try:
        parts = urlsplit(url)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fine = False
    if not fine or parts.username or not url.isprintable() or " " in url:  # it is shown at a terminal, too
        raise _address_error(name, "must be an address such as https://api.example.com")
    if not with_path and (parts.path.strip("/") or parts.query or parts.fragment):
        raise _address_error(name, "must be scheme, host and port without a path")
    if parts.scheme == "http" and not is_loopback(url):
        raise _address_error(name, "must use https; http is accepted on this machine only")


def _address_error(name: str, message: str) -> InvalidInput:
    return InvalidInput(
        f"{name} {message}",
        code="invalid_connection",
        fix="maintainer",
        fields=[{"path": f"/fields/{name}", "message": message}],
    )
