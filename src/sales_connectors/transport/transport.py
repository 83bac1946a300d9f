"""One attempt of a request: out through the pooled adapter, redirects followed, the reply read to its end.

``requests`` is used at its adapter: preparing a session for each call would cost more than the call.
"""

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from ..addresses import format_location
from ..errors import InvalidInput, InvalidResponse
from ..fork import reset_in_children, retain_inherited
from ..sdk.request import SAFE_METHODS, Request, Response
from .call import ALLOW_LONGER, TransportError
from .proxies import find_proxies

CONNECT_SECONDS = 10.0
"""Seconds to connect at the most; a host that takes longer is not there."""
MAX_REDIRECTS = 5
CHUNK_BYTES = 1 << 16
MAX_SOCKET_SECONDS = 86_400.0
"""Seconds that a socket is waited for at the most; larger numbers do not fit into it."""

CHECK_URL, TRY_LATER = "check apiUrl", "try again later"
"""What the caller may do about an attempt without a reply; who asks another address than apiUrl names that one."""

NEUTRAL_HEADERS = frozenset({"user-agent", "accept", "accept-encoding"})
"""Headers that a host which the service redirects to may see."""

HANDSHAKE_FAILURES = (
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


class Transport:
    """The pooled connections to one host."""

    def __init__(self, api_url: str, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._adapter = Adapter()
        reset_in_children(self)
        self._proxies = find_proxies(api_url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def close(self) -> None:
        self._adapter.close()

    def reset_after_fork(self) -> None:
        retain_inherited(self._adapter)
        self._adapter = Adapter()

    def attempt(self, request: Request, sign: Callable[[Request], Request], patience: float) -> Response:
        """Send once, signed; redirects stay signed on the same host only.  No whole response is TransportError."""
        ends = self._monotonic() + patience
        response = self._once(sign(request), ends)
        for _ in range(MAX_REDIRECTS):
            url = _find_redirect(response, request.method)
            if url is None:
                return response
            at_home = urlsplit(url)[:2] == urlsplit(request.url)[:2]
            response = self._once(sign(replace(request, url=url)) if at_home else _strip_request(request, url), ends)
        return response

    def _once(self, request: Request, ends: float) -> Response:
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = request.method, request.url, request.body
        prepared.headers = CaseInsensitiveDict(request.headers)
        if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
            prepared.headers["Content-Length"] = str(len(request.body or b""))
        patience = min(max(ends - self._monotonic(), 0.001), MAX_SOCKET_SECONDS)
        timeout = (min(CONNECT_SECONDS, patience), patience)
        method, url = request.method, request.url
        try:
            response = self._adapter.send(prepared, True, timeout, self._verify, None, self._proxies)
            return Response(
                method, url, response.status_code, _lower_names(response.headers), self._read(response, ends)
            )
        except requests.RequestException as error:
            raise _map_error(error, url, patience) from error
        except urllib3.exceptions.ReadTimeoutError as error:
            raise _unfinished_reply_error(url) from error
        except urllib3.exceptions.DecodeError as error:
            message = "The service sent a reply that cannot be unpacked; tell the vendor"
            raise InvalidResponse(message, code="broken_encoding", status=response.status_code) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _broken_reply_error(url) from error

    def _read(self, response: requests.Response, ends: float) -> bytes:
        """The whole body; a service that drips it byte by byte is not waited for without end."""
        chunks = []
        with response:
            for chunk in _read_chunks(response.raw):
                chunks.append(chunk)
                if self._monotonic() > ends:
                    raise _unfinished_reply_error(response.url)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _read_chunks(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    """What has arrived, as soon as it has: to wait for a full chunk would be to wait for a drip without end."""
    while chunk := raw.read1(CHUNK_BYTES, decode_content=True):
        yield chunk


def _strip_request(request: Request, url: str) -> Request:
    """What another host may see of a request that is redirected there."""
    neutral = {name: value for name, value in request.headers.items() if name.lower() in NEUTRAL_HEADERS}
    return replace(request, url=url, headers=neutral, body=None)


def _find_redirect(reply: Response, method: str) -> str | None:
    """Where the service redirects to, if it does and the request may be sent there."""
    target = reply.headers.get("location")
    if reply.status not in (301, 302, 303, 307, 308) or not target or method not in SAFE_METHODS:
        return None
    try:
        url = urljoin(reply.url, target)
        return url if urlsplit(url).scheme in ("http", "https") and urlsplit(url).hostname else None
    except ValueError:
        return None


def _map_error(error: requests.RequestException, url: str, patience: float) -> Exception:
    """What a failure of the adapter means for the caller."""
    host = format_location(url)
    if isinstance(error, requests.exceptions.SSLError):
        return _tls_error(error, host)
    if isinstance(error, requests.exceptions.ProxyError):
        event = f"The proxy in front of {host} cannot be reached"
        return TransportError(event, "check the proxy", reached=False, fix="admin")
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return TransportError(f"{host} did not accept a connection in time", CHECK_URL, TRY_LATER, reached=False)
    if isinstance(error, requests.exceptions.ReadTimeout):
        event = f"{host} did not answer within {round(patience, 3):g} s"
        return TransportError(event, TRY_LATER, ALLOW_LONGER, reached=True)
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return _connection_error(error, host)
    return InvalidInput(f"The request cannot be sent: {type(error).__name__}", code="invalid_request")


def _tls_error(error: requests.RequestException, host: str) -> TransportError:
    cause: Any = error.args[0] if error.args else None
    failure = getattr(getattr(cause, "reason", cause), "args", (None,))[0]
    reason = str(getattr(failure, "reason", None) or "")
    if not isinstance(failure, ssl.SSLCertVerificationError) and not any(word in reason for word in HANDSHAKE_FAILURES):
        return _broken_reply_error(f"//{host}")
    event = f"The TLS certificate or handshake of {host} failed ({reason.lower() or 'certificate'})"
    trust = "name the authority to trust in REQUESTS_CA_BUNDLE"
    return TransportError(event, CHECK_URL, trust, reached=False, repeatable=False, fix="admin")


def _connection_error(error: requests.RequestException, host: str) -> TransportError:
    cause: Any = error.args[0] if error.args else None
    reason = getattr(cause, "reason", None)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        event = f"The name {host} does not resolve"
        return TransportError(event, f"{CHECK_URL} and the network", reached=False, fix="admin")
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        event = f"{host} refuses connections or cannot be reached"
        return TransportError(event, CHECK_URL, TRY_LATER, reached=False)
    return _broken_reply_error(f"//{host}")


def _broken_reply_error(url: str) -> TransportError:
    event = f"The connection to {format_location(url)} broke before the whole reply was there"
    return TransportError(event, TRY_LATER, reached=True)


def _unfinished_reply_error(url: str) -> TransportError:
    event = f"{format_location(url)} did not finish its reply in time"
    return TransportError(event, TRY_LATER, ALLOW_LONGER, reached=True)


def _lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
