"""A session for token endpoints: no reply is waited for without end, however slowly it drips in.

A refresh must be over before its lease is, and the timeouts of ``requests`` begin anew with each byte.
"""

from collections.abc import Iterator
from typing import Any

import urllib3
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as Broken
from requests.exceptions import ReadTimeout

from ..clock import SYSTEM

CHUNK_BYTES = 1 << 14


def build_session(longest: float) -> Session:
    """A session that reads for so many seconds, and begins no further read after that."""
    patient = Session()
    for scheme in ("https://", "http://"):
        patient.mount(scheme, _DeadlineAdapter(longest))
    return patient


class _DeadlineAdapter(HTTPAdapter):
    def __init__(self, longest: float) -> None:
        super().__init__()
        self._longest = longest

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        ends = SYSTEM.monotonic() + self._longest
        response = super().send(request, *arguments, **{**options, "stream": True})
        response._content = b"".join(_read_chunks(response, ends))
        return response


def _read_chunks(response: Response, ends: float) -> Iterator[bytes]:
    """What has arrived, as soon as it has."""
    while chunk := _read_chunk(response):
        yield chunk
        if SYSTEM.monotonic() > ends:
            raise ReadTimeout("the reply did not end in time")


def _read_chunk(response: Response) -> bytes:
    try:
        chunk: bytes = response.raw.read1(CHUNK_BYTES, decode_content=True)
        return chunk
    except urllib3.exceptions.ReadTimeoutError as late:
        raise ReadTimeout("the reply stopped") from late
    except (urllib3.exceptions.HTTPError, OSError) as broken:
        raise Broken("the reply broke off") from broken
