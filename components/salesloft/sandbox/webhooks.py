"""Subscriptions to events; they are read here, and nothing is ever called."""

from sales_connectors.imitation.kit import READ

from .filters import is_true
from .resources import Field, Resource, times
from .vendor import SALESLOFT

TENANT_ID = 1

SUBSCRIPTIONS = Resource(
    name="webhook_subscriptions",
    first_id=9901,
    fields={
        "id": Field(),
        "tenant_id": Field(default=TENANT_ID),
        "user_guid": Field(),
        "callback_url": Field(),
        "callback_token": Field(),
        "event_type": Field(),
        "enabled": Field(default=True),
        **times(hidden=True),
    },
    paged=False,
    filters={"enabled": is_true("enabled")},
)
ROUTES = SALESLOFT.routes(SUBSCRIPTIONS, *READ)
