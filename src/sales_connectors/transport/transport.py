"""One attempt of a request: out through the pooled adapter, redirects followed, the reply read to its end.

``requests`` is used at its adapter: preparing a session for each call would cost more than the call.
"""

import os
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from ..addresses import format_location, parse_origin
from ..errors import ConfigurationError, InvalidInput, InvalidResponse, SalesError, find_lack
from ..fork import reset_in_children, retain_inherited
from ..sdk.request import SAFE_METHODS, Request, Response
from .call import ALLOW_LONGER, TransportError
from .connections import MAX_SOCKET_SECONDS, POOLS, UNDER_WAY, Progress
from .fate import Fate, judge_status
from .proxies import find_proxies

CONNECT_SECONDS = 10.0
"""Seconds to connect at the most; a host that takes longer is not there."""
MAX_REDIRECTS = 5
HOST = re.compile(r"[0-9a-z][0-9a-z._-]*|[0-9a-f:.]+", re.IGNORECASE)
"""The name of a host, or the number of one."""
CHUNK_BYTES = 1 << 16
MEGABYTE = 1_000_000

CHECK_URL, TRY_LATER, TELL_VENDOR = "check apiUrl", "try again later", "tell the vendor"
"""What the caller may do about an attempt without a reply; who asks another address than apiUrl names that one."""

NEUTRAL_HEADERS = frozenset({"user-agent", "accept", "accept-encoding"})
"""Headers that a host which the service redirects to may see."""

UNSENT_ERRORS = (
    requests.exceptions.ConnectTimeout,
    requests.exceptions.ProxyError,
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)
UNREACHED = (urllib3.exceptions.NewConnectionError, ssl.SSLCertVerificationError)
"""Errors that come before a request is sent, by the adapter's word for them and by their reason."""


class Adapter(HTTPAdapter):
    """The adapter without what a session needs of it and we do not: a fifth of the time of a call.

    The pool of a host is looked up once instead of worked out for each request, and replies leave no cookies behind.
    """

    def __init__(self) -> None:
        super().__init__(pool_connections=2, pool_maxsize=32, max_retries=0)
        self._pools: dict[str, Any] = {}

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # those connections are made by another library
            manager.pool_classes_by_scheme = POOLS
        return manager

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        origin = "/".join((request.url or "").split("/", 3)[:3])
        if origin not in self._pools:
            self._pools[origin] = super().get_connection_with_tls_context(request, verify, proxies, cert)
        pool = self._pools[origin]
        if UNDER_WAY.progress is not None:
            UNDER_WAY.progress.is_noted = isinstance(pool, (*POOLS.values(),))
        return pool

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

    def __init__(
        self, api_url: str, monotonic: Callable[[], float], is_whole: Callable[[bytes], bool] | None = None
    ) -> None:
        """``is_whole`` tells whether a body is all that was wanted, though the connection broke before its end."""
        self._monotonic, self._is_whole = monotonic, is_whole
        self._adapter = Adapter()
        reset_in_children(self)
        self._proxies = find_proxies(api_url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def close(self) -> None:
        self._adapter.close()

    def reset_after_fork(self) -> None:
        retain_inherited(self._adapter)
        self._adapter = Adapter()

    def attempt(
        self, request: Request, sign: Callable[[Request], Request], patience: float, max_bytes: int
    ) -> Response:
        """Send once, signed; redirects stay signed on the same host only.  No whole response is TransportError.

        ``max_bytes`` bounds the body that is read, as it is when it is unpacked.
        """
        ends = self._monotonic() + patience
        response = self._exchange(sign(request), Progress(patience, ends, self._monotonic), max_bytes)
        for _ in range(MAX_REDIRECTS):
            url = _find_redirect(response, request.method)
            if url is None:
                return response
            at_home = parse_origin(url) == parse_origin(request.url)
            following = sign(replace(request, url=url)) if at_home else _strip_request(request, url)
            response = self._exchange(following, Progress(patience, ends, self._monotonic), max_bytes)
        return response

    def _exchange(self, request: Request, progress: Progress, max_bytes: int) -> Response:
        prepared = requests.PreparedRequest()
        prepared.method, prepared.url, prepared.body = request.method, request.url, request.body
        prepared.headers = CaseInsensitiveDict(request.headers)
        if request.body is not None or request.method in ("POST", "PUT", "PATCH"):
            prepared.headers["Content-Length"] = str(len(request.body or b""))
        left = min(max(progress.ends - self._monotonic(), 0.001), MAX_SOCKET_SECONDS)
        timeout = (min(CONNECT_SECONDS, left), left)
        UNDER_WAY.progress = progress
        try:
            reply = self._adapter.send(prepared, True, timeout, self._verify, None, self._proxies)
            content = self._read(reply, progress.ends, max_bytes)
            return Response(request.method, request.url, reply.status_code, _lower_names(reply.headers), content)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise _map_error(error, request.url, progress) from None
        finally:
            UNDER_WAY.progress = None

    def _read(self, response: requests.Response, ends: float, max_bytes: int) -> bytes:
        """The whole body; of a refusal what can be had of it, since its status says enough."""
        chunks: list[bytes] = []
        size = 0
        with response:
            try:
                for chunk in _read_chunks(response.raw):
                    chunks.append(chunk)
                    size += len(chunk)
                    if size > max_bytes:
                        raise _OverSizeError(max_bytes)
                    if self._monotonic() > ends:
                        raise TimeoutError("the time of the attempt is over")
            except (urllib3.exceptions.HTTPError, OSError):
                if response.status_code < 400 and not (self._is_whole and self._is_whole(b"".join(chunks))):
                    raise
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


class _OverSizeError(ValueError):
    """A body is larger than anybody wants to read."""


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
        parts = urlsplit(urljoin(reply.url, _encode_location(target)))
        fine = parts.scheme in ("http", "https") and HOST.fullmatch(parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    return urlunsplit(parts._replace(path=parts.path or "/", fragment="")) if fine else None


def _encode_location(target: str) -> str:
    """An address as it may stand in a request: services send UTF-8, which HTTP reads as Latin-1."""
    with suppress(UnicodeError):
        target = target.encode("latin-1").decode()
    return quote(target, safe="/:?#[]@!$&'()*+,;=%~")


def _find_fate(error: Exception, progress: Progress) -> Fate:
    """What is known of a request that ended without a whole reply: from where it ended, if one of our connections
    carried it; else from the kind of error, and then only those of connecting prove anything."""
    if progress.is_noted:
        if not progress.is_sent:
            return Fate.NOT_SENT
        proven = judge_status(progress.status or 0)
        return Fate.REFUSED if proven is Fate.REFUSED else Fate.MAYBE_DONE
    return Fate.NOT_SENT if isinstance(error, UNSENT_ERRORS) or _find_reason(error, UNREACHED) else Fate.MAYBE_DONE


def _map_error(error: Exception, url: str, progress: Progress) -> TransportError:
    """What a failure of the adapter means for the caller."""
    host, fate = format_location(url), _find_fate(error, progress)
    if fate is Fate.NOT_SENT:
        return _unsent_error(error, host)
    lost = partial(TransportError, fate=fate)
    if isinstance(error, urllib3.exceptions.DecodeError):
        event = "The service sent a reply that cannot be unpacked"
        return lost(event, TELL_VENDOR, kind=InvalidResponse, code="broken_encoding", repeatable=False)
    if isinstance(error, _OverSizeError):
        event = f"{host} answered with more than {error.args[0] // MEGABYTE} MB"
        told = partial(lost, kind=InvalidResponse, code="reply_too_large", repeatable=False, fix="builder")
        return told(event, "ask for less at a time", "allow more with the option max_reply")
    if isinstance(error, requests.exceptions.InvalidHeader):
        event = f"{host} answered with headers that contradict one another"
        return lost(event, TELL_VENDOR, kind=InvalidResponse, code="broken_headers", repeatable=False)
    if isinstance(error, requests.exceptions.ReadTimeout):
        return lost(f"{host} did not answer within {round(progress.patience, 3):g} s", TRY_LATER, ALLOW_LONGER)
    if isinstance(error, requests.exceptions.ReadTimeout | urllib3.exceptions.ReadTimeoutError | TimeoutError):
        return lost(f"{host} did not finish its reply in time", TRY_LATER, ALLOW_LONGER)
    return lost(f"The connection to {host} broke before the whole reply was there", TRY_LATER)


def _unsent_error(error: Exception, host: str) -> TransportError:
    """Why no byte of a request left."""
    unsent = partial(TransportError, fate=Fate.NOT_SENT)
    if isinstance(error, requests.exceptions.ProxyError):
        return unsent(f"The proxy in front of {host} cannot be reached", "check the proxy", fix="admin")
    tls = _find_reason(error, (ssl.SSLError,))
    if tls is not None or isinstance(error, requests.exceptions.SSLError):
        reason = str(getattr(tls, "reason", None) or "certificate").lower()
        trust = "name the authority to trust in REQUESTS_CA_BUNDLE"
        event = f"The TLS certificate or handshake of {host} failed ({reason})"
        return unsent(event, CHECK_URL, trust, repeatable=False, fix="admin")
    if lack := _find_lack(error):
        event, advice = lack.message.removesuffix(".").split(". ", 1)
        return unsent(event, advice, kind=ConfigurationError, code="resources", fix="admin")
    if _find_reason(error, (FileNotFoundError, PermissionError, IsADirectoryError)) and os.environ.get("SSLKEYLOGFILE"):
        event, advice = "The file that SSLKEYLOGFILE names cannot be written", "unset it, or name another one"
        return unsent(event, advice, kind=ConfigurationError, code="key_log_file", repeatable=False, fix="admin")
    if _find_reason(error, (urllib3.exceptions.NameResolutionError,)):
        return unsent(f"The name {host} does not resolve", f"{CHECK_URL} and the network", fix="admin")
    if isinstance(error, requests.exceptions.Timeout | TimeoutError):
        return unsent(f"{host} did not accept a connection in time", CHECK_URL, TRY_LATER)
    if isinstance(error, requests.exceptions.ConnectionError):
        return unsent(f"{host} refuses connections or cannot be reached", CHECK_URL, TRY_LATER)
    if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
        event = "The certificates to trust cannot be read"
        bundle = "name a file that exists in REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE"
        return unsent(event, bundle, kind=ConfigurationError, code="no_ca_bundle", repeatable=False, fix="admin")
    event = f"The request cannot be sent: {type(error).__name__}"
    return unsent(event, CHECK_URL, kind=InvalidInput, code="invalid_request", repeatable=False, fix="builder")


def _find_reason(error: BaseException, kinds: tuple[type[BaseException], ...]) -> BaseException | None:
    """The error of one of these kinds for which others stand."""
    return next((reason for reason in _iterate_reasons(error) if isinstance(reason, kinds)), None)


def _find_lack(error: BaseException) -> SalesError | None:
    """What the system did not give."""
    return next(filter(None, map(find_lack, _iterate_reasons(error))), None)


def _iterate_reasons(error: BaseException) -> Iterator[BaseException]:
    """An error, and the ones for which it stands."""
    seen: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        found = waiting.pop()
        if not isinstance(found, BaseException) or found in seen:
            continue
        yield found
        seen.append(found)
        waiting += [*found.args, getattr(found, "reason", None), found.__cause__]


def _lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
