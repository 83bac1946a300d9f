"""The team that a new sandbox holds, and the customers of N companies: small, made up, and the same every time.

What the API can write is made through the same functions that serve the API, so that it obeys their rules.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sales_connectors.imitation import Clock, Condition, Document, Store
from sales_connectors.imitation.kit import COMPANIES, History, make_domain, make_mailbox, number_name
from sales_connectors.imitation.kit import Writer as KitWriter

from . import bulk_jobs, progress, words
from .emails import COUNTS
from .resources import Resource
from .rights import SCOPES
from .successes import COUNTS as TOUCHES
from .templates import COUNTS as TEMPLATE_COUNTS
from .vendor import SALESLOFT

DAY = 86400
RECORDS_OF_THE_TEAM, RECORDS_OF_A_COMPANY = 52, 85  # more than there are, so that the history ends before now
CRM_ID = "003Q{:014}"
OWNER_CRM_ID = "005Q00000000000001"

Writer = KitWriter[Resource]


def seed(store: Store, clock: Clock, companies: int) -> None:
    """Fill an empty store."""
    steps = RECORDS_OF_THE_TEAM + companies * RECORDS_OF_A_COMPANY
    writer = Writer(SALESLOFT, store, History(clock, begin=30 * DAY, end=DAY, steps=steps), SCOPES)
    _enter_team(writer)
    _enter_lists(writer)
    for number in range(companies):
        _enter_company(writer, number)
    _enter_templates(writer)
    _enter_outcomes(writer)
    writer.enter("webhook_subscriptions", user_guid=_get_guid(writer, 0), **words.SUBSCRIPTION)


def _enter_team(writer: Writer) -> None:
    writer.enter("team", name=words.TEAM, license_limit=len(words.USERS))
    groups: list[int] = []
    for name, above, _ in words.GROUPS:
        groups.append(writer.enter("groups", name=name, parent_id=None if above is None else groups[above])["id"])
    for id, (_, _, seen) in zip(groups, words.GROUPS, strict=True):
        SALESLOFT.touch(writer.request(0), "groups", id, accessible_group_ids=[groups[index] for index in seen])
    for user in words.USERS:
        writer.users.append(writer.enter("users", **_build_user(writer, user, groups))["id"])


def _build_user(writer: Writer, user: Document, groups: Sequence[int]) -> Document:
    name = f"{user['first_name']} {user['last_name']}"
    email = f"{user['first_name']}@{words.DOMAIN}".lower()
    group = None if user["group"] is None else groups[user["group"]]
    mail = {"email": email, "sending_email_address": email, "full_email_address": f'"{name}" <{email}>'}
    manager = {"manager_id": writer.users[0] if writer.users else None}
    usual = {"guid": _make_guid(writer), "personal_cadence_admin": False, "crm_connected": True, **manager}
    return {**usual, "name": name, "group_id": group, **mail, **user}


def _enter_lists(writer: Writer) -> None:
    for home, entries in words.LISTS.items():
        for order, name in enumerate(entries, 1):
            ordered = {"order": order} if "order" in Resource.catalogue[home].fields else {}
            writer.enter(home, name=name, **ordered)
    for name, field_type, value_type in words.CUSTOM_FIELDS:
        writer.enter("custom_fields", name=name, field_type=field_type, value_type=value_type)
    for field in words.CRM_FIELDS:
        writer.enter("crm_activity_fields", crm_object_type="Task", salesforce_object_type="Task", **field)


def _enter_company(writer: Writer, number: int) -> None:
    """The customers of one company, and the work on them."""
    accounts = [_create_account(writer, number, index) for index in range(len(COMPANIES))]
    imports = [writer.create("imports", index, name=name) for index, name in enumerate(words.IMPORTS)]
    people = [_create_person(writer, number, index, accounts, imports) for index in range(12)]
    _enter_duplicate(writer, people[1])
    _mark_customers(writer, people, accounts)
    cadences = [_enter_cadence(writer, cadence) for cadence in words.CADENCES]
    for index, person in enumerate(people[:7]):
        mine = index >= 5  # the last two are on the personal cadence, in the name of its owner
        writer.create("cadence_memberships", int(mine), person_id=person["id"], cadence_id=cadences[mine]["id"])
    progress.take_off(writer.request(0), _find_membership(writer, people[4], cadences[0]))
    SALESLOFT.touch(writer.request(0), "actions", writer.ids("actions")[1], multitouch_group_id=1)
    _create_calls(writer, people)
    _create_notes_and_tasks(writer, people, accounts)
    _enter_emails(writer, people, cadences[0])
    _run_jobs(writer, number)


def _make_guid(writer: Writer) -> str:
    return str(UUID(int=writer.random.getrandbits(128), version=4))


def _make_phone(writer: Writer) -> str:
    return f"+1555{writer.random.randint(1000000, 9999999)}"


def _create_account(writer: Writer, number: int, index: int) -> Document:
    (name, industry), (city, country, zone) = COMPANIES[index], words.HOMETOWNS[index]
    domain = make_domain(name, number)
    return writer.create(
        "accounts",
        index % 2,
        name=number_name(name, number),
        domain=domain,
        website=f"https://www.{domain}",
        industry=industry,
        city=city,
        country=country,
        locale=zone,
        phone=_make_phone(writer),
        size=str(writer.random.randint(8, 900)),
        company_stage_id=writer.ids("account_stages")[index],
        account_tier_id=writer.ids("account_tiers")[index % 3],
        tags=[words.TAGS[index]],
        custom_fields={"Customer Segment": ("Enterprise", "Mid-market")[index % 2]},
    )


def _create_person(
    writer: Writer, number: int, index: int, accounts: Sequence[Document], imports: Sequence[Document]
) -> Document:
    first, last = writer.pick_name()
    account = accounts[index % 4]
    title, seniority = words.TITLES[index % len(words.TITLES)]
    local = f"{make_mailbox(f'{first}.{last}')}{number * 12 + index}"
    has_crm = {"crm_id": CRM_ID.format(number * 12 + index), "crm_id_type": "salesforce"} if index % 2 else {}
    return writer.create(
        "people",
        index % 3,
        first_name=first,
        last_name=last,
        email_address=f"{local}@{account['domain']}" if index != 11 else None,
        phone=_make_phone(writer),
        title=title,
        job_seniority=seniority,
        account_id=account["id"],
        person_company_name=account["name"],
        city=account["city"],
        country=account["country"],
        locale=account["locale"],
        import_id=imports[index % 2]["id"] if index < 8 else None,
        person_stage_id=writer.ids("person_stages")[index % 5],
        do_not_contact=index == 10,
        tags=[words.TAGS[index % 4]] if index % 3 == 0 else [],
        custom_fields={"Lead Source": words.SOURCES[index % 3]},
        **has_crm,
    )


def _enter_duplicate(writer: Writer, person: Document) -> None:
    """A second person with an id of the CRM, from before the service looked for such; no import brought it."""
    copy = {name: value for name, value in person.items() if name != "id"}
    address = f"old.{person['email_address']}"
    named = {"email_address": address, "email_key": address.lower(), "full_email_address": address}
    writer.enter("people", **{**copy, **named, "import_id": None, "import_ids": []})


def _mark_customers(writer: Writer, people: Sequence[Document], accounts: Sequence[Document]) -> None:
    """What only the app and the CRM know: who is starred, who was won, and whose customer it is over there."""
    request = writer.request(0)
    SALESLOFT.touch(request, "people", people[0]["id"], starred_by=writer.users[:1])
    SALESLOFT.touch(request, "people", people[2]["id"], success_count=1)
    for home, owned in (("people", people[1]), ("accounts", accounts[1])):
        SALESLOFT.touch(request, home, owned["id"], owner_crm_id=OWNER_CRM_ID)


def _enter_cadence(writer: Writer, cadence: Document) -> Document:
    owner = writer.users[cadence["owner"]]
    archived = {"archived_at": writer.later()} if cadence.get("archived") else {}
    made = writer.enter(
        "cadences",
        **{name: value for name, value in cadence.items() if name not in ("owner", "archived")},
        **archived,
        owner_id=owner,
        creator_id=owner,
        group_ids=writer.ids("groups")[1:2],
        finished_stage_id=writer.ids("person_stages")[1],
        counts={
            "people_acted_on_count": 0,
            "target_daily_people": 25,
            "opportunities_created": 0,
            "meetings_booked": 0,
        },
    )
    for number, (day, kind, name) in enumerate(words.STEPS, 1):
        place = {"type": kind, "day": day, "step_number": number, "details": 5000 + number}
        writer.enter("steps", name=name, display_name=name, cadence_id=made["id"], **place)
    return made


def _find_membership(writer: Writer, person: Document, cadence: Document) -> Document:
    found = progress.of_pair(writer.request(0), person["id"], cadence["id"])
    assert found is not None
    return found


def _create_calls(writer: Writer, people: Sequence[Document]) -> None:
    """Calls, the first of which completes an action, and what the dialer noted of these and others."""
    for index, (person, call) in enumerate(zip(people, words.CALLS, strict=False)):
        disposition, sentiment, notes, seconds = call
        dialed = _enter_data_record(writer, person, seconds)
        open_one = writer.store.collection("actions").first(Condition.match(person_id=person["id"]))
        purpose = {"action_id": open_one["id"]} if open_one and index == 0 else {}
        marks = {"disposition": disposition, "sentiment": sentiment, "notes": notes}
        writer.create(
            "calls", index % 3, person_id=person["id"], to=person["phone"], duration=seconds, **marks, **purpose,
            linked_call_data_record_ids=[dialed["id"]],
        )  # fmt: skip
    for person in people[4:7]:
        _enter_data_record(writer, person, 0, status="no-answer")
    _enter_data_record(writer, people[7], 64, direction="inbound")


def _enter_data_record(writer: Writer, person: Document, seconds: int, **more: Any) -> Document:
    ours = "+15550100200"
    inbound = more.get("direction") == "inbound"
    return writer.enter(
        "call_data_records",
        call_uuid=_make_guid(writer),
        user_id=writer.users[0],
        called_person_id=person["id"],
        duration=seconds,
        **{"from": person["phone"] if inbound else ours, "to": ours if inbound else person["phone"], **more},
    )


def _create_notes_and_tasks(writer: Writer, people: Sequence[Document], accounts: Sequence[Document]) -> None:
    """Notes and tasks."""
    for index, content in enumerate(words.NOTES):
        kind, among = (("person", people), ("account", accounts))[index % 2]
        about = {"associated_with_type": kind, "associated_with_id": among[index]["id"]}
        writer.create("notes", index % 3, content=content, **about)
    for index, (subject, kind) in enumerate(words.TASKS):
        due = writer.later(2 * index - 3)[:10]
        person, user = people[index], writer.users[index % 3]
        writer.create("tasks", 0, subject=subject, task_type=kind, due_date=due, person_id=person["id"], user_id=user)


def _enter_emails(writer: Writer, people: Sequence[Document], cadence: Document) -> None:
    """Emails; all but the last one belong to a cadence."""
    steps = [step for step in writer.store.collection("steps").find() if step["cadence_id"] == cadence["id"]]
    for index, (subject, status, views, replies) in enumerate(words.EMAILS):
        person, last = people[index], index == len(words.EMAILS) - 1
        sent = status.startswith("sent")
        seen = dict.fromkeys(("unique_devices", "unique_locations"), int(views > 0))
        counts = {**dict.fromkeys(COUNTS, 0), **seen, "views": views, "replies": replies, "clicks": int(views > 2)}
        writer.enter(
            "emails",
            subject=subject,
            status=status,
            recipient_id=person["id"],
            recipient_email_address=person["email_address"],
            sent_at=writer.later() if sent else None,
            send_after=None if sent else writer.later(5),
            error_message="The mailbox is full" if status == "failed" else None,
            bounced=status == "failed",
            user_id=writer.users[0],
            cadence_id=None if last else cadence["id"],
            step_id=None if last else steps[1]["id"],
            counts=counts,
            **(_enter_origin(writer, person, subject) if index == 0 else {}),
        )
        _count_email(writer, person, counts, sent=sent, bounced=status == "failed")


def _enter_origin(writer: Writer, person: Document, subject: str) -> Document:
    """Where an email came from, and what the CRM was told of it."""
    action = writer.store.collection("actions").first(Condition.match(person_id=person["id"], type="email"))
    told = {"subject": f"Email: {subject}", "activity_type": "email", "user_id": writer.users[0]}
    activity = writer.enter("crm_activities", **told, person_id=person["id"])
    made = {"action_id": action and action["id"], "email_template_id": 6601, "personalization": "20"}
    return {**made, "crm_activity_id": activity["id"]}


def _enter_templates(writer: Writer) -> None:
    """Templates of the team, and those that its users made of them or wrote themselves."""
    user = writer.users[0]
    for index, (title, subject, body) in enumerate(words.TEMPLATES):
        written = {"title": title, "subject": subject, "body": body}
        edited = {"last_modified_user_id": user, "last_modified_at": writer.later()}
        shared = writer.enter("team_templates", **written, **edited)["id"] if index == 0 else None
        own = {"template_owner_id": writer.users[index % 3], "shared": index != 2, "team_template_id": shared}
        used = {"last_used_at": writer.later(), "counts": dict.fromkeys(TEMPLATE_COUNTS, 1)} if index == 0 else {}
        archived = {"archived_at": writer.later()} if index == 3 else {}
        writer.enter("email_templates", **written, **own, **used, **archived, tags=[words.TAGS[index]])


def _enter_outcomes(writer: Writer) -> None:
    """What came of the work: who was won, and the meetings that were booked, one of which was called off."""
    store = writer.store
    for person in store.collection("people").find(Condition.match(success_count=1)):
        call = store.collection("calls").first(Condition.match(called_person_id=person["id"]))
        window = {"success_window_started_at": writer.later(-7), "succeeded_at": writer.later()}
        latest = {"latest_call_id": call and call["id"]}
        counts = {**dict.fromkeys(TOUCHES, 0), "total_calls": int(bool(call))}
        owner = person["owner_id"]
        writer.enter("successes", person_id=person["id"], user_id=owner, counts=counts, **window, **latest)
    people = store.collection("people").find(limit=len(words.MEETINGS))
    for index, (person, title) in enumerate(zip(people, words.MEETINGS, strict=False)):
        writer.enter("meetings", title=title, **_build_meeting(writer, person, index))


def _build_meeting(writer: Writer, person: Document, index: int) -> Document:
    address, event = person["email_address"], f"event{index + 1}"
    attendee = {"name": person["display_name"], "email": address, "status": "accepted", "organizer": False}
    return {
        "start_time": writer.later(index + 1),
        "end_time": writer.later(index + 1 + 1 / 48),
        "person_id": person["id"],
        "of_account_id": person["account_id"],
        "booked_by_user_id": writer.users[index % 2],
        "recipient_name": person["display_name"],
        "recipient_email": address,
        "guests": [address],
        "attendees": [attendee],
        "event_id": event,
        "i_cal_uid": f"{event}@{words.DOMAIN}",
        "canceled_at": writer.later() if index == 2 else None,
    }


def _get_guid(writer: Writer, index: int) -> str:
    user = writer.store.collection("users").get(writer.users[index])
    assert user is not None
    return str(user["guid"])


def _count_email(writer: Writer, person: Document, counts: Document, *, sent: bool, bounced: bool) -> None:
    there = writer.store.collection("people").get(person["id"]) or person
    figures = {
        "emails_sent": int(sent),
        "emails_viewed": counts["views"],
        "emails_clicked": counts["clicks"],
        "emails_replied_to": counts["replies"],
        "emails_bounced": int(bounced),
    }
    replied = {"last_replied_at": writer.later()} if counts["replies"] else {}
    told = {"counts": {**there["counts"], **figures}, "bouncing": bounced, **replied}
    SALESLOFT.touch(writer.request(0), "people", person["id"], **told)


def _run_jobs(writer: Writer, number: int) -> None:
    """A bulk job that is done, with an outcome of each kind, and one that waits for data."""
    job = writer.create("bulk_jobs", 0, name=number_name("Spring trade fair leads", number), type="person/upsert")
    addresses = (f"visitor{number}@mail.example.com", "nobody@")
    data = [{"upsert_key": "email_address", "email_address": one, "first_name": "Robin"} for one in addresses]
    request = writer.request(0)
    bulk_jobs.add_rows(request, job, data)
    job = SALESLOFT.update(request, bulk_jobs.BULK_JOBS, {**job, "total": len(data)}, {"ready_to_execute": True})
    writer.history.move_on()
    bulk_jobs.get_on(request, job)
    writer.create("bulk_jobs", 1, name=number_name("Autumn newsletter", number), type="person/upsert")
