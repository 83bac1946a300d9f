"""The Firehose: an event for every write, read by position, kept for 72 hours."""

import base64
from typing import Any

from sales_connectors.imitation import Clock, Condition, Document, Reply, Request, Route, Store

from .attributes import moment
from .custom_fields import as_events_have_them
from .errors import invalid_param, not_found, refused
from .queries import DIGITS, check_known
from .resources import CATALOGUE, Resource

RETENTION = 72 * 3600
STREAMS = (
    "appointments", "associated_contacts", "calls", "collaborations", "contacts", "custom_fields",
    "deal_unqualified_reasons", "deals", "documents", "lead_conversions", "lead_unqualified_reasons", "leads",
    "line_items", "loss_reasons", "notes", "orders", "pipelines", "products", "sources", "stages", "tags", "tasks",
    "text_messages", "users", "visits",
)  # fmt: skip
HOMES = {"deal_sources": "sources", "lead_sources": "sources"}  # the streams that get another resource's events
LIMIT = 100


def feed(
    store: Store,
    clock: Clock,
    resource: Resource,
    event_type: str,
    record: Document,
    before: Document | None = None,
    cause: str = "interaction",
) -> None:
    """Tell the resource's stream what has happened to a record."""
    stream = HOMES.get(resource.name, resource.name)
    if stream not in STREAMS:
        return
    data = snapshot(store, resource, record)
    meta = {
        "type": resource.type,
        "event_type": event_type,
        "event_cause": cause,
        "event_time": moment(clock.today()),
        "sequence": record["version"],
    }
    if before is not None:
        meta["previous"] = _changed(snapshot(store, resource, before), data)
    if meta.get("previous") != {}:
        publish(store, stream, clock.now(), data, meta)


def _changed(earlier: Document, now: Document) -> Document:
    """The attributes that have another value now, with the one that they had."""
    return {name: value for name, value in earlier.items() if value != now[name]}


def publish(store: Store, stream: str, at: float, data: Document, meta: Document) -> None:
    """Add an event to a stream."""
    store.collection("sandbox_events").insert({"stream": stream, "at": at, "data": data, "meta": meta})


def snapshot(store: Store, resource: Resource, record: Document) -> Document:
    """A record as events show it, which is not quite as the rest of the API shows it."""
    shown: Document = {}
    for name, attribute in resource.attributes.items():
        value = record.get(name)
        if name in resource.untold or name in resource.derived or attribute.write_only:
            continue
        if attribute.kind.name == "custom_fields":
            shown["custom_field_values"] = as_events_have_them(resource.type, value)
        elif attribute.kind.name == "tags":
            shown["tags"] = [_tag(store, resource.type, tag) for tag in value or ()]
        else:
            shown[name] = (attribute.kind.stream or attribute.kind.show)(value)
    return shown


def _tag(store: Store, resource_type: str, name: str) -> Document:
    named = Condition.every([Condition.equal("name", name), Condition.equal("resource_type", resource_type)])
    kept = CATALOGUE["tags"].kept(store).first(named)
    data = {"id": kept and kept["id"], "name": name, "resource_type": resource_type}
    return {"data": data, "meta": {"type": "tag"}}


def stream(request: Request) -> Reply:
    """``GET /v3/{resource}/stream``"""
    name = request.params["resource"]
    if name not in STREAMS:
        raise not_found(f"There is no stream of {name}.")
    _check_root(request)
    position, limit = _asked(request)
    start = _start(request, name, position)
    if "empty_pages" in request.quirks:
        return _page(request, name, [], start, top=False)
    twice = "duplicate_events" in request.quirks
    following = Condition.every([Condition.equal("stream", name), Condition(f"id > {start}")])
    found = request.store.collection("sandbox_events").find(following, limit=limit + 1)
    taken = found[: max(1, limit // 2) if twice else limit]
    end = taken[-1]["id"] if taken else start
    return _page(request, name, taken * (2 if twice else 1), end, top=len(taken) == len(found))


def _check_root(request: Request) -> None:
    root = CATALOGUE["users"].kept(request.store).find(limit=1)[0]
    if request.user_id != root["id"]:
        raise refused(
            403, "Streams can be read with the root user's token only.", "insufficient_privileges"
        )  # inferred


def _asked(request: Request) -> tuple[str, int]:
    arguments = request.arguments()
    check_known(request, ["position", "limit"])
    limit = arguments.get("limit", "25")
    if not DIGITS.fullmatch(limit) or not 1 <= int(limit) <= LIMIT:
        raise invalid_param(f"limit must be between 1 and {LIMIT}, given: {limit}")
    if not arguments.get("position"):
        raise invalid_param("position is required: tail, top, or the position of an earlier reply")
    return arguments["position"], int(limit)


def _start(request: Request, name: str, position: str) -> int:
    """The event after which to read."""
    events = request.store.collection("sandbox_events")
    mine = Condition.equal("stream", name)
    oldest = request.clock.now() - RETENTION
    forgotten = Condition.every([mine, Condition.below("at", oldest)])
    if position == "top":
        return _last_id(events.select(("max(id)",), mine))
    if position == "tail":
        return _last_id(events.select(("max(id)",), forgotten))
    offset = _offset(name, position)
    if events.count(Condition.every([forgotten, Condition(f"id > {offset}")])):
        raise refused(410, "The position is older than 72 hours.")
    return offset


def _last_id(rows: list[tuple[Any, ...]]) -> int:
    return int(rows[0][0] or 0)


def _position(name: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"sell.{name},0,{offset}".encode()).decode().rstrip("=")


def _offset(name: str, position: str) -> int:
    try:
        place = base64.urlsafe_b64decode(position + "=" * (-len(position) % 4)).decode()
        topic, _, offset = place.split(",")
        if topic == f"sell.{name}":
            return int(offset)
    except ValueError:
        pass
    raise invalid_param(f"position is not one of this stream: {position}")


def _page(request: Request, name: str, events: list[Document], end: int, *, top: bool) -> Reply:
    position = _position(name, end)
    link = f"{request.base_url}/v3/{name}/stream?position={position}"
    items = [{"data": event["data"], "meta": {**event["meta"], "event_id": _event_id(event)}} for event in events]
    return Reply(200, {"items": items, "meta": {"position": position, "top": top, "links": {"next": link}}})


def _event_id(event: Document) -> str:
    return base64.b64encode(f"{event['stream']}:{event['id']:012}".encode()).decode().rstrip("=")


ROUTES = [Route("GET", "/v3/{resource}/stream", stream, scope="read")]
