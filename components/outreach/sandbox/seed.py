"""The organization that a new sandbox holds, and the prospects of N companies: small, made up, and the same every time.

What the documents' examples name has the ids that it has there; the rest is made through the functions that serve the
API, so that it obeys their rules.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sales_connectors.imitation import Clock, Document, Store
from sales_connectors.imitation.kit import COMPANIES, History, make_domain, make_mailbox, number_name
from sales_connectors.imitation.kit import Writer as KitWriter

from . import progress, words
from .recipients import hash_address
from .relationships import One, refer
from .resources import Resource
from .scopes import USUAL
from .vendor import OUTREACH

DAY = 86_400
RECORDS_OF_THE_TEAM, RECORDS_OF_A_COMPANY = 130, 60  # more than there are, so that the history ends before now
ROOT, COLLEAGUES = 0, (0, 1, 3)

Writer = KitWriter[Resource]


def seed(store: Store, clock: Clock, companies: int) -> None:
    """Fill an empty store."""
    steps = RECORDS_OF_THE_TEAM + companies * RECORDS_OF_A_COMPANY
    writer = Writer(OUTREACH, store, History(clock, begin=30 * DAY, end=DAY, steps=steps), USUAL)
    _enter_users(writer)
    _enter_lists(writer)
    _enter_sequences(writer)
    _enter_prospects(writer)
    _enter_work(writer)
    _enter_logs(writer)
    for number in range(companies):
        _create_company(writer, number)


def _name(resource: Resource, given: Mapping[str, Any]) -> Document:
    """A record that names others by their bare ids, with these as they are kept."""
    relations = resource.relationships

    def keep(name: str, value: Any) -> Any:
        relation = relations.get(name)
        return refer(relation.types[0], value) if isinstance(relation, One) and isinstance(value, int) else value

    return {name: keep(name, value) for name, value in given.items()}


def _enter(writer: Writer, plural: str, given: Mapping[str, Any], **more: Any) -> Document:
    resource = Resource.catalogue[plural]
    by = {name: refer("user", words.USERS[ROOT]["id"]) for name in ("creator", "updater")}
    known = {name: value for name, value in by.items() if name in resource.fields and "user" in _types(resource, name)}
    return writer.enter(plural, **{**known, **_name(resource, {**given, **more})})


def _types(resource: Resource, name: str) -> tuple[str, ...]:
    return resource.relationships[name].types


def _enter_users(writer: Writer) -> None:
    for user in words.USERS:
        email = f"{user['firstName']}@{words.DOMAIN}".lower()
        mail = {"email": email, "username": email, "userGuid": _make_guid(writer)}
        entered = _enter(writer, "users", {**mail, **user})
        if not entered["locked"]:
            writer.users.append(entered["id"])
    for mailbox in words.MAILBOXES:
        known = {"username": mailbox["email"], "userId": mailbox["user"], "sendMethod": "smtp", "maxEmailsPerDay": 500}
        _enter(writer, "mailboxes", {**known, **mailbox})
        OUTREACH.touch(writer.request(ROOT), "users", mailbox["user"], mailbox=refer("mailbox", mailbox["id"]))
    for name, owner in words.ALIASES:
        email = f"{name}@{words.DOMAIN}"
        _enter(
            writer, "mailAliases", {"email": email, "emailHash": hash_address(email), "canSend": True}, mailbox=owner
        )


def _make_guid(writer: Writer) -> str:
    return str(UUID(int=writer.random.getrandbits(128), version=4))


def _enter_lists(writer: Writer) -> None:
    for order, (id, name) in enumerate(words.STAGES.items(), 1):
        _enter(writer, "stages", {"id": id, "name": name, "order": order, "color": words.COLOURS[order - 1]})
    for order, (id, name) in enumerate(words.OPPORTUNITY_STAGES.items(), 1):
        stage = {"id": id, "name": name, "order": order, "color": words.COLOURS[order - 1]}
        _enter(writer, "opportunityStages", stage, isClosed=name in words.CLOSED)
    for order, (id, (name, outcome)) in enumerate(words.DISPOSITIONS.items(), 1):
        _enter(writer, "callDispositions", {"id": id, "name": name, "outcome": outcome, "order": order})
    for order, (id, name) in enumerate(words.PURPOSES.items(), 1):
        _enter(writer, "callPurposes", {"id": id, "name": name, "order": order})
    for id, (name, weight) in words.PRIORITIES.items():
        _enter(writer, "taskPriorities", {"id": id, "name": name, "weight": weight, "color": id})
    for plural, names in words.NAMED_LISTS.items():
        for id, name in names.items():
            _enter(writer, plural, {"id": id, "name": name})
    for id, (name, subject, body) in words.TEMPLATES.items():
        text = body.replace("<p>", "").replace("</p>", "")
        _enter(writer, "templates", {"id": id, "name": name, "subject": subject, "bodyHtml": body, "bodyText": text},
               shareType="shared", owner=words.USERS[ROOT]["id"], archived=False)  # fmt: skip


def _enter_sequences(writer: Writer) -> None:
    for sequence in words.SEQUENCES:
        times = {f"{name}At": writer.later() for name in ("enabled", "locked") if sequence.get(name)}
        usual = {"sequenceType": "interval", "shareType": "shared", "primaryReplyAction": "finish"}
        _enter(writer, "sequences", {**usual, **times, **sequence})
    for step in words.STEPS:
        template = step.get("template")
        entered = _enter(writer, "sequenceSteps", {k: value for k, value in step.items() if k != "template"})
        if template:
            sends = {"sequenceStep": entered["id"], "template": template, "isReply": step["order"] != 1}
            _enter(writer, "sequenceTemplates", sends, enabled=True, enabledAt=writer.later())


def _enter_prospects(writer: Writer) -> None:
    for account in words.ACCOUNTS:
        _enter(writer, "accounts", account)
    for prospect in words.PROSPECTS:
        opted = {"optedOutAt": writer.later()} if prospect.get("optedOut") else {}
        _enter(writer, "prospects", {"addedAt": writer.later(), **opted, **prospect})
    for order, number in enumerate(words.NUMBERS):
        _enter(writer, "phoneNumbers", {"prospect": 12345, "rawNumber": number["number"], "order": order, **number})
    for deal in words.OPPORTUNITIES:
        precise, closes = str(deal["amount"]), writer.later(60)
        _enter(writer, "opportunities", {"amountPrecise": precise, "currencyType": "USD", "closeDate": closes, **deal})
    role = {"id": 12345, "role": "Decision maker", "primary": True}
    _enter(writer, "opportunityProspectRoles", role, prospect=3456, opportunity=123456)


def _enter_work(writer: Writer) -> None:
    for state in words.STATES:
        _enter_state(writer, state)
    for task in words.TASKS:
        _enter_task(writer, task)
    for mailing in words.MAILINGS:
        sent = {"mailingType": "sequence" if "sequence" in mailing else "single", "stateChangedAt": writer.later()}
        box = writer.store.collection("mailboxes").get(mailing["mailbox"]) or {}
        body = {"bodyHtml": f"<html><body><h1>{mailing['subject']}</h1></body></html>", "deliveredAt": writer.later()}
        _enter(writer, "mailings", {**sent, **body, "mailboxAddress": box["email"], "user": box["user"]}, **mailing)
    for recipient in words.RECIPIENTS:
        _enter(writer, "recipients", {"primary": True, "emailHash": hash_address(recipient["value"]), **recipient})
    call = {"direction": "outbound", "from": "+14155551234", "to": "+14155555678", "outcome": "Answered"}
    told = {"note": "Discussed product features and pricing", "state": "completed", "tags": ["sales", "follow-up"]}
    _enter(writer, "calls", {"id": 12345, **call, **told}, callDisposition=1, callPurpose=2, prospect=3456, user=789)
    asked = {"id": 12345, "objectType": "Prospect", "requestType": "Delete", "state": "done"}
    erased = {"pii": {"email": "erased@example.com"}, "requestObjectId": "99", "uuid": _make_guid(writer)}
    _enter(writer, "complianceRequests", {**asked, **erased}, requester=67890)
    _enter(writer, "complianceRequests", {**asked, **erased, "id": 61, "uuid": _make_guid(writer)}, requester=67890)


def _enter_state(writer: Writer, given: Mapping[str, Any]) -> None:
    """A state that goes on from where it begins."""
    sequence = writer.store.collection("sequences").get(given["sequence"]) or {}
    prospect = writer.store.collection("prospects").get(given["prospect"]) or {}
    begins = {"state": progress.ACTIVE, "activeAt": writer.later()} if sequence["enabled"] else {"state": "disabled"}
    known = {"account": prospect["account"], "user": sequence["owner"], "stateChangedAt": writer.later()}
    named = {name: value for name, value in given.items() if name != "then"}
    state = _enter(writer, "sequenceStates", {**begins, **known, **named})
    request = writer.request(ROOT)
    progress.begin(request, state)
    if given.get("then") == progress.FINISHED:
        progress.finish(request, state)
    elif "then" in given:
        progress.change_state(request, state, given["then"], pauseReason="Paused by a user")


def _enter_task(writer: Writer, given: Mapping[str, Any]) -> None:
    prospect = writer.store.collection("prospects").get(given["prospect"]) or {}
    state = {"taskType": "follow_up", "state": "incomplete", "completed": False, "stateChangedAt": writer.later()}
    about = {"subject": refer("prospect", prospect["id"]), "account": prospect["account"], "dueAt": _due(writer, given)}
    named = {name: value for name, value in given.items() if name != "days"}
    _enter(writer, "tasks", {**state, **about, **named}, taskPriority=2)


def _due(writer: Writer, given: Mapping[str, Any]) -> str:
    """Some days from when the sandbox starts."""
    return OUTREACH.format_moment(writer.history.today() + timedelta(days=30 + given["days"]))


def _enter_logs(writer: Writer) -> None:
    opened = {"id": 901, "name": "mailing_opened", "eventAt": writer.later(), "payload": {"device": "Phone"}}
    _enter(writer, "events", {**opened, "requestDevice": "Phone", "requestCity": "Oslo"}, prospect=67891, mailing=12346)
    for event, action, result in words.AUDIT_LOGS:
        ids = {name: _make_guid(writer) for name in ("globalId", "requestId")}
        agent = {"email": f"morgan@{words.DOMAIN}", "ipAddress": "192.0.2.17"}
        log = {"eventName": event, "action": action, "result": result, "timestamp": writer.later(), "agent": agent}
        _enter(writer, "auditLogs", {**ids, "orgId": "fernhill", **log})
    for audit in words.AUDITS:
        told = {"userEmail": audit["user"], "eventName": "login", "orgId": "org_123456", "timestamp": writer.later()}
        _enter(writer, "audits", {**told, **audit})


def _create_company(writer: Writer, number: int) -> None:
    """The customers of one company, and the work on them."""
    accounts = [_create_account(writer, number, index) for index in range(len(COMPANIES))]
    prospects = [_create_prospect(writer, number, index, accounts[index % 4]) for index in range(12)]
    for index, (name, amount, stage) in enumerate(words.DEALS):
        _create_deal(writer, accounts[index], prospects[index], name, amount, stage)
    for prospect in prospects[:3]:
        writer.create("sequenceStates", ROOT, **_refer(sequence=789, prospect=prospect["id"], mailbox=123))
    for index, (note, disposition, purpose, outcome) in enumerate(words.CALLS):
        marks = _refer(prospect=prospects[index]["id"], callDisposition=disposition, callPurpose=purpose)
        number_called = {"to": f"+1555{writer.random.randint(1000000, 9999999)}", "direction": "outbound"}
        writer.create("calls", _pick(index), note=note, outcome=outcome, **number_called, **marks)
    for index, note in enumerate(words.CALL_TASKS):
        about = _refer(subject=prospects[index]["id"], owner=writer.users[_pick(index)], taskPriority=1 + index)
        due = writer.later(30 * (index + 1))
        writer.create(
            "tasks",
            _pick(index),
            action="call",
            note=note,
            dueAt=due,
            **about,
        )


def _pick(index: int) -> int:
    return COLLEAGUES[index % len(COLLEAGUES)]


def _refer(**ids: int) -> Document:
    """Relationships as a client gives them."""
    types = {"subject": "prospect", "owner": "user", "primaryProspect": "prospect"}
    return {name: refer(types.get(name, name), id) for name, id in ids.items()}


def _create_account(writer: Writer, number: int, index: int) -> Document:
    name, industry = COMPANIES[index]
    domain = make_domain(name, number)
    return writer.create(
        "accounts",
        _pick(index),
        name=number_name(name, number),
        domain=domain,
        websiteUrl=f"https://www.{domain}",
        industry=industry,
        numberOfEmployees=words.EMPLOYEES[index],
        custom1=("Mid-market", "Small business")[index % 2],
    )


def _create_prospect(writer: Writer, number: int, index: int, account: Document) -> Document:
    first, last = writer.pick_name()
    local = f"{make_mailbox(f'{first}.{last}')}{number * 12 + index}"
    return writer.create(
        "prospects",
        _pick(index),
        firstName=first,
        lastName=last,
        emails=[f"{local}@{account['domain']}"],
        title=words.TITLES[index % len(words.TITLES)],
        mobilePhones=[f"+1555{writer.random.randint(1000000, 9999999)}"],
        timeZone="Europe/Berlin" if index % 2 else "America/New_York",
        custom1=str(writer.random.randint(1, 99)),
        **_refer(account=account["id"], stage=1 + index % 5),
    )


def _create_deal(writer: Writer, account: Document, prospect: Document, name: str, amount: int, stage: int) -> None:
    whose = _refer(account=account["id"], primaryProspect=prospect["id"], opportunityStage=stage)
    titled = {"name": f"{account['name']}: {name}", "closeDate": writer.later(45), "currencyType": "EUR"}
    deal = writer.create("opportunities", ROOT, amount=amount, probability=20 * stage - 20, **titled, **whose)
    role = _refer(prospect=prospect["id"], opportunity=deal["id"])
    writer.create("opportunityProspectRoles", ROOT, role="Champion", primary=True, **role)
