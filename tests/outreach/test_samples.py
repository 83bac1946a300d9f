"""Inputs as the vendor's document writes them in its samples: in snake_case, in attributes and relationships."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.sandboxes import PassingClock, connecting

from sales_connectors import Runtime, manifest
from sales_connectors.errors import InvalidInput
from sales_connectors.imitation import running
from sales_connectors.sdk import to_snake_case

HERE = Path(__file__).parent
SAMPLES: dict[str, dict[str, Any]] = json.loads((HERE / "samples.json").read_text("utf-8"))
"""The inputs of the document's samples, word for word."""
FACTS: dict[str, Any] = json.loads((HERE / "contract.json").read_text("utf-8"))
COMPONENT = manifest.load_component("outreach")
REFUSED = {"listMailboxes": "emailProvider", "listProspects": "company"}
"""Samples that filter by a field by which the vendor does not."""


def write_sample(key: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """These inputs as a sample of the document would write them."""
    sample: dict[str, Any] = {}
    for name, value in inputs.items():
        fact = FACTS[key]["inputs"].get(name, {"in": "query"})
        if name == "customFields":
            sample.setdefault("attributes", {}).update(value)
        elif fact["in"] == "attribute":
            sample.setdefault("attributes", {})[fact["name"]] = value
        elif fact["in"] == "relationship":
            linked = sample.setdefault("relationships", {})
            if name in ("subjectType", "subjectId"):
                linked.setdefault("subject", {})[name.removeprefix("subject").lower()] = value
            else:
                linked[fact["name"]] = value
        else:
            sample[to_snake_case(name)] = value
    return sample


@pytest.mark.parametrize("key", [key for key in COMPONENT.actions if key in FACTS])
def test_every_input_may_be_written_as_in_a_sample(key: str) -> None:
    check = Runtime().check
    for example in COMPONENT.form(key).schema["examples"]:
        assert check("outreach", key, write_sample(key, example)) == check("outreach", key, example)


@pytest.fixture
def outreach() -> Iterator[Any]:
    usual = Runtime(clock=PassingClock(), random=lambda: 0.0)
    with running("outreach", rate=0) as box, connecting("outreach", usual) as to:
        yield to(box)


def test_a_sample_of_the_document_works_as_it_stands(outreach: Any) -> None:
    """The sandbox has what the samples name, so that nothing in them needs to be another."""
    assert len(SAMPLES) == 14
    for key, sample in SAMPLES.items():
        if key in REFUSED:
            with pytest.raises(InvalidInput, match=f"must be one of .* not '{REFUSED[key]}'"):
                outreach.run(key, sample)
            sample = {name: value for name, value in sample.items() if name != "filters"}
        assert (outreach.run(key, sample) is None) == key.startswith("delete")


@pytest.mark.parametrize(
    ("key", "given", "path"),
    [
        ("createTask", {"relationships": {"subject": {"type": "prospect", "kind": 4}}}, "/subjectId"),
        ("createProspect", {"firstName": "Mark", "attributes": {"firstName": "Mary"}}, "/attributes/firstName"),
        ("createProspect", {"attributes": {"firstName": "Mark", "lastNme": "Twain"}}, "/lastNme"),
        ("createProspect", {"attributes": {"custom151": "x"}}, "/customFields"),
        ("createProspect", {"attributes": [1]}, "/attributes"),
        ("createProspect", {"attributes": {"custom1": "x"}, "customFields": "custom2"}, "/customFields"),
        ("deleteProspect", {"prospectId": 7, "attributes": {}}, "/attributes"),  # its sample has no wrapper
    ],
)
def test_what_a_sample_could_not_mean_is_refused(key: str, given: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Runtime().check("outreach", key, given)
    assert path in [fault["path"] for fault in raised.value.fields]


def test_custom_fields_among_the_attributes_join_those_that_stand_alone() -> None:
    given = {"attributes": {"firstName": "Mark", "custom2": "b"}, "customFields": {"custom1": "a"}}
    for order in (given, dict(reversed(given.items()))):
        accepted = Runtime().check("outreach", "createProspect", order)
        assert accepted["customFields"] == {"custom1": "a", "custom2": "b"}
