"""Replies as they are: taken where a sensible reader would take them, else told as the fault of the service."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from responses import RequestsMock
from tests.conftest import Server, Toy, http

from sales_connectors import Runtime
from sales_connectors.errors import InvalidResponse, SalesError

THING = "https://toy.example/things/7"
THINGS = "https://toy.example/things"


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b'\xef\xbb\xbf{"id": 7}', {"id": 7}),
        ('{"id": 7}'.encode("utf-16"), {"id": 7}),
        (rb'{"name": "half \ud83d of it"}', {"name": "half \ufffd of it"}),
        (rb'{"name": "\ude00"}', {"name": "\ufffd"}),
        (rb'{"name": "\ud83d\ude00"}', {"name": "😀"}),
        (rb'{"a": "\ud83d", "name": "\\ud83d"}', {"a": "\ufffd", "name": r"\ud83d"}),
        (b'{"id": 1, "id": 7}', {"id": 7}),
    ],
)
def test_json_is_read_as_a_sensible_reader_would(things: Toy, web: RequestsMock, body: bytes, read: Any) -> None:
    web.get(THING, body=body)
    assert things.data("getThing", {"id": 7}) == read


@pytest.mark.parametrize(
    "body", [b'{"id": 7', b'{"name": "\xff"}', b'{"id": NaN}', b"\xef\xbb\xbf", b'\xef\xbb\xbf{"id": ']
)
def test_what_is_no_json_is_the_fault_of_the_service(things: Toy, web: RequestsMock, body: bytes) -> None:
    web.get(THING, body=body)
    with pytest.raises(InvalidResponse):
        things.data("getThing", {"id": 7})


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/csv; charset=ISO-8859-1", b"1;Caf\xe9", "1;Café"),
        ('text/csv; charset="windows-1252"', b"\x80 5", "€ 5"),
        ("text/csv", "Café".encode(), "Café"),
        ("text/csv; charset=no-such", "Café".encode(), "Café"),
        ("text/csv; charset=utf-8", b"\xff", "\ufffd"),
    ],
)
def test_text_is_in_the_charset_that_it_declares(web: RequestsMock, content_type: str, body: bytes, text: str) -> None:
    web.get("https://api.getbase.com/v2/file", body=body, content_type=content_type)
    asked = {"method": "GET", "url": "/v2/file", "responseType": "text"}
    found = Runtime().invoke("zendesk-sell", "rawRequest", asked, {"token": "secret"})
    assert found == {"data": {"data": text}} or found["data"] == text


# --- lists ---------------------------------------------------------------------------------------------


def page(*ids: int, more: bool = True) -> dict[str, Any]:
    return {
        "items": [{"data": {"id": number}} for number in ids],
        "meta": {"links": {"next_page": "x"} if more else {}},
    }


def read_all(how: str) -> list[int]:
    runtime, connection = Runtime(), {"token": "secret", "fields": {"rateLimit": 0}}
    if how == "iterate":
        return [deal["data"]["id"] for deal in runtime.iterate("zendesk-sell", "listDeals", {}, connection)]
    if how == "fetchAll":
        whole = runtime.invoke("zendesk-sell", "listDeals", {"fetchAll": True}, connection)["data"]
        return [deal["data"]["id"] for deal in whole["items"]]
    picked = runtime.pick("zendesk-sell", "selectDeal", {}, connection, limit=1000)
    return sorted(int(option["key"]) for option in picked["result"])


WALKS = ["iterate", "fetchAll", "pick"]


def serve_pages(web: RequestsMock, find: Callable[[int], dict[str, Any]]) -> None:
    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps(find(int(request.params["page"])))

    web.add_callback("GET", "https://api.getbase.com/v2/deals", answer)


@pytest.mark.parametrize("how", WALKS)
def test_an_empty_page_in_the_middle_does_not_end_a_list(web: RequestsMock, how: str) -> None:
    pages = {1: page(1, 2), 2: page(), 3: page(3, more=False)}
    serve_pages(web, lambda number: pages.get(number, page(more=False)))
    assert read_all(how) == [1, 2, 3]


@pytest.mark.parametrize("how", WALKS)
@pytest.mark.parametrize("again", [page(1, 2), page()], ids=["the same page", "empty pages"])
def test_a_list_that_would_never_end_is_told(web: RequestsMock, how: str, again: dict[str, Any]) -> None:
    serve_pages(web, lambda number: again)
    with pytest.raises(InvalidResponse, match="never end") as raised:
        read_all(how)
    assert raised.value.code == "endless_list"
    assert len(web.calls) < 130


# --- size ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
def test_a_reply_beyond_its_bound_is_not_read(things: Toy, serve: Callable[..., Server], packed: bool) -> None:
    body = json.dumps({"name": "a" * 3_000_000}).encode()
    script = http(200, gzip.compress(body), Content_Encoding="gzip") if packed else http(200, body)
    at = things.at(serve(script).url)
    with pytest.raises(InvalidResponse, match=r"more than 2 MB; ask for less .* max_reply") as raised:
        at.data("getThing", {"id": 7}, maxReply=2)
    assert raised.value.code == "reply_too_large"
    assert len(at.data("getThing", {"id": 7}, maxReply=4)["name"]) == 3_000_000


# --- redirects -----------------------------------------------------------------------------------------


def test_a_redirect_to_the_same_place_in_other_words_stays_signed(things: Toy, web: RequestsMock) -> None:
    web.get(THING, status=302, headers={"Location": "https://toy.example:443/things/8"})
    web.get("https://toy.example:443/things/8", json={"id": 8})
    assert things.data("getThing", {"id": 7}) == {"id": 8}
    assert "Authorization" in web.calls[1].request.headers


@pytest.mark.parametrize("target", ["http://127.0.0.1:99999/x", "https://[", "//", "http://:80/"])
def test_a_redirect_to_no_address_is_told(things: Toy, web: RequestsMock, target: str) -> None:
    web.get(THING, status=302, headers={"Location": target})
    with pytest.raises(SalesError) as raised:
        things.data("getThing", {"id": 7})
    assert raised.value.code == "redirect"


def test_a_redirect_to_a_host_alone_goes_to_its_root(things: Toy, serve: Callable[..., Server]) -> None:
    other = serve(http(200, b'{"id": 9}'))
    home = serve(http(302, Location=f"{other.url}?next=café"))
    assert things.at(home.url).data("getThing", {"id": 7}) == {"id": 9}
    assert other.requests[0].startswith(b"GET /?next=caf%C3%A9 HTTP/1.1")


def test_a_write_whose_reply_cannot_be_read_says_that_it_may_be_done(things: Toy, web: RequestsMock) -> None:
    web.post(THINGS, body=b'{"id": ')
    web.get(THING, body=b'{"id": ')
    with pytest.raises(InvalidResponse, match="It may have done what was asked: look before repeating it"):
        things.data("createThing", {"name": "Lamp"})
    with pytest.raises(InvalidResponse) as raised:
        things.data("getThing", {"id": 7})
    assert "may have done" not in raised.value.message
