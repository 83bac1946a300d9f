"""The polling trigger: what was created, updated and trashed since the last poll.

Lists are asked for by ``updatedAt``.  A prospect or an opportunity that was put into the trash says so by ``trashedAt``
and is told as deleted; of what is deleted for good no list tells, and no poll either.

https://developers.outreach.io/api/making-requests/#filtering
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sales_connectors.sdk import ChangeList, Changes, Context, Inputs, Pages, Stamps, poll_list

from ._filters import build_filters
from ._jsonapi import PAGE_SIZE, Resource
from .accounts import ACCOUNT
from .opportunities import OPPORTUNITY
from .prospects import PROSPECT
from .sequence_states import SEQUENCE_STATE
from .tasks import TASK

WATCHED = {each.plural: each for each in (PROSPECT, ACCOUNT, OPPORTUNITY, TASK, SEQUENCE_STATE)}
CHANGED = "updatedAt"


def poll_changes(ctx: Context, inputs: Inputs) -> Changes:
    """Changes of one resource since ``ctx.state``; without a state from now on, or from the beginning."""
    resource = WATCHED[inputs["pollResourceType"]]
    changes = ChangeList(
        resource.plural,
        since=partial(_list_since, ctx, resource),
        newest=lambda: ctx.pages(resource.path, {"sort": f"-{CHANGED}"}, size=1),
        stamps=Stamps(ctx.envelope, CHANGED),
        is_gone=_is_trashed,
    )
    return poll_list(ctx, inputs, changes)


def _list_since(ctx: Context, resource: Resource, begin: datetime | None) -> Pages:
    """The records that changed at a time or later, oldest change first."""
    bounds = [{"field": CHANGED, "criteria": {"gte": _write_time(begin)}}] if begin else []
    return ctx.pages(resource.path, {**build_filters(bounds), "sort": CHANGED}, size=PAGE_SIZE)


def _write_time(time: datetime) -> str:
    """As the service shows times, to the millisecond; what is finer is left out, so that nothing is."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"


def _is_trashed(attributes: Mapping[str, Any]) -> bool:
    return attributes.get("trashedAt") is not None
