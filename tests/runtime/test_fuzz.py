"""Arbitrary inputs over every form: either one clear InvalidInput and silence, or inputs that the schema takes.

``SALES_CONNECTORS_FUZZ`` says how many inputs are tried.
"""

import io
import json
import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter

from sales_connectors import Runtime, manifest
from sales_connectors.errors import InvalidInput
from sales_connectors.inputs import accept_inputs
from sales_connectors.inputs.explain import find_errors
from sales_connectors.inputs.json_compatibility import find_unserializable
from sales_connectors.manifest import Component, Form
from sales_connectors.manifest.forms import list_types

EXAMPLES = int(os.environ.get("SALES_CONNECTORS_FUZZ", "1000"))
PATIENT = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="SALES_CONNECTORS_FUZZ" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
Value = st.SearchStrategy[Any]

ODD_TEXT = [
    *("", " ", "null", "true", "TRUE", "1", "-1", "+1", "1.0", "1e400", "1e99999999", "NaN", "٣", "1,2", "a,b"),
    *("{", "[", "[]", "{}", "[1,", '[{"key":"a","value":1}]', '{"a":1,"a":2}', '{"base64":"!"}', '{"base64":"QQ=="}'),
    *("\x00", "\ud800", "\ufeff", "\x85", "1\n", "\r\nX: y", "😀" * 40, "x" * 5000),
    *("2024-02-30", "2024-02-29", "0000-01-01", "2016-12-31T23:59:60Z", "2024-06-30t10:00:00.123456789z"),
    *("2024-06-30T24:00:00Z", "2024-06-30T10:00:00+24:00", "a@b.example", "a@b@c", ".a@b"),
    *("//elsewhere.example", "https://elsewhere.example", "https://[", "../..", "a:b"),
]
ODD_NUMBERS = [0, 1, -1, 2**31, 2**63, 2**64, 10**30, 10**1000, 0.1, 1e16, 1e300, -0.0, 1.0]
ODD_DECIMALS = [Decimal(text) for text in ("1", "1.0", "1.10", "1E+5", "1E+400", "1E-400", "0E-7")]
UNJSON = [
    float("nan"),
    float("inf"),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("1E+999999"),
    b"x",
    {1: 2},
    {1, 2},
    (1, "2"),
    object(),
]

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
    | st.sampled_from(ODD_TEXT) | st.sampled_from(ODD_NUMBERS) | st.sampled_from(ODD_DECIMALS)
)  # fmt: skip
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "key", "value"]) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


def wanted(spec: Mapping[str, Any]) -> Value:
    """Values that may well be right, in one of the forms in which callers send them."""
    known = [*spec.get("enum", ()), *spec.get("examples", ())]
    right = st.sampled_from(known) if known else leaves
    kinds = list_types(spec)
    if "integer" in kinds:
        right |= st.integers(1, 200)
    if "boolean" in kinds:
        right |= st.booleans()
    if "object" in kinds and isinstance(spec.get("additionalProperties"), dict):
        right |= st.dictionaries(st.text(max_size=4), leaves, max_size=3)
    return right | right.map(as_text)


def as_text(value: Any) -> Any:
    return value if isinstance(value, str | None) else json.dumps(value, default=str)


@st.composite
def inputs_of(draw: st.DrawFn, form: Form, odd: Value = anything) -> dict[str, Any]:
    """A complete example of the form, with some of it left out, some changed and some added."""
    examples = form.schema.get("examples") or [{}]
    inputs = dict(draw(st.sampled_from(examples)))
    for name in draw(st.lists(st.sampled_from(sorted(form.properties) or ["x"]), max_size=4)):
        inputs[name] = draw(wanted(form.properties.get(name, {})) | odd)
    for name in draw(st.lists(st.sampled_from(sorted(inputs) or ["x"]), max_size=2)):
        inputs.pop(name, None)
    return inputs | draw(st.just({}) | st.just({}) | st.dictionaries(st.text(max_size=5), leaves, max_size=1))


def forms(component: Component) -> Iterator[tuple[str, str]]:
    yield from (("actions", key) for key in component.actions)
    yield from (("dataSources", key) for key in component.data_sources)
    yield from (("triggers", key) for key in component.triggers)


SELL = manifest.load_component("zendesk-sell")
SELL_FORMS = list(forms(SELL))
EVERY_FORM = [
    (found.key, key)
    for found in (SELL, *manifest.load_components())
    for _, key in [*forms(found), *(("connections", key) for key in found.connections)]
]
CONNECTION = {"fields": {"rateLimit": 0}, "token": {"access_token": "abcd"}}
REPLY = json.dumps(
    {
        "data": {"id": 1, "name": "a", "email": "a@b.example"},
        "items": [],
        "meta": {"links": {}, "position": "p", "top": True},
    }
).encode()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[requests.PreparedRequest]:
    """Everything that leaves; each request has a good reply."""
    seen: list[requests.PreparedRequest] = []

    def send(adapter: HTTPAdapter, request: requests.PreparedRequest, *more: Any) -> requests.Response:
        seen.append(request)
        request.headers["Authorization"].encode("latin-1")
        body = b"" if request.method == "HEAD" else REPLY
        raw = urllib3.HTTPResponse(io.BytesIO(body), preload_content=False, status=200)
        return adapter.build_response(request, raw)

    monkeypatch.setattr(HTTPAdapter, "send", send)
    return seen


def refusal(runtime: Runtime, section: str, key: str, inputs: Any) -> InvalidInput | None:
    """Why the inputs are refused, if they are; any other error is a defect."""
    ask: Any = {"dataSources": runtime.pick, "triggers": runtime.poll, "actions": runtime.invoke}[section]
    try:
        ask("zendesk-sell", key, inputs, CONNECTION)
    except InvalidInput as refused:
        return refused
    return None


@PATIENT
@given(data=st.data())
def test_any_input_is_refused_in_words_or_sent_as_the_schema_has_it(
    runtime: Runtime, sent: list[requests.PreparedRequest], data: st.DataObject
) -> None:
    sent.clear()
    section, key = data.draw(st.sampled_from(SELL_FORMS))
    form = SELL.form(key)
    inputs = data.draw(inputs_of(form, anything | st.sampled_from(UNJSON)))
    note(f"{key} {inputs!r:.2000}")
    refused = refusal(runtime, section, key, inputs)
    if refused is not None:
        assert not sent, "a request left for inputs that were refused"
        assert refused.fields
        assert refused.message
        json.dumps(refused.as_json(), ensure_ascii=False).encode()
        return
    values = accept_inputs(form, inputs, key)
    assert not list(find_errors(form, values))
    assert not list(find_unserializable(values))
    assert sent or section == "dataSources", "a picklist may be remembered; anything else is asked for"
    assert all(str(request.url).startswith("https://api.getbase.com/") for request in sent)


@PATIENT
@given(data=st.data())
def test_the_fast_validator_and_the_explaining_one_agree(data: st.DataObject) -> None:
    component, key = data.draw(st.sampled_from(EVERY_FORM))
    form = manifest.load_component(component).form(key)
    values = data.draw(inputs_of(form))
    note(f"{key} {values!r:.2000}")
    if not any(find_unserializable(values)):
        assert form.fast_validator.is_valid(values) == (not list(find_errors(form, values)))


@settings(PATIENT, max_examples=EXAMPLES // 4)
@given(value=anything)
def test_inputs_that_are_no_object_are_refused(runtime: Runtime, value: Any) -> None:
    if isinstance(value, dict) or value is None:
        return
    with pytest.raises(InvalidInput, match="must be an object"):
        runtime.invoke("zendesk-sell", "listContacts", value, CONNECTION)


@pytest.mark.parametrize(("component", "key"), EVERY_FORM)
def test_every_example_is_taken(component: str, key: str) -> None:
    form = manifest.load_component(component).form(key)
    for example in form.schema.get("examples", ()):
        assert not list(find_errors(form, example))
        assert form.fast_validator.is_valid(example)
        accept_inputs(form, example, key)
        accept_inputs(form, {name: as_text(value) for name, value in example.items()}, key)
