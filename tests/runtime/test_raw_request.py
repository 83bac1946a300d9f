"""The raw request has one form in every component, which takes the names that each had before."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import responses
from tests.runtime.commandline import forget, run

from sales_connectors import Runtime, manifest
from sales_connectors.errors import InvalidInput, Unavailable
from sales_connectors.manifest.vocabulary import is_valid_form
from sales_connectors.sdk import raw_request
from sales_connectors.testing import FakeClock

PLACES = {
    "zendesk-sell": ("oauth", "https://api.getbase.com/v2/things"),
    "salesloft": ("oauth2", "https://api.salesloft.com/things"),
    "outreach": ("oauth2", "https://api.outreach.io/api/v2/things"),
}
BYTES = b"\x00\xff binary \r\n"
OWN = {"zendesk-sell": {"version"}, "salesloft": {"includeRawBody"}, "outreach": {"includeRawBody"}}
"""What only some components take: one has versions, the others answer with more than the body."""


class Vendor:
    def __init__(self, component: str, wire: responses.RequestsMock, clock: FakeClock) -> None:
        self.component, self.wire = component, wire
        key, self.address = PLACES[component]
        self.connection = {"key": key, "fields": {"rateLimit": 0}, "token": {"access_token": "secret"}}
        self.runtime = Runtime(clock=clock, random=lambda: 0.0)

    def answers(self, method: str, *statuses: int, **reply: Any) -> None:
        for status in statuses or (200,):
            self.wire.add(method, self.address, status=status, **(reply or {"json": {"data": []}}))

    def send(self, **inputs: Any) -> Any:
        """The body of the answer."""
        given = {"url": "/things", "method": "POST", **inputs}
        data = self.runtime.invoke(self.component, "rawRequest", given, self.connection)["data"]
        return data["response"]["body"] if self.component != "zendesk-sell" else data

    def refuse(self, **inputs: Any) -> list[str]:
        with pytest.raises(InvalidInput) as raised:
            self.send(**inputs)
        assert not self.wire.calls
        return [fault["path"] for fault in raised.value.fields]

    @property
    def last(self) -> Any:
        return self.wire.calls[-1].request


@pytest.fixture(params=PLACES)
def vendor(request: pytest.FixtureRequest, home: Path) -> Iterator[Vendor]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Vendor(request.param, wire, FakeClock())


def test_every_component_has_the_same_inputs() -> None:
    forms = {key: manifest.load_component(key).form("rawRequest").properties for key in PLACES}
    common = set(forms["zendesk-sell"]) - OWN["zendesk-sell"]
    assert {key: set(form) - OWN[key] for key, form in forms.items()} == dict.fromkeys(PLACES, common)
    same = common - {"method", "url", "headers", "data", "queryParams"}  # in these the examples differ, or the methods
    for name in same:
        assert len({json.dumps({**form[name], "default": 0}, sort_keys=True) for form in forms.values()}) == 1, name


def test_what_forms_refer_to_is_of_their_dialect() -> None:
    assert is_valid_form(json.loads(Path(raw_request.__file__).with_suffix(".json").read_bytes()))


@pytest.mark.parametrize("kind", ["binary", "arraybuffer"])
def test_bytes_are_told_as_base64(vendor: Vendor, kind: str) -> None:
    vendor.answers("GET", body=BYTES, content_type="image/png")
    found = vendor.send(method="GET", responseType=kind)
    assert found == {"base64": base64.b64encode(BYTES).decode(), "contentType": "image/png"}


def test_text_is_not_read_as_json(vendor: Vendor) -> None:
    vendor.answers("GET")
    assert vendor.send(method="GET", responseType="text") == '{"data": []}'
    assert vendor.send(method="GET") == {"data": []}


def test_bytes_and_forms_are_sent(vendor: Vendor) -> None:
    vendor.answers("POST")
    binary = {"base64": base64.b64encode(BYTES).decode(), "contentType": "image/png"}
    vendor.send(data=binary)
    assert (vendor.last.body, vendor.last.headers["Content-Type"]) == (BYTES, "image/png")
    vendor.send(formData={"name": "Mark"}, fileData={"photo": binary}, fileDataFileNames={"photo": "mark.png"})
    assert vendor.last.headers["Content-Type"].startswith("multipart/form-data; boundary=")
    assert b'name="photo"; filename="mark.png"\r\nContent-Type: image/png\r\n\r\n' + BYTES in vendor.last.body
    vendor.send(data={"form_urlencoded": {"a": [1, True]}})
    assert vendor.last.body == b"a=1&a=true"
    vendor.send(data={"none": None})
    assert vendor.last.body is None


def test_the_caller_may_say_how_often_to_try(vendor: Vendor) -> None:
    vendor.answers("POST", 429, 429, 200)
    assert vendor.send(maxRetries=2, retryDelayMS=500, useExponentialBackoff=True) == {"data": []}
    vendor.answers("PATCH", 503)
    with pytest.raises(Unavailable):
        vendor.send(method="PATCH", maxRetries=0)
    assert len(vendor.wire.calls) == 4


OLD = {"queryParameters": [{"key": "a", "value": 1}], "body": {"raw": {"b": 2}}, "parseResponse": "false"}
NEW = {"queryParams": {"a": 1}, "data": {"b": 2}, "responseType": "text"}


def test_the_names_of_before_are_taken_with_a_warning(vendor: Vendor) -> None:
    vendor.answers("POST")
    with pytest.warns(DeprecationWarning, match="is deprecated: use") as told:
        assert vendor.send(**OLD) == vendor.send(**NEW) == '{"data": []}'
    before, now = (call.request for call in vendor.wire.calls)
    assert (before.url, before.body) == (now.url, now.body) == (f"{vendor.address}?a=1", b'{"b":2}')
    assert [str(warning.message) for warning in told] == [
        "queryParameters is deprecated: use queryParams",
        "body is deprecated: use data",
        "parseResponse is deprecated: use responseType",
    ]
    assert {warning.filename for warning in told} == {__file__}


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
def test_faults_name_the_input_that_was_given(vendor: Vendor) -> None:
    assert vendor.refuse(queryParameters={"a": 1}, queryParams={"a": 2}) == ["/queryParameters"]
    assert vendor.refuse(queryParameters=[{"key": "a"}]) == ["/queryParameters/0/value"]
    assert vendor.refuse(parseResponse="maybe") == ["/parseResponse"]
    assert vendor.refuse(body="x", formData={"a": "b"}) == ["/formData"]
    assert vendor.refuse(fileDataFileNames={"a": "b"}) == ["/fileData"]


def test_a_rule_for_trying_again_says_how_often(vendor: Vendor) -> None:
    if vendor.component == "zendesk-sell":  # where not at all is the default
        vendor.answers("GET", 503)
        with pytest.raises(Unavailable):
            vendor.send(method="GET", retryDelayMS=100)
    else:
        assert vendor.refuse(retryDelayMS=100) == ["/maxRetries"]
        vendor.answers("GET", 503, 200)
        assert vendor.send(method="GET") == {"data": []}  # by the rule of every other action


def test_an_old_name_that_is_left_empty_is_not_given(vendor: Vendor) -> None:
    vendor.answers("POST")
    assert vendor.send(queryParameters="", body=" ", parseResponse="") == {"data": []}
    assert (vendor.last.url, vendor.last.body) == (vendor.address, None)


def test_the_command_line_says_which_name_is_new(home: Path, tmp_path: Path) -> None:
    forget()
    given = tmp_path / "connection.json"
    given.write_text(json.dumps({"token": "secret"}))
    given.chmod(0o600)
    inputs = {"url": "/tasks", "method": "GET", "queryParameters": {"page": 2}}
    ran = run("run", "zendesk-sell", "rawRequest", "-i", json.dumps(inputs), "--dry-run", "-c", f"@{given}")
    forget()
    assert ran.json["request"]["url"] == "https://api.getbase.com/v2/tasks?page=2"
    assert "queryParameters is deprecated: use queryParams" in ran.err
