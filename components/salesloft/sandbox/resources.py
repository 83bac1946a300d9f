"""What a resource of this API is, beyond what every resource is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sales_connectors.imitation import Condition, Document, Request
from sales_connectors.imitation.kit import BOTH, NEVER
from sales_connectors.imitation.kit import Field as KitField
from sales_connectors.imitation.kit import Resource as KitResource

from .values import Read

BY_TIME = {"updated_at": "updated_at", "created_at": "created_at"}
"""What nearly every list can be sorted by: the key, and the path or expression for it."""

Filter = Callable[[Request, Any], Condition]


@dataclass(frozen=True)
class Field(KitField):
    """A field of a record.

    One that links to another resource is shown as ``owner``, and is stored and written as ``owner_id``.
    """

    read: Read | None = None  # None: nobody but the server sets it, or it links to another record
    on: tuple[str, ...] = NEVER  # when it can be written
    required: tuple[str, ...] = NEVER

    def key(self, name: str) -> str:
        return f"{name}_id" if self.links else name

    def show(self, request: Request, value: Any) -> Any:
        return link_to(request, self.links, value) if self.links else value


def writable(read: Read, on: tuple[str, ...] = BOTH, **more: Any) -> Field:
    return Field(read, on, **more)


def link(resource: str, on: tuple[str, ...] = NEVER, **more: Any) -> Field:
    return Field(None, on, links=resource, **more)


def times(**more: Any) -> dict[str, Field]:
    return {"created_at": Field(**more), "updated_at": Field(**more)}


@dataclass(frozen=True, kw_only=True)
class Resource(KitResource):
    """One kind of record: its fields and how it is listed."""

    fields: Mapping[str, Field]
    scope: str | None = None  # what comes before ":read" and so on; None: any token will do (inferred throughout)
    filters: Mapping[str, Filter] = field(default_factory=dict)
    usual: Mapping[str, str] = field(default_factory=dict)  # filters that hold unless they are given otherwise
    sorting: Mapping[str, str] = field(default_factory=lambda: dict(BY_TIME))
    ascending: bool = False
    paged: bool = True
    whole: bool = False  # all records come at once unless a page is asked for
    repeatable: bool = False  # deleting a deleted record is no error

    root: ClassVar[str] = "/v2/"
    catalogue: ClassVar[dict[str, "Resource"]]


def link_to(request: Request, name: str, id: Any) -> Document | None:
    """A related record, with its address if the API serves it."""
    if id is None:
        return None
    known = Resource.catalogue.get(name)
    return {"id": id, "_href": f"{request.base_url}{known.route}/{id}"} if known else {"id": id}
