"""The vendor's own Python client against the sandbox: it cannot tell the difference.

Every service that the client has is driven through every method that it has, Sync aside.
"""

import inspect
import warnings
from collections.abc import Callable
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from sales_connectors.imitation import Box

with warnings.catch_warnings():  # the client was written for Python 2 and warns of itself when it is compiled
    warnings.simplefilter("ignore")
    import basecrm

numbers = count(1)


def client_of(box: Box, token: str | None = None) -> Any:
    return basecrm.Client(access_token=token or box.connection["token"]["access_token"], base_url=box.url)


@pytest.fixture
def client(shared_sandbox: Box) -> Any:
    return client_of(shared_sandbox)


def new(name: str) -> str:
    return f"{name} {next(numbers)}"


# --- one of everything, as the client's own tests make them ---------------------------------------


def make_contact(client: Any, **changes: Any) -> Any:
    contact = {
        "description": "I know him via Tom",
        "email": "mark@designservices.com",
        "first_name": new("Mark"),
        "industry": "Design Services",
        "is_organization": False,
        "last_name": new("Johnson"),
        "name": new("Design Services Company"),
        "mobile": "508-778-6516",
        "tags": ["important"],
        "website": "www.designservices.com",
        "address": {"line1": "2726 Smith Street", "city": "Hyannis", "postal_code": "02601", "country": "US"},
    }
    return client.contacts.create(**{**contact, **changes})


def make_deal(client: Any, **changes: Any) -> Any:
    deal = {"currency": "EUR", "hot": True, "name": new("Website Redesign"), "tags": ["important"], "value": 1000}
    return client.deals.create(**{**deal, "contact_id": make_contact(client).id, **changes})


def make_lead(client: Any) -> Any:
    return client.leads.create(last_name=new("Johnson"), status="Unqualified", tags=["important"], title="CEO")


def make_product(client: Any) -> Any:
    prices = [{"amount": "1599.99", "currency": "USD"}, {"amount": "3599.99", "currency": "PLN"}]
    return client.products.create(
        name=new("Enterprise Plan"), sku="enterprise-plan", active=True, max_discount=4, max_markup=4, cost=2,
        cost_currency="USD", prices=prices,
    )  # fmt: skip


def make_order(client: Any) -> Any:
    return client.orders.create(deal_id=make_deal(client).id, discount=4)


def make_note(client: Any) -> Any:
    return client.notes.create(
        content="Highly important.", resource_id=make_contact(client).id, resource_type="contact"
    )


def make_task(client: Any) -> Any:
    dates = {"due_date": "2014-09-27T16:32:56+00:00", "remind_at": "2014-09-29T15:32:56+00:00"}
    return client.tasks.create(
        content="Contact Tom", resource_id=make_contact(client).id, resource_type="contact", **dates
    )


def make_tag(client: Any) -> Any:
    return client.tags.create(name=new("publisher"), resource_type="contact")


def named(service: str, name: str) -> Callable[[Any], Any]:
    return lambda client: getattr(client, service).create(name=new(name))


MAKERS: dict[str, Callable[[Any], Any]] = {
    "contacts": make_contact,
    "deals": make_deal,
    "deal_sources": named("deal_sources", "Word of mouth"),
    "deal_unqualified_reasons": named("deal_unqualified_reasons", "Too expensive"),
    "leads": make_lead,
    "lead_sources": named("lead_sources", "Word of mouth"),
    "loss_reasons": named("loss_reasons", "Too expensive"),
    "notes": make_note,
    "orders": make_order,
    "products": make_product,
    "sources": named("sources", "Word of mouth"),
    "tags": make_tag,
    "tasks": make_task,
}
LISTED = {
    "lead_unqualified_reasons": "Wrong contact data",
    "pipelines": "New business",
    "stages": "Incoming",
    "users": "Anna Lindqvist",
    "visit_outcomes": "Demo given",
}
BY_PARENT = ("associated_contacts", "line_items")
OTHERS = ("accounts", "text_messages", "visits")


def test_no_service_is_forgotten(client: Any) -> None:
    services = {name for name, value in inspect.getmembers(type(client)) if isinstance(value, property)}
    assert services - {"sync"} == {*MAKERS, *LISTED, *BY_PARENT, *OTHERS}


# --- create, read, update, delete, list -----------------------------------------------------------


@pytest.mark.parametrize("service", MAKERS)
def test_create_and_retrieve(client: Any, service: str) -> None:
    made = MAKERS[service](client)
    assert getattr(client, service).retrieve(made.id) == made


@pytest.mark.parametrize("service", MAKERS)
def test_a_record_can_be_sent_back_as_it_came(client: Any, service: str) -> None:
    made = MAKERS[service](client)
    changed = getattr(client, service).update(made.id, made)
    assert {**changed, "updated_at": "", "last_activity_at": ""} == {**made, "updated_at": "", "last_activity_at": ""}


CHANGES: dict[str, dict[str, Any]] = {
    "contacts": {"last_name": "Changed", "email": None, "tags": ["a", "b"]},
    "deals": {"name": "Changed", "value": Decimal("12.50"), "customized_win_likelihood": 20},
    "leads": {"last_name": "Changed", "status": "New"},
    "notes": {"content": "Changed"},
    "orders": {"discount": 10},
    "products": {"name": "Changed", "active": False, "cost": "2.50"},
    "tasks": {"content": "Changed", "completed": True, "due_date": None},
}


@pytest.mark.parametrize("service", MAKERS)
def test_update(client: Any, service: str) -> None:
    changes = CHANGES.get(service) or {"name": new("Changed")}
    made = MAKERS[service](client)
    changed = getattr(client, service).update(made.id, **changes)
    assert {name: changed[name] for name in changes} == changes
    assert getattr(client, service).retrieve(made.id) == changed


@pytest.mark.parametrize("service", MAKERS)
def test_destroy(client: Any, service: str) -> None:
    made = MAKERS[service](client)
    assert getattr(client, service).destroy(made.id) is True
    with pytest.raises(basecrm.RequestError) as error:
        getattr(client, service).retrieve(made.id)
    assert (error.value.http_status, error.value.errors[0].code) == (404, "not_found")
    assert error.value.logref


@pytest.mark.parametrize("service", MAKERS)
def test_lists_go_page_by_page(client: Any, service: str) -> None:
    made = [MAKERS[service](client).id for _ in range(3)]
    ids = ",".join(map(str, made))
    # calling a filter by the ids keeps the module's other records out of the way
    pages = [getattr(client, service).list(ids=ids, sort_by="id:desc", page=page, per_page=2) for page in (1, 2, 3)]
    assert [[record.id for record in page] for page in pages] == [[made[2], made[1]], [made[0]], []]


@pytest.mark.parametrize("service", MAKERS)
def test_unknown_parameters_and_pages_too_large_are_request_errors(client: Any, service: str) -> None:
    for wrong in ({"colour": "red"}, {"per_page": 501}, {"page": 0}, {"ids": "1,two"}, {"sort_by": "colour"}):
        with pytest.raises(basecrm.RequestError) as error:
            getattr(client, service).list(**wrong)
        assert (error.value.http_status, error.value.errors[0].code) == (400, "invalid_param")


FILTERS: list[tuple[str, Callable[[Any], dict[str, Any]]]] = [
    ("contacts", lambda made: {"last_name": made.last_name, "is_organization": "false"}),
    ("contacts", lambda made: {"email": made.email, "first_name": made.first_name, "address[city]": "Hyannis"}),
    ("deals", lambda made: {"contact_id": made.contact_id, "hot": "true", "value": "1000.00"}),
    ("deal_sources", lambda made: {"name": made.name}),
    ("deal_unqualified_reasons", lambda made: {"name": made.name}),
    ("leads", lambda made: {"last_name": made.last_name, "status": "Unqualified"}),
    ("lead_sources", lambda made: {"name": made.name}),
    ("loss_reasons", lambda made: {"name": made.name}),
    ("notes", lambda made: {"resource_type": "contact", "resource_id": made.resource_id, "q": "highly"}),
    ("orders", lambda made: {"deal_id": made.deal_id}),
    ("products", lambda made: {"name": made.name, "active": "true"}),
    ("sources", lambda made: {"name": made.name}),
    ("tags", lambda made: {"name": made.name, "resource_type": "contact"}),
    ("tasks", lambda made: {"resource_id": made.resource_id, "type": "related", "overdue": "true", "remind": "true"}),
]


@pytest.mark.parametrize(("service", "filters"), FILTERS)
def test_filters_find_one_and_no_other(client: Any, service: str, filters: Callable[[Any], dict[str, Any]]) -> None:
    MAKERS[service](client)
    made = MAKERS[service](client)
    assert [found.id for found in getattr(client, service).list(**filters(made))] == [made.id]


# --- validation -----------------------------------------------------------------------------------

REFUSALS: list[tuple[str, dict[str, Any], str, str]] = [
    ("contacts", {"first_name": "Only"}, "/last_name", "missing"),
    ("contacts", {"is_organization": True}, "/name", "missing"),
    ("contacts", {"last_name": "X", "customer_status": "soon"}, "/customer_status", "incorrect_value"),
    ("contacts", {"last_name": "X", "address": {"planet": "Mars"}}, "/address/planet", "unknown"),
    ("contacts", {"last_name": "X", "contact_id": 1}, "/contact_id", "incorrect_value"),
    ("contacts", {"last_name": "X", "custom_fields": {"Nope": 1}}, "/custom_fields/Nope", "unknown"),
    ("deals", {"name": "No contact"}, "/contact_id", "missing"),
    ("deals", {"name": "X", "contact_id": 1}, "/contact_id", "incorrect_value"),
    ("deals", {"name": "X", "contact_id": 20000005, "value": "much"}, "/value", "incorrect_value"),
    ("deals", {"name": "X", "contact_id": 20000005, "customized_win_likelihood": 101}, "/customized_win_likelihood",
     "incorrect_value"),
    ("deals", {"name": "X", "contact_id": 20000005, "estimated_close_date": "soon"}, "/estimated_close_date",
     "incorrect_value"),
    ("deal_sources", {"name": ""}, "/name", "blank"),
    ("deal_sources", {"name": "Website"}, "/name", "already_exists"),
    ("deal_sources", {"name": "X", "resource_type": "lead"}, "/resource_type", "incorrect_value"),
    ("deal_unqualified_reasons", {"name": "No budget"}, "/name", "already_exists"),
    ("leads", {"first_name": "Only"}, "/last_name", "missing"),
    ("leads", {"last_name": "X", "status": "Asleep"}, "/status", "incorrect_value"),
    ("leads", {"last_name": "X", "source_id": "1"}, "/source_id", "invalid_type"),
    ("lead_sources", {"name": "Webinar"}, "/name", "already_exists"),
    ("loss_reasons", {"name": 7}, "/name", "invalid_type"),
    ("notes", {"content": "X", "resource_type": "contact", "resource_id": 1}, "/resource_id", "incorrect_value"),
    ("notes", {"content": "X", "resource_type": "tractor", "resource_id": 1}, "/resource_type", "incorrect_value"),
    ("orders", {"deal_id": 40000003}, "/deal_id", "already_exists"),
    ("orders", {"deal_id": 40000001, "discount": 101}, "/discount", "incorrect_value"),
    ("products", {"name": "X", "max_discount": 101}, "/data/max_discount", "incorrect_value"),
    ("products", {"name": "X", "prices": [{"amount": "1"}]}, "/data/prices/0", "missing"),
    ("sources", {"name": None}, "/name", "blank"),
    ("tags", {"name": "vip", "resource_type": "contact"}, "/name", "already_exists"),
    ("tasks", {"content": "X", "resource_type": "contact"}, "/resource_id", "missing"),
    ("tasks", {"content": "X", "due_date": "tomorrow"}, "/due_date", "incorrect_value"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "attributes", "pointer", "code"), REFUSALS)
def test_wrong_attributes_are_resource_errors(
    client: Any, service: str, attributes: dict[str, Any], pointer: str, code: str
) -> None:
    with pytest.raises(basecrm.ResourceError) as error:
        getattr(client, service).create(**attributes)
    assert [(found.field, found.code) for found in error.value.errors] == [(pointer, code)]
    assert error.value.http_status == 422


def test_an_unknown_attribute_is_a_resource_error(client: Any) -> None:
    with pytest.raises(basecrm.ResourceError) as error:
        client.http_client.post("/deals", body={"unknown": "attribute"})
    assert ("/unknown", "unknown") in [(found.field, found.code) for found in error.value.errors]
    assert error.value.logref


def test_an_unknown_token_is_a_request_error(shared_sandbox: Box) -> None:
    with pytest.raises(basecrm.RequestError) as error:
        client_of(shared_sandbox, "X" * 64).users.self()
    assert (error.value.http_status, error.value.errors[0].code) == (401, "unauthorized")


def test_a_server_error_is_one_for_the_client_too(sandbox: Box) -> None:
    sandbox.misbehave("status=503")
    with pytest.raises(basecrm.ServerError):
        client_of(sandbox).users.self()


def test_too_many_requests_are_a_rate_limit_error(sandbox: Box) -> None:
    sandbox.misbehave("status=429")
    with pytest.raises(basecrm.RateLimitError):
        client_of(sandbox).contacts.list()


# --- the services that differ ---------------------------------------------------------------------


def test_account(client: Any) -> None:
    account = client.accounts.self()
    assert (account.name, account.currency) == ("Brightside Bicycles", "USD")


def test_users(client: Any) -> None:
    me = client.users.self()
    assert client.users.retrieve(me.id) == me
    assert [user.email for user in client.users.list(role="admin")] == [me.email]
    assert [user.status for user in client.users.list(status="inactive")] == ["inactive"]


@pytest.mark.parametrize("service", LISTED)
def test_what_can_be_listed(client: Any, service: str) -> None:
    everything = getattr(client, service).list(per_page=100)
    assert LISTED[service] in [record.name for record in everything]
    assert [record.id for record in getattr(client, service).list(per_page=1, page=2)] == [everything[1].id]
    with pytest.raises(basecrm.RequestError):
        getattr(client, service).list(per_page=201)


def test_stages_of_a_pipeline(client: Any) -> None:
    renewals = client.pipelines.list(name="Renewals")[0]
    stages = client.stages.list(pipeline_id=renewals.id, active="true", sort_by="likelihood:desc,name")
    assert [stage.name for stage in stages] == ["Negotiation", "Due"]


def test_text_messages(client: Any) -> None:
    messages = client.text_messages.list()
    assert [message.id for message in messages] == sorted((message.id for message in messages), reverse=True)
    assert client.text_messages.retrieve(messages[0].id) == messages[0]
    mine = client.text_messages.list(resource_type="contact", resource_id=messages[0].resource_id)
    assert [message.id for message in mine] == [messages[0].id]
    with pytest.raises(basecrm.RequestError):
        client.text_messages.list(resource_type="contact")


def test_visits(client: Any) -> None:
    visits = client.visits.list(sort_by="visited_at:desc")
    assert visits[0].visited_at.endswith(".000Z")
    assert visits[0].visited_at > visits[-1].visited_at
    verified = client.visits.list(rep_location_verification_status="verified", outcome_id=visits[0].outcome_id)
    assert visits[0].id in [visit.id for visit in verified]
    with pytest.raises(basecrm.RequestError):
        client.visits.list(page=101)


def test_associated_contacts(client: Any) -> None:
    deal, contact = make_deal(client), make_contact(client)
    made = client.associated_contacts.create(deal.id, contact_id=contact.id, role="involved")
    assert (made.contact_id, made.role) == (contact.id, "involved")
    listed = client.associated_contacts.list(deal.id, page=1)
    assert [(found.contact_id, found.role) for found in listed] == [
        (deal.contact_id, "primary"),
        (contact.id, "involved"),
    ]
    with pytest.raises(basecrm.ResourceError):
        client.associated_contacts.create(deal.id, contact_id=contact.id, role="involved")
    with pytest.raises(basecrm.ResourceError):
        client.associated_contacts.create(deal.id, contact_id=contact.id, role="boss")
    assert client.associated_contacts.destroy(deal.id, contact.id) is True
    assert len(client.associated_contacts.list(deal.id)) == 1
    with pytest.raises(basecrm.RequestError):
        client.associated_contacts.destroy(deal.id, contact.id)


def test_line_items(client: Any) -> None:
    product, order = make_product(client), make_order(client)
    sold = {"product_id": product.id, "value": 1599.99, "variation": 0, "currency": "USD", "quantity": 3}
    made = client.line_items.create(order.id, **sold)
    assert (made.value, made.price, made.variation, made.quantity) == ("1599.99", "1599.99", "0.00", 3)
    assert (made.name, made.sku) == (product.name, product.sku)
    assert "product_id" not in made
    assert client.line_items.retrieve(order.id, made.id) == made
    dearer = client.line_items.create(order.id, product_id=product.id, variation=4, currency="PLN")
    assert (dearer.value, dearer.quantity) == ("3743.99", 1)
    assert [item.id for item in client.line_items.list(order.id, sort_by="value:desc")] == [dearer.id, made.id]
    assert [item.id for item in client.line_items.list(order.id, quantity=3)] == [made.id]
    assert client.line_items.destroy(order.id, made.id) is True
    assert [item.id for item in client.line_items.list(order.id)] == [dearer.id]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"currency": "CHF"}, "/currency"),
        ({"variation": 5}, "/variation"),
        ({"variation": -5}, "/variation"),
        ({"quantity": 0}, "/quantity"),
        ({"product_id": 1}, "/product_id"),
    ],
)
def test_line_items_that_the_product_does_not_allow(client: Any, changes: dict[str, Any], pointer: str) -> None:
    item = {"product_id": make_product(client).id, "currency": "USD", **changes}
    with pytest.raises(basecrm.ResourceError) as error:
        client.line_items.create(make_order(client).id, **item)
    assert [found.field for found in error.value.errors] == [pointer]


def test_money_is_exact(client: Any) -> None:
    deals = [
        make_deal(client, value=value) for value in (1000, Decimal("1000.50"), "0.1", Decimal("98765432109876.54"))
    ]
    amounts = [Decimal("1000"), Decimal("1000.50"), Decimal("0.10"), Decimal("98765432109876.54")]
    assert [deal.value for deal in deals] == amounts
    ids = ",".join(str(deal.id) for deal in deals)
    assert [deal.value for deal in client.deals.list(ids=ids, sort_by="value")] == sorted(amounts)


def test_products_are_for_administrators(shared_sandbox: Box) -> None:
    token = shared_sandbox.token(user="tomas@brightside.example.com")["access_token"]
    client = client_of(shared_sandbox, token)
    assert [product.cost for product in client.products.list(per_page=2)] == [None, None]
    with pytest.raises(basecrm.RequestError) as error:
        client.products.create(name="Mine")
    assert error.value.http_status == 403
