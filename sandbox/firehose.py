"""The Firehose: an event for every write, read by position, kept for 72 hours."""

import base64
from typing import Any

from sales_connectors.imitation import Condition, Document, Reply, Request, Route

from .attributes import format_moment
from .custom_fields import list_event_values
from .errors import invalid_param, not_found, refused
from .queries import DIGITS, check_parameters
from .resources import Resource

RETENTION = 72 * 3600
STREAMS = (
    "appointments", "associated_contacts", "calls", "collaborations", "contacts", "custom_fields",
    "deal_unqualified_reasons", "deals", "documents", "lead_conversions", "lead_unqualified_reasons", "leads",
    "line_items", "loss_reasons", "notes", "orders", "pipelines", "products", "sources", "stages", "tags", "tasks",
    "text_messages", "users", "visits",
)  # fmt: skip
SHARED_STREAMS = {"deal_sources": "sources", "lead_sources": "sources"}  # by the resources that have none of their own
DUPLICATE_EVENTS, EMPTY_PAGES = "duplicate_events", "empty_pages"
QUIRKS = (DUPLICATE_EVENTS, EMPTY_PAGES)
"""How streams misbehave on demand: each event comes twice; empty pages come before those with events."""
LIMIT = 100


def feed(
    request: Request,
    resource: Resource,
    event_type: str,
    record: Document,
    before: Document | None,
    cause: str,
) -> None:
    """Tell the resource's stream what has happened to a record."""
    stream = SHARED_STREAMS.get(resource.name, resource.name)
    if stream not in STREAMS:
        return
    data = snapshot(request, resource, record)
    meta = {
        "type": resource.type,
        "event_type": event_type,
        "event_cause": cause,
        "event_time": format_moment(request.clock.today()),
        "sequence": record["version"],
    }
    if before is not None:
        meta["previous"] = _compare(snapshot(request, resource, before), data)
    if meta.get("previous") != {}:
        publish(request, stream, data, meta)


def _compare(earlier: Document, now: Document) -> Document:
    """The attributes that have another value now, with the one that they had."""
    return {name: value for name, value in earlier.items() if value != now[name]}


def publish(request: Request, stream: str, data: Document, meta: Document) -> None:
    """Add an event to a stream."""
    request.collection("sandbox_events").insert(
        {"stream": stream, "at": request.clock.now(), "data": data, "meta": meta}
    )


def snapshot(request: Request, resource: Resource, record: Document) -> Document:
    """A record as events show it, which is not quite as the rest of the API shows it."""
    shown: Document = {}
    for name, attribute in resource.fields.items():
        value = record.get(name)
        if name in resource.untold or name in resource.derived or attribute.instruction:
            continue
        if attribute.kind.name == "custom_fields":
            shown["custom_field_values"] = list_event_values(resource.type, value)
        elif attribute.kind.name == "tags":
            shown["tags"] = [_describe_tag(request, resource.type, tag) for tag in value or ()]
        else:
            shown[name] = (attribute.kind.stream or attribute.kind.show)(value)
    return shown


def _describe_tag(request: Request, resource_type: str, name: str) -> Document:
    kept = request.collection("tags").first(Condition.match(name=name, resource_type=resource_type))
    data = {"id": kept and kept["id"], "name": name, "resource_type": resource_type}
    return {"data": data, "meta": {"type": "tag"}}


def read_stream(request: Request) -> Reply:
    """``GET /v3/{resource}/stream``"""
    name = request.params["resource"]
    if name not in STREAMS:
        raise not_found(f"There is no stream of {name}.")
    _check_root(request)
    position, limit = _parse_query(request)
    start = _find_start(request, name, position)
    if EMPTY_PAGES in request.quirks:
        return _reply_events(request, name, [], start, top=False)
    twice = DUPLICATE_EVENTS in request.quirks
    following = Condition.every([Condition.match(stream=name), Condition(f"id > {start}")])
    found = request.collection("sandbox_events").find(following, limit=limit + 1)
    taken = found[: max(1, limit // 2) if twice else limit]
    end = taken[-1]["id"] if taken else start
    return _reply_events(request, name, taken * (2 if twice else 1), end, top=len(taken) == len(found))


def _check_root(request: Request) -> None:
    root = request.collection("users").find(limit=1)[0]
    if request.user_id != root["id"]:
        raise refused(
            403, "Streams can be read with the root user's token only.", "insufficient_privileges"
        )  # inferred


def _parse_query(request: Request) -> tuple[str, int]:
    arguments = request.arguments()
    check_parameters(request, ["position", "limit"])
    limit = arguments.get("limit", "25")
    if not DIGITS.fullmatch(limit) or not 1 <= int(limit) <= LIMIT:
        raise invalid_param(f"limit must be between 1 and {LIMIT}, given: {limit}")
    if not arguments.get("position"):
        raise invalid_param("position is required: tail, top, or the position of an earlier reply")
    return arguments["position"], int(limit)


def _find_start(request: Request, name: str, position: str) -> int:
    """The event after which to read."""
    events = request.collection("sandbox_events")
    mine = Condition.match(stream=name)
    oldest = request.clock.now() - RETENTION
    forgotten = Condition.every([mine, Condition.below("at", oldest)])
    if position == "top":
        return _parse_last_id(events.select(("max(id)",), mine))
    if position == "tail":
        return _parse_last_id(events.select(("max(id)",), forgotten))
    offset = _decode_position(name, position)
    if events.count(Condition.every([forgotten, Condition(f"id > {offset}")])):
        raise refused(410, "The position is older than 72 hours.")
    return offset


def _parse_last_id(rows: list[tuple[Any, ...]]) -> int:
    return int(rows[0][0] or 0)


def _encode_position(name: str, offset: int) -> str:
    return base64.urlsafe_b64encode(f"sell.{name},0,{offset}".encode()).decode().rstrip("=")


def _decode_position(name: str, position: str) -> int:
    try:
        place = base64.urlsafe_b64decode(position + "=" * (-len(position) % 4)).decode()
        topic, _, offset = place.split(",")
        if topic == f"sell.{name}":
            return int(offset)
    except ValueError:
        pass
    raise invalid_param(f"position is not one of this stream: {position}")


def _reply_events(request: Request, name: str, events: list[Document], end: int, *, top: bool) -> Reply:
    position = _encode_position(name, end)
    link = f"{request.base_url}/v3/{name}/stream?position={position}"
    items = [
        {"data": event["data"], "meta": {**event["meta"], "event_id": _encode_event_id(event)}} for event in events
    ]
    return Reply(200, {"items": items, "meta": {"position": position, "top": top, "links": {"next": link}}})


def _encode_event_id(event: Document) -> str:
    return base64.b64encode(f"{event['stream']}:{event['id']:012}".encode()).decode().rstrip("=")


ROUTES = [Route("GET", "/v3/{resource}/stream", read_stream, scope="read")]
