"""What the account has set up, read from the sandbox: pipelines, stages, the account itself, custom fields."""

import json
from typing import Any

import pytest

from sales_connectors import Connector
from sales_connectors.errors import InvalidInput, InvalidResponse


def names(page: Any) -> list[str]:
    return [item["data"]["name"] for item in page["items"]]


def test_pipelines_are_listed_and_filtered(shared_sell: Connector) -> None:
    assert names(shared_sell.listPipelines()) == ["New business", "Renewals", "Old pipeline"]
    assert names(shared_sell.listPipelines(disabled=True)) == ["Old pipeline"]
    assert names(shared_sell.listPipelines(name="Renewals")) == ["Renewals"]
    assert names(shared_sell.listPipelines(ids="1300002,1300001,1")) == ["New business", "Renewals"]


def test_stages_are_listed_by_pipeline(shared_sell: Connector) -> None:
    first = shared_sell.listStages(pipelineId=1300001, sortBy="position", perPage=2)
    assert names(first)[0] == "Incoming"
    assert {item["data"]["pipeline_id"] for item in first["items"]} == {1300001}
    assert all(item["data"]["active"] for item in shared_sell.listStages(active="true")["items"])


@pytest.mark.parametrize("action", ["listPipelines", "listStages"])
def test_fetch_all_returns_every_record(shared_sell: Connector, action: str) -> None:
    whole = shared_sell.run(action, {"fetchAll": True, "perPage": 1})
    assert whole["meta"] == {"type": "collection", "count": len(whole["items"]), "links": {}}
    assert len(whole["items"]) > 2


def test_the_account_says_its_name_and_currency(shared_sell: Connector) -> None:
    account = shared_sell.listAccountDetails()
    assert (account["data"]["name"], account["data"]["currency"]) == ("Brightside Bicycles", "USD")
    assert account["meta"]["type"] == "account"


def test_custom_fields_come_with_types_and_choices(shared_sell: Connector) -> None:
    fields = {item["data"]["name"]: item["data"] for item in shared_sell.listCustomFields(resourceType="deal")["items"]}
    assert fields["Seats"]["type"] == "number"
    assert [choice["name"] for choice in fields["Contract"]["choices"]] == ["Monthly", "Yearly", "Perpetual"]


def test_an_unknown_kind_of_record_is_refused(service: Any) -> None:
    with pytest.raises(InvalidInput, match="resourceType"):
        service.sell.listCustomFields(resourceType="task")
    assert service.sent == []


@pytest.mark.parametrize("answer", [{}, [], {"items": None}, {"data": {"id": 1}}, "text", None, {"items": {}}])
@pytest.mark.parametrize("inputs", [{}, {"fetchAll": True}])
def test_what_is_no_list_is_the_fault_of_the_service(service: Any, answer: Any, inputs: dict[str, Any]) -> None:
    service.answers("GET", "/v2/pipelines", body=json.dumps(answer), content_type="application/json")
    with pytest.raises(InvalidResponse, match="list"):
        service.sell.run("listPipelines", inputs)
