"""One attempt of a request: out through the pooled adapter, redirects followed, the reply read to its end.

``requests`` is used at its adapter: preparing a session for each call would cost more than the call.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from ..errors import InvalidInput, InvalidResponse
from .request import Outgoing, Reply
from .retry import SAFE_METHODS

CONNECT = 10.0
"""Seconds to connect at the most; a host that takes longer is not there."""
REDIRECTS = 5
CHUNK = 1 << 16


class Lost(Exception):
    """An attempt without a whole reply.  ``reached`` says whether the service may have seen the request."""

    def __init__(self, message: str, *, reached: bool, repeatable: bool = True, fix: str = "vendor") -> None:
        super().__init__(message)
        self.reached, self.repeatable, self.fix = reached, repeatable, fix


class Wire:
    """The pooled connections to one host."""

    def __init__(self, api_url: str, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._adapter = HTTPAdapter(pool_connections=2, pool_maxsize=32, max_retries=0)
        self._proxies = _proxies(api_url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def close(self) -> None:
        self._adapter.close()

    def attempt(self, out: Outgoing, signed: Mapping[str, str], patience: float) -> Reply:
        """Send once; redirects keep the credentials on the same host only.  No whole reply is :class:`Lost`."""
        ends = self._monotonic() + patience
        headers = {**out.headers, **signed}
        reply = self._once(out.method, out.url, headers, out.body, ends)
        for _ in range(REDIRECTS):
            target = reply.headers.get("location")
            if reply.status not in (301, 302, 303, 307, 308) or not target:
                return reply
            if out.method not in SAFE_METHODS:
                message = f"The service redirects a {out.method}, which its API does not; check apiUrl"
                raise InvalidResponse(message, code="redirect", status=reply.status)
            url = urljoin(reply.url, target)
            if urlsplit(url)[:2] != urlsplit(out.url)[:2]:
                headers = dict(out.headers)
            reply = self._once(out.method, url, headers, out.body, ends)
        raise InvalidResponse("The service redirects in a circle", code="redirect_loop", status=reply.status)

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, ends: float) -> Reply:
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, url, body
        request.headers = CaseInsensitiveDict(headers)
        if body is not None or method in ("POST", "PUT", "PATCH"):
            request.headers["Content-Length"] = str(len(body or b""))
        patience = max(ends - self._monotonic(), 0.001)
        timeout = (min(CONNECT, patience), patience)
        try:
            response = self._adapter.send(request, True, timeout, self._verify, None, self._proxies)
            return Reply(method, url, response.status_code, _lower(response.headers), self._read(response, ends))
        except requests.RequestException as error:
            raise _lost(error, url, patience) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _broken(url) from error

    def _read(self, response: requests.Response, ends: float) -> bytes:
        """The whole body; a service that drips it byte by byte is not waited for without end."""
        chunks = []
        with response:
            for chunk in response.raw.stream(CHUNK, decode_content=True):
                chunks.append(chunk)
                if self._monotonic() > ends:
                    raise Lost(f"{_host(response.url)} did not finish its reply in time", reached=True)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _lost(error: requests.RequestException, url: str, patience: float) -> Exception:
    """What a failure of the adapter means for the caller."""
    host = _host(url)
    if isinstance(error, requests.exceptions.SSLError):
        return Lost(f"The TLS certificate or handshake of {host} failed", reached=False, repeatable=False, fix="admin")
    if isinstance(error, requests.exceptions.ProxyError):
        return Lost(f"The proxy in front of {host} cannot be reached", reached=False, fix="admin")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Lost(f"{host} did not accept a connection in time", reached=False)
    if isinstance(error, requests.exceptions.ReadTimeout):
        return Lost(f"{host} did not answer within {patience:g} s", reached=True)
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return _broken_connection(error, host)
    return InvalidInput(f"The request cannot be sent: {type(error).__name__}", code="invalid_request")


def _broken_connection(error: requests.RequestException, host: str) -> Lost:
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return Lost(f"The name {host} does not resolve; check apiUrl and the network", reached=False, fix="admin")
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return Lost(f"{host} refuses connections", reached=False)
    return _broken(f"//{host}")


def _broken(url: str) -> Lost:
    return Lost(f"The connection to {_host(url)} broke before the whole reply was there", reached=True)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _host(url: str | None) -> str:
    return urlsplit(url or "").netloc


def _proxies(url: str) -> dict[str, str]:
    """The proxies of the environment; this machine itself is never reached through one."""
    if is_loopback(url):
        return {}
    from requests.utils import get_environ_proxies

    return dict(get_environ_proxies(url))


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
