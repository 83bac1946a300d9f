"""Accounts, which are companies."""

from collections.abc import Iterator

from sales_connectors.imitation import ANY, Condition, Document, Expression, Request, field
from sales_connectors.imitation.kit import ALL, BOTH, CREATE, UPDATE, Change, Problem, Wrong

from . import crm, progress
from .customs import settle_values, value_problems
from .filters import (
    IS_NULL,
    holds_any,
    is_there,
    match_custom_fields,
    match_flag,
    match_ids,
    match_related,
    match_some,
    match_span,
    match_tags,
)
from .queries import sort_through
from .resources import Field, Resource, link, times, writable
from .tags import enter_tags
from .values import domain, flag, integer, mapping, names, text, zone
from .vendor import SALESLOFT

TEXTS = (
    "conversational_name", "description", "phone", "website", "linkedin_url", "twitter_handle", "street", "city",
    "state", "postal_code", "country", "industry", "company_type", "founded", "revenue_range", "size",
)  # fmt: skip
PEOPLE = Expression(f"(select count(*) from people where {field('account_id', 'people')} = accounts.id)")


def _check(change: Change) -> Iterator[Problem]:
    yield from crm.identity_problems(change, "accounts", crm.ACCOUNTS, "crm_id_account:write")
    yield from value_problems(change, "company")


def _settle(change: Change) -> None:
    record = change.record
    if change.is_new:
        record["creator_id"] = change.request.user_id
    record["owner_id"] = record["owner_id"] or change.request.user_id
    record["tags"] = record["tags"] or []
    record["do_not_contact"] = bool(record["do_not_contact"])
    if record.get("archived") is not None:
        record["archived_at"] = (record["archived_at"] or SALESLOFT.now(change.request)) if record["archived"] else None
    settle_values(change)
    crm.settle_identity(change, crm.ACCOUNTS)


def _follow(change: Change) -> None:
    enter_tags(change.request, change.record["tags"])
    if change.record["do_not_contact"] and change.moves("do_not_contact"):
        for person in _find_people(change.request, change.record):
            progress.take_off_all(change.request, person["id"])


def _detach(request: Request, account: Document) -> None:
    for person in _find_people(request, account):
        SALESLOFT.touch(request, "people", person["id"], account_id=None)


def _find_people(request: Request, account: Document) -> list[Document]:
    return request.collection("people").find(Condition.match(account_id=account["id"]))


def _show_counts(request: Request, account: Document) -> dict[str, int]:
    return {"people": request.collection("people").count(Condition.match(account_id=account["id"]))}


def _match_related_users(request: Request, value: object) -> Condition:
    """Accounts by the users who have a part in them, which the team names itself; none of ours has any."""
    if not isinstance(value, dict):
        raise Wrong("takes the names of relationships")
    return ANY if all(guid == "_unmapped" for guid in value.values()) else ANY.negated()


ACCOUNTS = Resource(
    name="accounts",
    scope="accounts",
    first_id=531101,
    fields={
        "id": Field(),
        "name": writable(text, required=(CREATE,)),
        "domain": writable(domain, required=(CREATE,)),
        **{name: writable(text) for name in TEXTS},
        "locale": writable(zone),
        "do_not_contact": writable(flag, default=False),
        "tags": writable(names, default=[]),
        "custom_fields": writable(mapping, default={}),
        "user_relationships": Field(default=[]),
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
        "archived": writable(flag, (UPDATE,), instruction=True),
        "archived_at": Field(),
        **times(),
    },
    derived={"counts": _show_counts},
    filters={
        "ids": match_ids(),
        "crm_id": match_some("crm_id"),
        "tag": holds_any("tags"),
        "tag_id": match_tags,
        "created_at": match_span("created_at"),
        "updated_at": match_span("updated_at"),
        "domain": lambda request, value: Condition.equal("domain", str(value).lower()),
        "website": match_some("website", null=IS_NULL),
        "archived": is_there("archived_at"),
        "name": match_some("name"),
        "account_stage_id": match_some("company_stage_id", integer, null=IS_NULL),
        "account_tier_id": match_some("account_tier_id", integer),
        "owner_id": match_some("owner_id", integer, null=IS_NULL),
        "owner_is_active": match_flag(lambda request: match_related("owner_id", "users", Condition.match(active=True))),
        "owner_crm_id": match_some("owner_crm_id"),
        "last_contacted": match_span("last_contacted_at", null=True),
        "custom_fields": match_custom_fields,
        "industry": match_some("industry", partial=True),
        "country": match_some("country", partial=True),
        "state": match_some("state", partial=True),
        "city": match_some("city", partial=True),
        "locales": match_some("locale"),
        "user_relationships": _match_related_users,
    },
    sorting={
        "updated_at": "updated_at",
        "created_at": "created_at",
        "last_contacted_at": "last_contacted_at",
        "account_stage": sort_through("accounts", "company_stage_id", "account_stages", "order"),
        "account_stage_name": sort_through("accounts", "company_stage_id", "account_stages"),
        "account_tier": sort_through("accounts", "account_tier_id", "account_tiers", "order"),
        "account_tier_name": sort_through("accounts", "account_tier_id", "account_tiers"),
        "name": "name",
        "counts_people": PEOPLE,
    },
    unique=("domain",),
    repeatable=True,
    rules=_check,
    settle=_settle,
    follow=_follow,
    cascade=_detach,
)
ROUTES = SALESLOFT.routes(ACCOUNTS, *ALL)
