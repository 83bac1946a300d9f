"""Every sample of the vendor's document against the sandbox: as it stands, but for what it names in an account."""

import json
from pathlib import Path
from typing import Any

import pytest

from sales_connectors import Connector, manifest

SAMPLES: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "samples.json").read_text("utf-8"))
"""The inputs of the document's samples, word for word."""
COMPONENT = manifest.load_component("salesloft")

DANA, MARCUS = 40211, 40212
ACCOUNT, PERSON = 531101, 7012001
GUID = "e3e70682-c209-4cac-a29f-6fbed82c07cd"
ZONE = {"locale": "America/New_York"}  # the sample has a language, which the vendor does not take
OWNED = {"owner_id": MARCUS, "company_stage_id": 12, "account_tier_id": 31, **ZONE}
SEGMENT = [{"key": "Customer Segment", "value": "Enterprise"}]
SOURCE = [{"key": "Lead Source", "value": "Website"}]

HERE: dict[str, dict[str, Any]] = {
    "createAccount": {**OWNED, "custom_fields": SEGMENT},
    "updateAccount": {**OWNED, "account_id": str(ACCOUNT), "custom_fields": SEGMENT},
    "deleteAccount": {"account_id": ACCOUNT},
    "getAccount": {"account_id": str(ACCOUNT)},
    "createPerson": {"account_id": ACCOUNT, "owner_id": MARCUS, "custom_fields": SOURCE},
    "updatePerson": {"person_id": PERSON, "account_id": ACCOUNT, "owner_id": MARCUS, "custom_fields": SOURCE},
    "upsertPerson": {"account_id": ACCOUNT, "owner_id": MARCUS, "custom_fields": SOURCE},
    "deletePerson": {"person_id": PERSON},
    "getPerson": {"person_id": PERSON},
    "deletePersonStage": {"person_stage_id": 111},
    "getPersonStage": {"person_stage_id": 111},
    "updatePersonStage": {"person_stage_id": 111},
    "getCadence": {"cadence_id": 12001},
    "createCadenceMembership": {"person_id": PERSON + 8, "cadence_id": 12001, "user_id": MARCUS},
    "deleteCadenceMembership": {"cadence_membership_id": "660101"},
    "getCadenceMembership": {"cadence_membership_id": "660101"},
    "getStep": {"step_id": 45001},
    "createCall": {
        "person_id": PERSON + 1, "disposition": "Connected", "sentiment": "Interested", "user_guid": GUID,
        "action_id": 330102, "crm_params": [{"key": "CallPurpose", "value": "discovery"}],
        "linked_call_data_record_ids": [990105, 990106],
    },
    "getCall": {"call_id": 770101},
    "getEmail": {"email_id": 9120101},
    "createNote": {"associated_with_id": str(PERSON), "call_id": 770104, "user_guid": GUID},
    "updateNote": {"note_id": 440103, "call_id": 770104},
    "deleteNote": {"note_id": 440101},
    "getNote": {"note_id": 440101},
    "createTask": {"person_id": PERSON, "user_id": MARCUS},
    "getTask": {"task_id": "550801"},
    "getCustomField": {"custom_field_id": 4101},
    "updateCustomField": {"custom_field_id": "4101"},
    "deleteCustomField": {"custom_field_id": 4101},
    "createImport": {"user_id": str(MARCUS)},
    "getImport": {"import_id": "3301"},
    "updateImport": {"import_id": "3301", "user_id": MARCUS},
    "deleteImport": {"import_id": 3301},
    "getUser": {"user_id": DANA},
    "getBulkJob": {"bulk_jobs_id": 2201},
    "createBulkJobData": {"bulk_jobs_id": 2202},
    "updateBulkJob": {"bulk_jobs_id": 2202},
    "listBulkJobResults": {"bulk_jobs_id": 2201},
    "listCadences": {"owned_by_guid_filter": [GUID]},
    "listCallDataRecords": {"user_guid_filter": [GUID]},
    "listCrmActivityFields": {"source": "phone"},  # the sample's "salesforce" is none that the vendor knows
}  # fmt: skip
"""What the samples name that another account has: ids, and the names of its lists."""


def test_no_sample_of_the_document_is_left_out() -> None:
    assert len(SAMPLES) == 65
    assert set(SAMPLES) <= set(COMPONENT.actions)


def adapt(key: str) -> dict[str, Any]:
    """A sample that names what there is here; whatever else it holds, and how it is written, stays."""
    sample, here = SAMPLES[key], HERE.get(key, {})
    inside = sample.get("fields", sample)
    assert here.keys() <= inside.keys(), "a sample names it"
    adapted = {**inside, **here}
    return {**sample, "fields": adapted} if "fields" in sample else adapted


@pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_of_the_document_works_as_it_stands(request: pytest.FixtureRequest, key: str) -> None:
    effect = COMPONENT.actions[key].effect
    loft: Connector = request.getfixturevalue("shared_loft" if effect == "read" else "loft")
    with pytest.warns(RuntimeWarning, match="access_token is ignored"):
        found = loft.run(key, {**adapt(key), "access_token": "as-the-document-has-it"})
    assert (found is None) == (effect == "delete")
