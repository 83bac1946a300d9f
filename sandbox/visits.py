"""Visits and their outcomes; both can only be listed."""

from .attributes import NUMBER, PRECISE, TEXT, Attribute, times
from .resources import Resource
from .vendor import SELL

VISITS = Resource(
    name="visits",
    type="visit",
    first_id=99_000_001,
    fields={
        "id": Attribute(NUMBER),
        "creator_id": Attribute(NUMBER),
        "outcome_id": Attribute(NUMBER),
        "resource_type": Attribute(TEXT),
        "resource_id": Attribute(NUMBER),
        "visited_at": Attribute(PRECISE),
        "resource_address": Attribute(TEXT),
        "rep_location_verification_status": Attribute(TEXT),
        "summary": Attribute(TEXT),
        "created_at": Attribute(PRECISE),
        "updated_at": Attribute(PRECISE),
    },
    filters=("outcome_id", "creator_id", "resource_type", "resource_id", "rep_location_verification_status"),
    sorting=("id", "visited_at"),
    last_page=100,
)

VISIT_OUTCOMES = Resource(
    name="visit_outcomes",
    type="visit_outcome",
    first_id=1_610_001,
    fields={"id": Attribute(NUMBER), "name": Attribute(TEXT), **times()},
    page_limit=200,
)

ROUTES = [*SELL.routes(VISITS, "list"), *SELL.routes(VISIT_OUTCOMES, "list")]
