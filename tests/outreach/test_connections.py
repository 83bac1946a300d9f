"""Connections: sign-in with scopes, the application's own token, whose token it is, and creates under a key."""

import json
from base64 import urlsafe_b64decode
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sales_connectors.errors import InvalidInput, NotAuthenticated, RateLimited, SalesError, Unavailable
from sales_connectors.sdk import sign_jwt

KEY = rsa.generate_private_key(65537, 2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
EXCHANGE = "https://api.outreach.io/api/app/installs/77/actions/accessToken"
TOKEN_URL = "https://api.outreach.io/oauth/token"
S2S: dict[str, Any] = {
    "key": "s2s",
    "fields": {"s2sGuid": "guid-1", "privateKey": PEM, "installId": "77", "rateLimit": 0},
}
USER = {"data": {"type": "user", "id": 1}}


def decode(part: str) -> Any:
    return json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))


# --- the application's own token --------------------------------------------------------------------


def test_an_application_signs_for_its_token_and_uses_it_for_an_hour(service: Any) -> None:
    for number in (1, 2):
        service.wire.post(EXCHANGE, json={"data": {"meta": {"accessToken": f"token-{number}"}}})
    service.answers("GET", "/users/1", USER)
    outreach = service.connected(S2S)

    for _ in range(2):
        assert outreach.getUser(userId=1) == USER
    service.clock.sleep(3600)
    outreach.getUser(userId=1)

    methods = [
        (request.method, request.headers["Authorization"]) for request in service.sent if request.method == "GET"
    ]
    assert methods == [("GET", "Bearer token-1"), ("GET", "Bearer token-1"), ("GET", "Bearer token-2")]
    asked = service.sent[0]
    assert (asked.url, asked.body) == (EXCHANGE, None)
    header, claims, signature = asked.headers["Authorization"].removeprefix("Bearer ").split(".")
    assert decode(header) == {"alg": "RS256", "typ": "JWT"}
    found = decode(claims)
    assert (found["iss"], found["exp"] - found["iat"]) == ("guid-1", 3600)
    padded = signature + "=" * (-len(signature) % 4)
    KEY.public_key().verify(urlsafe_b64decode(padded), f"{header}.{claims}".encode(), PKCS1v15(), SHA256())


def test_a_token_that_the_service_refuses_is_asked_for_anew(service: Any) -> None:
    service.wire.post(EXCHANGE, json={"data": {"meta": {"accessToken": "new"}}})
    service.refuses("GET", "/users/1", 401, {"title": "Unauthorized"})
    service.answers("GET", "/users/1", USER)
    outreach = service.connected({**S2S, "token": {"access_token": "old"}})
    assert outreach.getUser(userId=1) == USER
    assert service.last.headers["Authorization"] == "Bearer new"


@pytest.mark.parametrize(("status", "fix"), [(401, "admin"), (403, "admin"), (404, "admin")])
def test_a_refused_signature_says_what_to_check(service: Any, status: int, fix: str) -> None:
    service.wire.post(EXCHANGE, json={"errors": [{"id": "x"}]}, status=status)
    with pytest.raises(NotAuthenticated, match="private key") as raised:
        service.connected(S2S).getUser(userId=1)
    assert (raised.value.fix, raised.value.status) == (fix, status)


@pytest.mark.parametrize(
    "body", [{}, {"data": None}, {"data": {"meta": {}}}, {"data": {"meta": {"accessToken": ""}}}, []]
)
def test_an_answer_without_a_token_is_told_as_such(service: Any, body: Any) -> None:
    service.wire.post(EXCHANGE, json=body)
    with pytest.raises(SalesError, match="but not with one"):
        service.connected(S2S).getUser(userId=1)


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"privateKey": "nonsense"}, "/fields/privateKey"),
        (
            {
                "privateKey": ec.generate_private_key(ec.SECP256R1())
                .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
                .decode()
            },
            "/fields/privateKey",
        ),
        ({"installId": ""}, "/fields/installId"),
    ],
)
def test_a_connection_that_cannot_sign_says_why_before_anything_is_sent(service: Any, fields: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        service.connected({**S2S, "fields": {**S2S["fields"], **fields}}).getUser(userId=1)
    assert [fault["path"] for fault in raised.value.fields] == [path]
    assert service.sent == []
    assert "BEGIN" not in json.dumps(raised.value.as_json()).replace("-----BEGIN PRIVATE KEY----- and so on", "")


def test_a_token_that_came_along_needs_no_key(service: Any) -> None:
    service.answers("GET", "/users/1", USER)
    service.connected({"key": "s2s", "token": {"access_token": "given"}}).getUser(userId=1)
    assert service.last.headers["Authorization"] == "Bearer given"


def test_without_a_key_there_is_no_token(service: Any) -> None:
    with pytest.raises(NotAuthenticated) as raised:
        service.connected({"key": "s2s", "fields": {"s2sGuid": "guid-1"}}).getUser(userId=1)
    assert raised.value.code == "no_token"


def test_a_key_whose_lines_came_in_one_is_read() -> None:
    one_line = PEM.strip().replace("\n", "\\n")
    assert sign_jwt({"iss": "a"}, one_line) == sign_jwt({"iss": "a"}, PEM)


def test_such_a_connection_is_kept_without_a_browser(service: Any) -> None:
    service.wire.post(EXCHANGE, json={"data": {"meta": {"accessToken": "first"}}})
    service.answers("GET", "", {"meta": {"org": {"id": 3, "name": "Fernhill"}}})
    kept = service.runtime.kept
    draft = kept.draft("outreach", "server", kind="s2s", fields=S2S["fields"])

    result = kept.keep(draft, kept.fetch_token(draft))

    assert result["account"]["data"] == {"type": "org", "id": 3, "attributes": {"id": 3, "name": "Fernhill"}}
    service.answers("GET", "/users/1", USER)
    service.connected("server").getUser(userId=1)
    assert service.last.headers["Authorization"] == "Bearer first"


# --- sign-in ----------------------------------------------------------------------------------------


def test_a_sign_in_asks_for_the_scopes_that_are_wanted(service: Any) -> None:
    kept = service.runtime.kept
    fields = {"clientId": "c", "clientSecret": "s", "scopes": "prospects.all users.read"}
    url = urlsplit(kept.begin_sign_in(kept.draft("outreach", "mine", fields=fields)))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.netloc, url.path) == ("api.outreach.io", "/oauth/authorize")
    assert (asked["scope"], asked["response_type"]) == ("prospects.all users.read", "code")

    answer = {"access_token": "a", "refresh_token": "r", "expires_in": 7200, "scope": "prospects.all users.read"}
    service.wire.post(TOKEN_URL, json=answer)
    service.answers("GET", "", {"meta": {"user": {"id": 1, "email": "ann@example.com"}}})
    result = kept.finish_sign_in(f"{asked['redirect_uri']}?code=once&state={asked['state']}")

    form = dict(parse_qsl(service.sent[0].body.decode()))
    assert {name: form[name] for name in ("client_id", "client_secret", "grant_type", "code")} == {
        "client_id": "c",
        "client_secret": "s",
        "grant_type": "authorization_code",
        "code": "once",
    }
    assert result["account"]["data"]["attributes"]["email"] == "ann@example.com"
    (described,) = kept.describe()
    assert described["scopes"] == ["prospects.all", "users.read"]


def test_a_token_is_followed_by_the_next_pair(service: Any) -> None:
    service.wire.post(TOKEN_URL, json={"access_token": "b", "refresh_token": "s", "expires_in": 7200})
    service.answers("GET", "/users/1", USER)
    told: list[Any] = []
    token = {"access_token": "a", "refresh_token": "r", "expires_at": service.clock.now() + 30, "expires_in": 7200}
    connection = {"key": "oauth2", "fields": {"clientId": "c", "clientSecret": "s", "rateLimit": 0}, "token": token}

    service.connected(connection, on_token=told.append).getUser(userId=1)

    assert dict(parse_qsl(service.sent[0].body.decode()))["refresh_token"] == "r"
    assert [(pair["access_token"], pair["refresh_token"]) for pair in told] == [("b", "s")]


def test_one_grant_a_minute_is_told_as_a_limit(service: Any) -> None:
    service.wire.post(TOKEN_URL, json={"error": "rate_limit"}, status=429, headers={"Retry-After": "60"})
    token = {"access_token": "a", "refresh_token": "r", "expires_at": 1, "expires_in": 7200}
    connection = {"key": "oauth2", "fields": {"clientId": "c", "clientSecret": "s"}, "token": token}
    with pytest.raises(RateLimited) as raised:
        service.connected(connection, on_token=lambda new: None).getUser(userId=1)
    assert raised.value.retry_after == 60


def test_the_root_of_the_api_says_whose_the_token_is(service: Any) -> None:
    meta = {"user": {"id": 9, "email": "ann@example.com", "firstName": "Ann"}, "org": {"id": 1}}
    service.answers("GET", "", {"meta": meta})
    found = service.outreach.whoami()
    assert found["data"] == {"type": "user", "id": 9, "attributes": meta["user"]}
    assert found["meta"] == meta


# --- creates under a key ----------------------------------------------------------------------------


PROSPECT = {
    "type": "prospect",
    "id": 7,
    "attributes": {"firstName": "Mark", "emails": ["mark@acme.com"], "createdAt": "2026-01-01T00:00:00Z"},
    "relationships": {"owner": {"data": {"type": "user", "id": 4}, "links": {}}},
}


KEYED = {"idempotencyKey": "k-1", "retries": 0}


def create(service: Any, action: str, inputs: Any) -> Any:
    """Create under the key, over a connection that has a name."""
    return service.runtime.invoke("outreach", action, inputs, {**service.connection, "name": "mine"}, KEYED)


def found_again(service: Any, *records: Any) -> Any:
    """Create a prospect whose creation was never confirmed, once more under the same key."""
    given = {"firstName": "Mark", "emails": ["mark@acme.com"], "ownerId": 4}
    service.answers("GET", "", {"meta": {"user": {"id": 9}}})
    service.wire.post("https://api.outreach.io/api/v2/prospects", body=ConnectionResetError())
    with pytest.raises(Unavailable):
        create(service, "createProspect", given)
    created = "2126-01-01T00:00:00Z"
    listed = [{**record, "attributes": {**record["attributes"], "createdAt": created}} for record in records]
    service.answers("GET", "/prospects", {"data": listed, "links": {}})
    return create(service, "createProspect", given)


def test_a_create_that_was_lost_is_found_by_what_it_asked_for(service: Any) -> None:
    other = {**PROSPECT, "id": 8, "relationships": {"owner": {"data": {"type": "user", "id": 5}}}}
    found = found_again(service, other, PROSPECT)
    assert (found["outcome"], found["data"]["data"]["id"]) == ("found", 7)
    assert service.query["filter[emails]"] == "mark@acme.com"
    assert service.query["filter[firstName]"] == "Mark"
    assert service.query["sort"] == "-createdAt"


def test_a_create_whose_record_may_be_any_of_several_is_not_guessed(service: Any) -> None:
    with pytest.raises(Unavailable) as raised:
        found_again(service, PROSPECT, {**PROSPECT, "id": 8})
    assert raised.value.code == "outcome_unknown"


def test_a_record_that_the_service_spells_otherwise_is_the_same(service: Any) -> None:
    service.answers("GET", "", {"meta": {"user": {"id": 9}}})
    service.wire.post("https://api.outreach.io/api/v2/tasks", body=ConnectionResetError())
    given = {
        "action": "call",
        "ownerId": 4,
        "subjectType": "prospect",
        "subjectId": 7,
        "dueAt": "2026-06-30T12:00:00+02:00",
    }
    with pytest.raises(Unavailable):
        create(service, "createTask", given)
    attributes = {"action": "CALL", "dueAt": "2026-06-30T10:00:00.000Z", "createdAt": "2126-01-01T00:00:00Z"}
    related = {"owner": {"data": {"type": "user", "id": 4}}, "subject": {"data": {"type": "prospect", "id": 7}}}
    task = {"type": "task", "id": 8, "attributes": attributes, "relationships": related}
    service.answers("GET", "/tasks", {"data": [task], "links": {}})
    found = create(service, "createTask", given)
    assert (found["outcome"], found["data"]["data"]["id"]) == ("found", 8)
    assert service.query["filter[owner][id]"] == "4"


def test_a_search_that_does_not_come_to_an_end_settles_nothing(service: Any, pages: Any, make_record: Any) -> None:
    service.answers("GET", "", {"meta": {"user": {"id": 9}}})
    service.wire.post("https://api.outreach.io/api/v2/stages", body=ConnectionResetError())
    with pytest.raises(Unavailable):
        create(service, "createStage", {"name": "New"})
    others = [make_record("stage", number, name="Other") for number in range(1, 11_002)]
    service.behaves("/stages", pages(others, "/stages"))
    service.clock.sleep(3600)
    with pytest.raises(Unavailable, match="Too many records in stages") as raised:
        create(service, "createStage", {"name": "New"})
    assert raised.value.code == "outcome_unknown"
    assert [request.method for request in service.sent].count("POST") == 1


def test_a_compliance_request_that_was_lost_cannot_be_looked_for(service: Any) -> None:
    inputs = {"requesterEmail": "a@b.com", "requestType": "Delete", "objectType": "Prospect"}
    given = {**inputs, "requestObjectEmail": "c@d.com"}
    service.answers("GET", "", {"meta": {"user": {"id": 9}}})
    service.wire.post("https://api.outreach.io/api/v2/complianceRequests", body=ConnectionResetError())
    for _ in range(2):
        with pytest.raises(Unavailable) as raised:
            create(service, "createComplianceRequest", given)
        assert raised.value.code == "outcome_unknown"
    assert [request.method for request in service.sent].count("POST") == 1
