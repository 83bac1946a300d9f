"""One attempt of a request: out through the pooled adapter, redirects followed, the reply read to its end.

``requests`` is used at its adapter: preparing a session for each call would cost more than the call.
"""

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from ..errors import InvalidInput, InvalidResponse
from ..fork import begin_anew_in_children, keep_untouched
from .request import SAFE_METHODS, Lost, Outgoing, Reply

CONNECT = 10.0
"""Seconds to connect at the most; a host that takes longer is not there."""
REDIRECTS = 5
CHUNK = 1 << 16
LONGEST = 86_400.0
"""Seconds that a socket is waited for at the most; larger numbers do not fit into it."""

NEUTRAL = frozenset({"user-agent", "accept", "accept-encoding"})
"""Headers that a host which the service redirects to may see."""

HANDSHAKE = (
    "CERTIFICATE_VERIFY_FAILED",
    "WRONG_VERSION_NUMBER",
    "HANDSHAKE_FAILURE",
    "UNSUPPORTED_PROTOCOL",
    "PROTOCOL_VERSION",
)
"""Reasons for which TLS fails before anything of a request is sent; others can come up at any time."""


class Adapter(HTTPAdapter):
    """The adapter without what a session needs of it and we do not: a fifth of the time of a call.

    The pool of a host is looked up once instead of worked out for each request, and replies leave no cookies behind.
    """

    def __init__(self) -> None:
        super().__init__(pool_connections=2, pool_maxsize=32, max_retries=0)
        self._pools: dict[str, Any] = {}

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        origin = "/".join((request.url or "").split("/", 3)[:3])
        if origin not in self._pools:
            self._pools[origin] = super().get_connection_with_tls_context(request, verify, proxies, cert)
        return self._pools[origin]

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:
        if proxies:
            return super().request_url(request, proxies)
        return "/" + (request.url or "").split("/", 3)[3]

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response.headers = resp.status, CaseInsensitiveDict(resp.headers)
        response.raw, response.url, response.request = resp, req.url or "", req
        return response

    def close(self) -> None:
        self._pools.clear()
        super().close()


class Wire:
    """The pooled connections to one host."""

    def __init__(self, api_url: str, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._adapter = Adapter()
        begin_anew_in_children(self)
        self._proxies = _proxies(api_url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def close(self) -> None:
        self._adapter.close()

    def begin_anew(self) -> None:
        keep_untouched(self._adapter)
        self._adapter = Adapter()

    def attempt(self, out: Outgoing, signed: Mapping[str, str], patience: float) -> Reply:
        """Send once; redirects keep the credentials on the same host only.  No whole reply is :class:`Lost`."""
        ends = self._monotonic() + patience
        headers = {**out.headers, **signed}
        reply = self._once(out.method, out.url, headers, out.body, ends)
        body = out.body
        for _ in range(REDIRECTS):
            url = _target(reply, out.method)
            if url is None:
                return reply
            if urlsplit(url)[:2] != urlsplit(out.url)[:2]:
                headers, body = {name: value for name, value in headers.items() if name.lower() in NEUTRAL}, None
            reply = self._once(out.method, url, headers, body, ends)
        return reply

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, ends: float) -> Reply:
        request = requests.PreparedRequest()
        request.method, request.url, request.body = method, url, body
        request.headers = CaseInsensitiveDict(headers)
        if body is not None or method in ("POST", "PUT", "PATCH"):
            request.headers["Content-Length"] = str(len(body or b""))
        patience = min(max(ends - self._monotonic(), 0.001), LONGEST)
        timeout = (min(CONNECT, patience), patience)
        try:
            response = self._adapter.send(request, True, timeout, self._verify, None, self._proxies)
            return Reply(method, url, response.status_code, _lower(response.headers), self._read(response, ends))
        except requests.RequestException as error:
            raise _lost(error, url, patience) from error
        except urllib3.exceptions.ReadTimeoutError as error:
            raise _unfinished(url) from error
        except urllib3.exceptions.DecodeError as error:
            message = "The service sent a reply that cannot be unpacked; tell the vendor"
            raise InvalidResponse(message, code="broken_encoding", status=response.status_code) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _broken(url) from error

    def _read(self, response: requests.Response, ends: float) -> bytes:
        """The whole body; a service that drips it byte by byte is not waited for without end."""
        chunks = []
        with response:
            for chunk in _arriving(response.raw):
                chunks.append(chunk)
                if self._monotonic() > ends:
                    raise _unfinished(response.url)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _arriving(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    """What has arrived, as soon as it has: to wait for a full chunk would be to wait for a drip without end."""
    while chunk := raw.read1(CHUNK, decode_content=True):
        yield chunk


def _target(reply: Reply, method: str) -> str | None:
    """Where the service redirects to, if it does and the request may be sent there."""
    target = reply.headers.get("location")
    if reply.status not in (301, 302, 303, 307, 308) or not target or method not in SAFE_METHODS:
        return None
    try:
        url = urljoin(reply.url, target)
        return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname else None
    except ValueError:
        return None


def _lost(error: requests.RequestException, url: str, patience: float) -> Exception:
    """What a failure of the adapter means for the caller."""
    host = _host(url)
    if isinstance(error, requests.exceptions.SSLError):
        return _broken_tls(error, host)
    if isinstance(error, requests.exceptions.ProxyError):
        return Lost(f"The proxy in front of {host} cannot be reached; check the proxy", reached=False, fix="admin")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Lost(f"{host} did not accept a connection in time; check apiUrl, or try again later", reached=False)
    if isinstance(error, requests.exceptions.ReadTimeout):
        message = f"{host} did not answer within {patience:.3g} s; try again later, or allow a longer timeout"
        return Lost(message, reached=True)
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return _broken_connection(error, host)
    return InvalidInput(f"The request cannot be sent: {type(error).__name__}", code="invalid_request")


def _broken_tls(error: requests.RequestException, host: str) -> Lost:
    cause: Any = error.args[0] if error.args else None
    failure = getattr(getattr(cause, "reason", cause), "args", (None,))[0]
    reason = str(getattr(failure, "reason", None) or "")
    if not isinstance(failure, ssl.SSLCertVerificationError) and not any(word in reason for word in HANDSHAKE):
        return _broken(f"//{host}")
    message = f"The TLS certificate or handshake of {host} failed ({reason.lower() or 'certificate'}); check apiUrl, or"
    return Lost(
        f"{message} name the authority to trust in REQUESTS_CA_BUNDLE", reached=False, repeatable=False, fix="admin"
    )


def _broken_connection(error: requests.RequestException, host: str) -> Lost:
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return Lost(f"The name {host} does not resolve; check apiUrl and the network", reached=False, fix="admin")
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        message = f"{host} refuses connections or cannot be reached; check apiUrl, or try again later"
        return Lost(message, reached=False)
    return _broken(f"//{host}")


def _broken(url: str) -> Lost:
    return Lost(f"The connection to {_host(url)} broke before the whole reply was there; try again later", reached=True)


def _unfinished(url: str) -> Lost:
    message = f"{_host(url)} did not finish its reply in time; try again later, or allow a longer timeout"
    return Lost(message, reached=True)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _host(url: str | None) -> str:
    """The host and its port; never the name and password that an address may carry."""
    return urlsplit(url or "").netloc.rpartition("@")[2]


def _proxies(url: str) -> dict[str, str]:
    """The proxies of the environment; this machine itself is never reached through one."""
    if is_loopback(url):
        return {}
    from requests.utils import get_environ_proxies

    return dict(get_environ_proxies(url))


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:  # a name, such as 127.example.com
        return False
