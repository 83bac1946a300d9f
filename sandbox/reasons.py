"""The short lists that an account keeps: sources, reasons, lead statuses, industries."""

from dataclasses import replace

from sales_connectors.imitation import Reply, Request, Route
from sales_connectors.imitation.kit import ALL

from .attributes import TEXT, Attribute, record_attributes, times
from .errors import not_found
from .queries import PAGING, check_parameters, reply_items
from .resources import Resource
from .vendor import SELL

INDUSTRIES = ("Agriculture", "Construction", "Design Services", "Education", "Finance", "Retail", "Technology")
SINCE = "2024-01-15T09:00:00Z"


def _kind_fields(kind: str, *, hidden: bool = False) -> dict[str, Attribute]:
    """What the entries are for: shown by sources, and by loss reasons in events only."""
    return {"resource_type": Attribute(TEXT, choices=(kind,), default=kind, hidden=hidden, read_only=hidden)}


def _define_list(
    name: str, type: str, first_id: int, *sorting: str, of: dict[str, Attribute] | None = None
) -> Resource:
    """A list of names, each of them once."""
    return Resource(
        name=name,
        type=type,
        first_id=first_id,
        fields={**record_attributes(), "name": Attribute(TEXT, required=True), **(of or {}), **times()},
        filters=("name",),
        sorting=("id", "name", "updated_at", *sorting),
        unique=("name",),
    )


DEAL_SOURCES = _define_list("deal_sources", "source", 1_200_001, "created_at", of=_kind_fields("deal"))
LEAD_SOURCES = _define_list("lead_sources", "source", 1_210_001, "created_at", of=_kind_fields("lead"))
LOSS_REASONS = _define_list("loss_reasons", "loss_reason", 1_220_001, of=_kind_fields("deal", hidden=True))
DEAL_UNQUALIFIED_REASONS = _define_list("deal_unqualified_reasons", "deal_unqualified_reason", 1_230_001)

LEAD_UNQUALIFIED_REASONS = Resource(
    name="lead_unqualified_reasons",
    type="lead_unqualified_reason",
    first_id=1_240_001,
    fields={**record_attributes(), "name": Attribute(TEXT), **times()},
)
LEAD_STATUSES = Resource(
    name="lead_statuses",
    type="lead_status",
    first_id=1_250_001,
    fields={**record_attributes(creator=False), "name": Attribute(TEXT), **times()},
    has_links=False,
)


def list_industries(request: Request) -> Reply:
    """``GET /v2/{resource_type}/industries``"""
    if request.params["resource_type"] not in ("contact", "lead"):
        raise not_found("There is nothing at this path.")
    check_parameters(request, PAGING)
    items = [{"name": name, "created_at": SINCE, "updated_at": SINCE} for name in INDUSTRIES]
    return reply_items([{"data": item, "meta": {"type": "industry"}} for item in items], {})


def _rename_route(route: Route) -> Route:
    """``/sources`` is the old name of ``/deal_sources``, for the same records."""
    return replace(route, path=route.path.replace("/deal_sources", "/sources"))


ROUTES = [
    *SELL.routes(DEAL_SOURCES, *ALL),
    *map(_rename_route, SELL.routes(DEAL_SOURCES, *ALL)),
    *SELL.routes(LEAD_SOURCES, *ALL),
    *SELL.routes(LOSS_REASONS, *ALL),
    *SELL.routes(DEAL_UNQUALIFIED_REASONS, *ALL),
    *SELL.routes(LEAD_UNQUALIFIED_REASONS, "list"),
    *SELL.routes(LEAD_STATUSES, "list"),
    Route("GET", "/v2/{resource_type}/industries", list_industries, scope="read"),
]
