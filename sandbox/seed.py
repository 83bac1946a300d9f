"""The company that a new sandbox holds, or N of them: small, made up, and the same every time.

Everything was entered in the last two days, so that the event streams still know of it.  Records that the API can write
are made through the same functions that serve the API, so that they obey its rules.
"""

from sales_connectors.imitation import Clock, Document, Store
from sales_connectors.imitation.kit import COMPANIES, History, make_domain, make_mailbox, number_name
from sales_connectors.imitation.kit import Writer as KitWriter

from . import firehose, words
from .custom_fields import DEFINITIONS
from .definitions import describe
from .resources import Resource
from .vendor import SELL

HOUR = 3600
RECORDS_OF_A_COMPANY = 150  # more than there are, so that the history ends before now

Writer = KitWriter[Resource]


def seed(store: Store, clock: Clock, companies: int) -> None:
    """Fill an empty store."""
    steps = (companies + 1) * RECORDS_OF_A_COMPANY
    writer = Writer(SELL, store, History(clock, begin=47 * HOUR, end=HOUR, steps=steps))
    _enter_account(writer)
    _enter_lists(writer)
    for number in range(companies):
        _enter_company(writer, number)


def _enter_account(writer: Writer) -> None:
    writer.enter("accounts", **words.ACCOUNT)
    for user in words.USERS:
        entered = writer.enter("users", **{**words.USER, **user})
        if user["status"] == "active":
            writer.users.append(entered["id"])


def _enter_lists(writer: Writer) -> None:
    for name, entries in words.LISTS.items():
        for entry in entries:
            writer.enter(name, name=entry)
    for pipeline in words.PIPELINES:
        entered = writer.enter("pipelines", name=pipeline["name"], disabled=pipeline["disabled"])
        for position, stage in enumerate(pipeline["stages"], 1):
            writer.enter("stages", **stage, position=position, pipeline_id=entered["id"])
    for name, kind in words.TAGS:
        writer.create("tags", name=name, resource_type=kind)
    for sequence in words.SEQUENCES:
        writer.enter("sequences", **sequence, steps_total=len(sequence["steps"]), creator_id=writer.users[0])
    for kind, defined in DEFINITIONS.items():
        for custom_field in defined:
            data = {**describe(kind, custom_field), "resource_type": kind}
            meta = {"type": "custom_field", "event_type": "created", "event_cause": "interaction", "sequence": 1}
            request = writer.request(0)
            firehose.publish(request, "custom_fields", data, {**meta, "event_time": SELL.now(request)})


def _enter_company(writer: Writer, number: int) -> None:
    """One company's worth of everything."""
    products = [_create_product(writer, number, name) for name in words.PRODUCTS]
    organizations = [_create_organization(writer, number, index) for index in range(4)]
    people = [_create_person(writer, number, index, organizations) for index in range(16)]
    leads = [_create_lead(writer, number, index) for index in range(8)]
    deals = [_create_deal(writer, index, people) for index in range(10)]
    for deal in deals[2:6]:
        _create_order(writer, deal, products)
    _create_talk(writer, people, leads, deals)
    _create_files(writer, people, leads, deals)


def _create_product(writer: Writer, number: int, product: Document) -> Document:
    return writer.create("products", **{**product, "name": number_name(product["name"], number)})


def _create_organization(writer: Writer, number: int, index: int) -> Document:
    name, industry = COMPANIES[index]
    domain = make_domain(name, number)
    return writer.create(
        "contacts",
        is_organization=True,
        name=number_name(name, number),
        industry=industry,
        website=f"www.{domain}",
        email=f"office@{domain}",
        phone=_make_phone(writer),
        address=_make_address(writer, words.HOMETOWNS[index]),
        customer_status=("current", "none", "past", "none")[index],
        prospect_status=("none", "current", "none", "lost")[index],
        tags=[("key account", "partner", "newsletter", "newsletter")[index]],
        custom_fields={"Employees": writer.random.randint(8, 900), "external_id": f"ORG-{number * 4 + index + 1:04}"},
    )


def _create_person(writer: Writer, number: int, index: int, organizations: list[Document]) -> Document:
    first, last = writer.pick_name()
    employer = organizations[index % 4] if index < 12 else None
    domain = employer["email"].partition("@")[2] if employer else "mail.example.com"
    return writer.create(
        "contacts",
        first_name=first,
        last_name=last,
        title=writer.pick(words.TITLES),
        contact_id=employer and employer["id"],
        email=f"{make_mailbox(f'{first}.{last}')}{number * 16 + index}@{domain}",
        phone=_make_phone(writer),
        mobile=_make_phone(writer),
        address=_make_address(writer, writer.pick(words.CITIES)),
        tags=[writer.pick(["vip", "newsletter", "conference"])] if index % 3 == 0 else [],
        custom_fields={"Interests": writer.random.sample(["Golf", "Sailing", "Music", "Food"], 2)} if index % 2 else {},
    )


def _create_lead(writer: Writer, number: int, index: int) -> Document:
    first, last = writer.pick_name()
    company = f"{writer.pick(words.FANCIES)} {writer.pick(words.TRADES)}"
    person: Document = (
        {} if index % 4 == 3 else {"first_name": first, "last_name": last, "title": writer.pick(words.TITLES)}
    )
    return writer.create(
        "leads",
        **person,
        organization_name=company if index % 2 or not person else None,
        status=("New", "Working", "New", "Nurturing", "New", "Unqualified", "Working", "New")[index],
        source_id=writer.pick(writer.ids("lead_sources")),
        unqualified_reason_id=writer.ids("lead_unqualified_reasons")[0] if index == 5 else None,
        email=f"{make_mailbox(f'{first}.{last}')}.{number * 8 + index}@mail.example.com",
        phone=_make_phone(writer),
        address=_make_address(writer, writer.pick(words.CITIES)),
        tags=["webinar"] if index % 3 == 1 else [],
        custom_fields={"Score": writer.random.randint(10, 99), "external_id": f"LEAD-{number * 8 + index + 1:04}"},
    )


def _create_deal(writer: Writer, index: int, people: list[Document]) -> Document:
    pipelines = [pipeline for pipeline in writer.store.collection("pipelines").find() if not pipeline["disabled"]]
    pipeline = pipelines[1 if index % 3 == 2 else 0]
    stages = [stage for stage in writer.store.collection("stages").find() if stage["pipeline_id"] == pipeline["id"]]
    stage = stages[(0, 1, 2, 3, 4, 1, 6, 5, 0, 2)[index]]
    contact = people[index * 3 % len(people)]
    return writer.create(
        "deals",
        name=f"{writer.pick(words.PROJECTS)} for {contact['last_name']}",
        contact_id=contact["id"],
        value=(1000, "12500.50", 48000, 750, "1999.99", 0, 23000, 5600, "310.25", 150000)[index],
        currency=("USD", "EUR")[index % 2],
        hot=index % 4 == 0,
        stage_id=stage["id"],
        source_id=writer.pick(writer.ids("deal_sources")),
        loss_reason_id=writer.ids("loss_reasons")[2] if stage["category"] == "lost" else None,
        unqualified_reason_id=writer.ids("deal_unqualified_reasons")[0] if stage["category"] == "unqualified" else None,
        estimated_close_date=writer.later(7 + 9 * index)[:10],
        customized_win_likelihood=75 if index % 5 == 1 else None,
        tags=[("renewal", "upsell")[index % 2]] if index % 2 else [],
        custom_fields={"Contract": ("Monthly", "Yearly")[index % 2], "Seats": 5 * (index + 1)},
    )


def _create_order(writer: Writer, deal: Document, products: list[Document]) -> None:
    order = writer.create("orders", deal_id=deal["id"], discount=writer.pick([0, 0, 5, 10]))
    for product in writer.random.sample(products[:4], 2):
        sold = {"currency": deal["currency"], "quantity": writer.random.randint(1, 20)}
        writer.create("line_items", None, {"order_id": order["id"]}, product_id=product["id"], **sold)


def _create_talk(writer: Writer, people: list[Document], leads: list[Document], deals: list[Document]) -> None:
    """Notes, tasks, calls, messages and visits."""
    subjects = [("contact", people), ("deal", deals), ("lead", leads)]
    for index, text in enumerate(words.NOTES):
        kind, among = subjects[index % 3]
        on = {"resource_type": kind, "resource_id": writer.pick(among)["id"]}
        writer.create("notes", content=text, is_important=index % 4 == 0, **on)
    for index, text in enumerate(words.TASKS):
        kind, among = subjects[index % 3]
        related = {} if index % 4 == 3 else {"resource_type": kind, "resource_id": writer.pick(among)["id"]}
        dates = {"due_date": writer.later(index - 3), "remind_at": writer.later(index - 4) if index % 2 else None}
        writer.create("tasks", content=text, completed=index % 5 == 0, **dates, **related)
    for index in range(6):
        _create_call(writer, index, people[index], deals[index])
    for index, text in enumerate(words.MESSAGES):
        _enter_message(writer, index, text, people[index])
    for index, text in enumerate(words.VISITS):
        _enter_visit(writer, index, text, people[index])


def _create_call(writer: Writer, index: int, person: Document, deal: Document) -> None:
    writer.create(
        "calls",
        summary=words.CALLS[index % len(words.CALLS)],
        duration=writer.random.randint(20, 900),
        phone_number=person["phone"],
        incoming=index % 2 == 0,
        missed=index == 5,
        outcome_id=writer.pick(writer.ids("call_outcomes")),
        resource_type="contact",
        resource_id=person["id"],
        associated_deal_ids=[deal["id"]],
    )


def _enter_message(writer: Writer, index: int, text: str, person: Document) -> None:
    writer.enter(
        "text_messages",
        user_id=writer.users[0],
        user_phone_number="+15550100001",
        content=text,
        incoming=index % 2 == 1,
        resource_phone_number=person["mobile"],
        resource_type="contact",
        resource_id=person["id"],
        sent_at=writer.later(),
    )


def _enter_visit(writer: Writer, index: int, text: str, person: Document) -> None:
    writer.enter(
        "visits",
        creator_id=writer.users[index % len(writer.users)],
        outcome_id=writer.pick(writer.ids("visit_outcomes")),
        resource_type="contact",
        resource_id=person["id"],
        visited_at=writer.later(),
        resource_address=f"{person['address']['line1']}, {person['address']['city']}",
        rep_location_verification_status=("verified", "location_unknown", "verified")[index],
        summary=text,
    )


def _create_files(writer: Writer, people: list[Document], leads: list[Document], deals: list[Document]) -> None:
    """Documents, collaborations, associated contacts, an enrollment and a conversion."""
    for index, (name, content_type, size) in enumerate(words.DOCUMENTS):
        kind, among = (("deal", deals), ("contact", people))[index % 2]
        on = {"resource_type": kind, "resource_id": among[index]["id"], "creator_id": writer.users[0]}
        writer.enter("documents", name=name, content_type=content_type, size=size, **on)
    for deal, person in zip(deals[:3], people[-3:], strict=True):
        writer.create("associated_contacts", None, {"deal_id": deal["id"]}, contact_id=person["id"], role="involved")
        named = {"resource_type": "deal", "resource_id": deal["id"]}
        writer.create("collaborations", **named, collaborator_id=writer.users[-1])
    enrolled = {"resource_type": "lead", "resource_id": leads[0]["id"]}
    writer.create("sequence_enrollments", sequence_id=writer.ids("sequences")[0], **enrolled)
    writer.create("lead_conversions", lead_id=leads[-2]["id"])


def _make_phone(writer: Writer) -> str:
    return f"+1 555 01{writer.random.randint(0, 99):02} {writer.random.randint(100, 999)}"


def _make_address(writer: Writer, city: tuple[str, str, str, str]) -> Document:
    town, code, state, country = city
    line = f"{writer.random.randint(1, 180)} {writer.pick(words.STREETS)}"
    return {"line1": line, "city": town, "postal_code": code, "state": state, "country": country}
