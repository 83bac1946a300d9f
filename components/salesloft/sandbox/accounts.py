"""Accounts, which are companies."""

from collections.abc import Iterator

from sales_connectors.imitation import Condition, Document, Request

from . import crm, progress, records
from .customs import settle_values, value_problems
from .errors import TAKEN, Problem, Wrong
from .filters import IS_NULL, custom, holding, ids, is_there, related, some, span, tagged, yes
from .handlers import ALL, routes
from .queries import name_of
from .resources import BOTH, UPDATE, Change, Field, Resource, kept, known, link, now, times, writable
from .tags import enter_tags
from .values import domain, flag, integer, mapping, names, text, zone

TEXTS = (
    "conversational_name", "description", "phone", "website", "linkedin_url", "twitter_handle", "street", "city",
    "state", "postal_code", "country", "industry", "company_type", "founded", "revenue_range", "size",
)  # fmt: skip
PEOPLE = "(select count(*) from people where json_extract(people.doc, '$.account_id') = accounts.id)"


def _rules(change: Change) -> Iterator[Problem]:
    same = kept(change.request, "accounts").find(Condition.equal("domain", change.record["domain"]))
    if any(found["id"] != change.record.get("id") for found in same):
        yield "domain", TAKEN
    yield from crm.identity_problems(change, "accounts", crm.ACCOUNTS, "crm_id_account:write")
    yield from value_problems(change, "company")


def _settle(change: Change) -> None:
    record = change.record
    if change.is_new:
        record["creator_id"] = change.request.user_id
    record["owner_id"] = record["owner_id"] or change.request.user_id
    record["tags"] = record["tags"] or []
    record["do_not_contact"] = bool(record["do_not_contact"])
    archived = record.pop("archived", None)
    if archived is not None:
        record["archived_at"] = (record["archived_at"] or now(change.request)) if archived else None
    settle_values(change)
    crm.settle_identity(change, crm.ACCOUNTS)


def _follow(change: Change) -> None:
    enter_tags(change.request, change.record["tags"])
    if change.record["do_not_contact"] and change.moves("do_not_contact"):
        for person in _people(change.request, change.record):
            progress.take_off_all(change.request, person["id"])


def _detach(request: Request, account: Document) -> None:
    for person in _people(request, account):
        records.touch(request, "people", person["id"], account_id=None)


def _people(request: Request, account: Document) -> list[Document]:
    return kept(request, "people").find(Condition.equal("account_id", account["id"]))


def _counts(request: Request, account: Document) -> dict[str, int]:
    return {"people": kept(request, "people").count(Condition.equal("account_id", account["id"]))}


def _related_users(request: Request, value: object) -> Condition:
    """Accounts by the users who have a part in them, which the team names itself; none of ours has any."""
    if not isinstance(value, dict):
        raise Wrong("takes the names of relationships")
    return Condition("1" if all(guid == "_unmapped" for guid in value.values()) else "0")


ACCOUNTS = known(
    Resource(
        name="accounts",
        scope="accounts",
        first_id=531101,
        fields={
            "id": Field(),
            "name": writable(text, required=BOTH),
            "domain": writable(domain, required=BOTH),
            **{name: writable(text) for name in TEXTS},
            "locale": writable(zone),
            "do_not_contact": writable(flag, default=False),
            "tags": writable(names, default=[]),
            "custom_fields": writable(mapping, default={}),
            "user_relationships": Field(default={}),
            "counts": Field(),
            "owner": link("users", BOTH),
            "creator": link("users"),
            "company_stage": link("account_stages", BOTH),
            "account_tier": link("account_tiers", BOTH),
            **crm.IDENTITY,
            "last_contacted_at": Field(),
            "last_contacted_type": Field(),
            "last_contacted_by": link("users"),
            "last_contacted_person": link("people"),
            "archived": writable(flag, (UPDATE,), hidden=True),
            "archived_at": Field(),
            **times(),
        },
        derived={"counts": _counts},
        filters={
            "ids": ids(),
            "crm_id": some("crm_id"),
            "tag": holding("tags"),
            "tag_id": tagged,
            "created_at": span("created_at"),
            "updated_at": span("updated_at"),
            "domain": lambda request, value: Condition.equal("domain", str(value).lower()),
            "website": some("website", null=IS_NULL),
            "archived": is_there("archived_at"),
            "name": some("name"),
            "account_stage_id": some("company_stage_id", integer, null=IS_NULL),
            "account_tier_id": some("account_tier_id", integer),
            "owner_id": some("owner_id", integer, null=IS_NULL),
            "owner_is_active": yes(lambda request: related("owner_id", "users", Condition.equal("active", True))),
            "owner_crm_id": some("owner_crm_id"),
            "last_contacted": span("last_contacted_at", null=True),
            "custom_fields": custom,
            "industry": some("industry", partial=True),
            "country": some("country", partial=True),
            "state": some("state", partial=True),
            "city": some("city", partial=True),
            "locales": some("locale"),
            "user_relationships": _related_users,
        },
        sorting={
            "updated_at": "updated_at",
            "created_at": "created_at",
            "last_contacted_at": "last_contacted_at",
            "account_stage": name_of("accounts", "company_stage_id", "account_stages", "order"),
            "account_stage_name": name_of("accounts", "company_stage_id", "account_stages"),
            "account_tier": name_of("accounts", "account_tier_id", "account_tiers", "order"),
            "account_tier_name": name_of("accounts", "account_tier_id", "account_tiers"),
            "name": "name",
            "counts_people": PEOPLE,
        },
        repeatable=True,
        rules=_rules,
        settle=_settle,
        follow=_follow,
        cascade=_detach,
    )
)
ROUTES = routes(ACCOUNTS, *ALL)
