"""A connection on its way to be kept, and what is kept under its name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import Conflict, InvalidInput, NotFound
from ..manifest import Component
from ..sdk import Effect, OAuth, Service
from .connections import build_service
from .error_context import forgetful
from .given import parse_connection
from .scopes import collect_scopes, demand_scope_field

if TYPE_CHECKING:
    from ..store import Store, StoredConnection


@dataclass(frozen=True)
class ConnectionDraft:
    """A connection that is to be kept, as far as it is known."""

    component: Component
    name: str
    key: str
    """The kind of connection."""
    fields: Mapping[str, Any] = field(repr=False)

    @forgetful
    def with_fields(self, fields: Mapping[str, Any]) -> "ConnectionDraft":
        """With these fields over its own."""
        return replace(self, fields={**self.fields, **fields})

    @forgetful
    def for_actions(self, actions: Iterable[str]) -> "ConnectionDraft":
        """Asking for the scopes of these actions, and for no others; NotFound where there is no such action."""
        scope_field = demand_scope_field(self.component, self.key, self.oauth)
        return self.with_fields({scope_field: " ".join(collect_scopes(self.component, self.key, actions))})

    @property
    def reading_actions(self) -> list[str]:
        """The actions that change nothing."""
        return [key for key, entry in self.component.actions.items() if entry.effect is Effect.READ]

    @property
    @forgetful
    def oauth(self) -> OAuth | None:
        """How a token is got; None where the fields themselves sign.  InvalidInput where the fields do not fit."""
        return self.service.oauth

    @property
    @forgetful
    def service(self) -> Service:
        """What it reaches; InvalidInput where the fields do not fit."""
        parsed = parse_connection(self.component, {"key": self.key, "fields": self.fields})
        return build_service(self.component, self.key, parsed.fields)

    @forgetful
    def demand_oauth(self) -> OAuth:
        """How a token is got; InvalidInput where the fields themselves sign."""
        oauth = self.oauth
        if oauth is None:
            raise InvalidInput(
                f"Nobody signs in to {self.component.key} with the connection {self.key}", code="no_sign_in"
            )
        return oauth

    @forgetful
    def check_client(self) -> None:
        """Refuse to sign in without a client that is registered with the vendor."""
        oauth = self.oauth
        if oauth is not None and not oauth.client_id:
            raise InvalidInput(
                "A sign-in needs the client id of an application that is registered with the vendor:"
                f" --field {oauth.client_field}=…. With an access token at hand, use --token",
                code="no_client",
                fields=[{"path": f"/fields/{oauth.client_field}", "message": "is missing"}],
            )

    @property
    def missing_secrets(self) -> dict[str, str]:
        """The secret fields that nobody has given yet, by name, with their titles."""
        properties = self.component.form(self.key).properties
        return {
            name: str(spec.get("title", name))
            for name, spec in properties.items()
            if spec.get("writeOnly") and not self.fields.get(name)
        }

    @property
    def required_secrets(self) -> dict[str, str]:
        """Those of them without which there is no such connection."""
        required = self.component.form(self.key).schema.get("required", ())
        return {name: title for name, title in self.missing_secrets.items() if name in required}


def find_kept(store: "Store", component: Component, name: str) -> "StoredConnection | None":
    """The connection that has the name already, if it is the component's."""
    try:
        kept = store.connections.get(name)
    except NotFound:
        return None
    if kept.component != component.key:
        raise Conflict(
            f"{name!r} is a connection to {kept.component}. Choose another name, or remove it first:"
            f" sales-connectors connections remove {name}",
            code="name_taken",
        )
    return kept
