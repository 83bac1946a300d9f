"""The polling trigger: what was created and updated since the last poll.

Lists are asked for by ``updated_at``, as the vendor's guide to reading changes has it.  No list tells of what was
deleted, and no poll either.

https://developers.salesloft.com/docs/platform/api-basics/filtering-paging-sorting/
"""

from datetime import datetime
from functools import partial

from sales_connectors.sdk import ChangeList, Changes, Context, Inputs, Pages, Stamps, poll_list

PATHS = {
    "people": "/v2/people",
    "accounts": "/v2/accounts",
    "cadences": "/v2/cadences",
    "cadenceMemberships": "/v2/cadence_memberships",
    "tasks": "/v2/tasks",
    "calls": "/v2/activities/calls",
    "emails": "/v2/activities/emails",
    "notes": "/v2/notes",
}


def poll_changes(ctx: Context, inputs: Inputs) -> Changes:
    """Changes of one resource since ``ctx.state``; without a state from now on, or from the beginning."""
    resource = inputs["pollResourceType"]
    changes = ChangeList(
        resource,
        since=partial(_list_since, ctx, PATHS[resource]),
        newest=lambda: ctx.pages(PATHS[resource], _sort("DESC"), size=1),
        stamps=Stamps(ctx.envelope),
    )
    return poll_list(ctx, inputs, changes)


def _list_since(ctx: Context, path: str, begin: datetime | None) -> Pages:
    """The records that changed at a time or later, oldest change first."""
    bound = {"updated_at[gte]": begin.isoformat(timespec="microseconds")} if begin else {}
    return ctx.pages(path, {**bound, **_sort("ASC")})


def _sort(direction: str) -> dict[str, str]:
    return {"sort_by": "updated_at", "sort_direction": direction}
