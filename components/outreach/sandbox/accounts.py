"""Accounts; only named ones are listed."""

from sales_connectors.imitation import Condition
from sales_connectors.imitation.kit import ALL

from .attributes import LONG, boolean, integer, moment, number, text, texts
from .custom_fields import build_custom_fields
from .relationships import NONE, linked, many, one, server_sets
from .resources import Resource
from .vendor import build_routes

ACCOUNTS = Resource(
    type="account",
    fields={
        "annualRevenueRange": text(),
        "buyerIntentScore": number("FS"),
        "companyType": text(),
        "createdAt": moment("RFS"),
        "customId": text("FS"),
        "description": text("", LONG),
        "domain": text("FS"),
        "externalSource": text(),
        "followers": integer(),
        "foundedAt": moment(),
        "industry": text(),
        "linkedInEmployees": integer(),
        "linkedInUrl": text("", 1000),
        "locality": text(),
        "naicsCodes": texts(),
        "name": text("FS", required=True),
        "named": boolean("FS", default=True),
        "naturalName": text(),
        "numberOfEmployees": integer(),
        "sharingTeamId": text("F"),
        "sicCodes": texts(),
        "tags": texts(),
        "tickerSymbol": text(),
        "touchedAt": moment("RFS"),
        "updatedAt": moment("RFS"),
        "websiteUrl": text(),
        **build_custom_fields("account", 150),
        "assignedTeams": many("team"),
        "assignedUsers": many("user"),
        "batches": linked("batches", "account"),
        "creator": server_sets("user", by=NONE),
        "defaultPluginMapping": server_sets("pluginMapping"),
        "favorites": many("favorite"),
        "owner": one("user"),
        "primaryRecordTeam": one("team"),
        "prospects": linked("prospects", "account"),
        "purchases": linked("purchases", "account"),
        "recordTeamMembers": many("user"),
        "recordTeams": many("team"),
        "tasks": linked("tasks", "account"),
        "updater": server_sets("user", by=NONE),
    },
    listed=Condition.match(named=True),
    searched=("name", "naturalName", "domain"),  # inferred: which attributes a search looks at
)
ROUTES = build_routes(ACCOUNTS, *ALL)
