"""How inputs travel: flat in the form, as documents and queries of JSON:API 1.0 on the wire.

https://jsonapi.org/format/1.0/ and https://developers.outreach.io/api/making-requests/

A relationship is an input that ends in ``Id``; every other input is an attribute of the same name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from sales_connectors.sdk import Context, Inputs, InvalidInput, Pages, Unavailable

from ._custom_fields import name_custom_fields
from ._filters import build_filters

ROOT = "/api/v2"
PAGE_SIZE = 1000
"""Records that the service puts on a page at most."""
LASTING = {"updatedAt": "createdAt"}
"""What a walk goes by in place of what changes."""
MAX_SEARCH_PAGES = 10
"""How far back the search for a record goes that may have been created; behind that it admits that it does not know."""


@dataclass(frozen=True)
class Resource:
    """One type of record, and to which types its writable relationships lead."""

    type: str
    plural: str
    relations: Mapping[str, str | None] = field(default_factory=dict)
    """The type of what a relationship leads to; None where an input says it: ``subjectType`` beside ``subjectId``."""
    key: str = ""
    """The input that names the record; the type with ``Id`` where it is not said."""
    newest: str | None = None
    """What its list is sorted by, downwards, where nothing else is wanted."""

    @property
    def path(self) -> str:
        return f"{ROOT}/{self.plural}"

    def locate(self, inputs: Inputs) -> str:
        """The address of the record that the inputs name."""
        return f"{self.path}/{inputs[self.input_name]}"

    @property
    def input_name(self) -> str:
        return self.key or f"{self.type}Id"


# --- what handlers do -------------------------------------------------------------------------------


def create_record(ctx: Context, resource: Resource, inputs: Inputs) -> Any:
    """Create a record from the inputs that are given."""
    return ctx.client.post(resource.path, json=build_document(ctx, resource, inputs))


def get_record(ctx: Context, resource: Resource, inputs: Inputs) -> Any:
    """Get one record by its id."""
    return ctx.client.get(resource.locate(inputs), build_query(resource, inputs))


def list_records(ctx: Context, resource: Resource, inputs: Inputs) -> Pages:
    """A list: the page that the inputs name, or all of it.

    Whoever reads all of a list that is sorted by the last change would miss what changes meanwhile, since it moves to
    a page that was read already: unless another order is wanted, such a walk goes by the time of creation.
    """
    query = build_query(resource, inputs)
    if "sort" in query or resource.newest is None:
        return ctx.pages(resource.path, query, size=PAGE_SIZE)
    page, walk = (
        ctx.pages(resource.path, {**query, "sort": f"-{name}"}, size=PAGE_SIZE)
        for name in (resource.newest, LASTING.get(resource.newest, resource.newest))
    )
    return replace(walk, asked=page.asked, begun=page.begun)


def update_record(ctx: Context, resource: Resource, inputs: Inputs) -> Any:
    """Change what is given of a record and leave the rest; null clears."""
    document = build_document(ctx, resource, inputs)
    if not document["data"].keys() & {"attributes", "relationships"}:
        raise InvalidInput(f"Nothing would change: give an input besides {resource.input_name}")
    return ctx.client.patch(resource.locate(inputs), json=document)


def delete_record(ctx: Context, resource: Resource, inputs: Inputs) -> None:
    """Delete a record."""
    ctx.client.delete(resource.locate(inputs))


def run_action(ctx: Context, resource: Resource, inputs: Inputs) -> Any:
    """Have the service do something with a record; what the action takes stands in the query.

    https://developers.outreach.io/api/making-requests/#actions
    """
    parameters = {
        f"actionParams[{name}]": value for name, value in inputs.items() if name not in (resource.input_name, "action")
    }
    return ctx.client.post(f"{resource.locate(inputs)}/actions/{inputs['action']}", query=parameters)


def find_records(ctx: Context, resource: Resource, inputs: Inputs, *narrowed: str) -> Iterator[Any]:
    """Records that a create with these inputs may have made, newest first: they are as it asked for, in everything.

    ``narrowed`` are the inputs that the list can be filtered by.
    """
    sent = build_document(ctx, resource, inputs)["data"]
    filters = [{"field": _name_filter(resource, name), "criteria": _list_first(inputs.get(name))} for name in narrowed]
    filters = [each for each in filters if each["criteria"]]
    query = {**build_filters(filters), "sort": "-createdAt"}
    found = False
    for number, page in enumerate(ctx.pages(resource.path, query, size=PAGE_SIZE)):
        if number == MAX_SEARCH_PAGES:
            break
        for record in ctx.envelope.records(ctx.envelope.items(page), "id"):
            if _is_as_sent(sent, record):
                found = True
                yield {"data": record}
    else:
        return
    if not found:
        raise Unavailable(
            f"Too many records in {resource.plural} are like this one to tell whether it was created; look for it in"
            " Outreach",
            code="outcome_unknown",
            retryable=False,
            fix="builder",
        )


# --- documents --------------------------------------------------------------------------------------


def build_document(ctx: Context, resource: Resource, inputs: Inputs) -> dict[str, Any]:
    """The inputs as the document of one record; that of an update names its id."""
    attributes: dict[str, Any] = {}
    relationships: dict[str, Any] = {}
    for name, value in inputs.items():
        relation = name.removesuffix("Id")
        if name == "customFields":
            attributes |= name_custom_fields(ctx, resource.type, value)
        elif name != relation and relation in resource.relations:
            relationships[relation] = {"data": _build_link(resource, relation, inputs)}
        elif name != resource.input_name and not _is_kind(resource, name):
            attributes[name] = value
    parts = {"attributes": attributes, "relationships": relationships}
    identity = {"id": inputs[resource.input_name]} if resource.input_name in inputs else {}
    return {"data": {"type": resource.type, **identity, **{name: part for name, part in parts.items() if part}}}


def _build_link(resource: Resource, relation: str, inputs: Inputs) -> dict[str, Any] | None:
    """What a relationship leads to; None clears it."""
    number = inputs[f"{relation}Id"]
    kind = resource.relations[relation] or inputs.get(f"{relation}Type")
    return None if number is None else {"type": kind, "id": number}


def _is_kind(resource: Resource, name: str) -> bool:
    """Whether an input says of which type a relationship is."""
    relation = name.removesuffix("Type")
    return name != relation and resource.relations.get(relation, "") is None


def _name_filter(resource: Resource, name: str) -> str:
    """An input as the field of a filter: a relationship is filtered by the id of what it leads to."""
    relation = name.removesuffix("Id")
    return f"{relation}.id" if name != relation and relation in resource.relations else name


def _list_first(value: Any) -> list[Any]:
    """A value to look for: of several the first, and none where there is none."""
    values = value if isinstance(value, list) else [value]
    return [each for each in values[:1] if each is not None]


def _is_as_sent(sent: Inputs, found: Inputs) -> bool:
    """Whether a record is as it was sent; what the service does not show says nothing."""
    for part in ("attributes", "relationships"):
        shown = found.get(part) or {}
        for name, value in sent.get(part, {}).items():
            if value is not None and name in shown and not _is_same(value, shown[name]):
                return False
    return True


def _is_same(sent: Any, found: Any) -> bool:
    """Whether a value came back: a relationship with more around it, a list in any order, a text in any case."""
    if isinstance(sent, Mapping) and isinstance(found, Mapping):
        return all(_is_same(value, found.get(name)) for name, value in sent.items())
    if isinstance(sent, list) and isinstance(found, list):
        return sorted(map(_normalize, sent)) == sorted(map(_normalize, found))
    return _normalize(sent) == _normalize(found)


def _normalize(value: Any) -> str:
    """A value as text: addresses in small letters, a moment to the second, whatever its zone."""
    text = str(value).casefold()
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return text
    return f"{moment.timestamp():.0f}" if moment.tzinfo else text


# --- queries ----------------------------------------------------------------------------------------


def build_query(resource: Resource, inputs: Inputs) -> dict[str, Any]:
    """The inputs of a read as query parameters: filters, order, sparse fieldset, included records and the page."""
    query = build_filters(inputs.get("filters", ()))
    if "q" in inputs:
        query["filter[q]"] = inputs["q"]
    if "sort" in inputs:
        query["sort"] = ("-" if inputs["sort"].get("sort_direction") == "desc" else "") + inputs["sort"]["sort_by"]
    if "fields" in inputs:
        query[f"fields[{resource.type}]"] = ",".join(inputs["fields"])
    if "include" in inputs:
        query["include"] = ",".join(inputs["include"])
    for name, parameter in (("cursor", "page[after]"), ("cursorBefore", "page[before]")):
        if name in inputs:
            query[parameter] = _extract_cursor(inputs[name], parameter)
    pages = {"pageSize": "page[size]", "count": "count"}
    return query | {parameter: inputs[name] for name, parameter in pages.items() if name in inputs}


def _extract_cursor(given: str, parameter: str) -> str:
    """A cursor as it is, or out of the link that holds it."""
    return dict(parse_qsl(urlsplit(given).query)).get(parameter, given)
