"""The kit of sandboxes, with a toy vendor that is written on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from tests.sandboxes import Caller

from sales_connectors.errors import ConfigurationError, InvalidInput, NotFound
from sales_connectors.imitation import (
    ANY,
    Clock,
    Condition,
    OAuth,
    Refused,
    Reply,
    Request,
    Service,
    Store,
    User,
    running,
)
from sales_connectors.imitation.kit import (
    ALL,
    Change,
    Field,
    History,
    Problem,
    Resource,
    Vendor,
    Writer,
    Wrong,
    fetch_ahead,
    fetch_behind,
    fetch_page,
    find_position,
    read_each,
    story,
)


@dataclass(frozen=True, kw_only=True)
class ToyResource(Resource):
    root: ClassVar[str] = "/toys/"


def read_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise Wrong("has to be a text", "type", "/0")
    return value


def read(request: Request, resource: Any, given: Mapping[str, Any], before: Any) -> tuple[Any, list[Problem]]:
    return read_each({name: given[name] for name in given if name in resource.fields}, read_text)


def list_page(request: Request, resource: ToyResource) -> Reply:
    number = int(request.arguments().get("page", 1))
    found, more = fetch_page(request.collection(resource.name), Condition("1"), [("name", True)], number=number, size=2)
    return Reply(200, {"data": [resource.show(request, record) for record in found], "more": more})


def refuse(status: int, detail: Any) -> Reply:
    return Reply(status, {"error": detail})


events: list[tuple[str, str, int]] = []
TOY = Vendor[ToyResource](
    resources=ToyResource.catalogue,
    format_moment=lambda at: at.astimezone(UTC).isoformat(),
    payload=lambda request, resource, before: request.json(),
    read=read,
    refuse=lambda resource, problems: Refused(refuse(422, problems)),
    taken=lambda resource, name: Problem(name, "is taken"),
    parse_id=lambda text, name: int(text),
    not_found=lambda resource, id: Refused(refuse(404, f"no {resource.name} {id}")),
    reply=lambda request, resource, record: Reply(200, {"data": resource.show(request, record)}),
    list=list_page,
    scope=lambda resource, method: None,
    tell=lambda request, resource, event, record, before, cause: events.append((event, cause, record["version"])),
)


def follow(change: Change) -> None:
    """A bear opens its box, and finds a label in the second one."""
    if not change.moves("box"):
        return
    TOY.touch(change.request, "boxes", 1, opened_at="now")
    if change.record["box"] == "2":
        TOY.touch(change.request, "bears", change.record["id"], tags=["labelled"])
        TOY.enter(change.request, "labels", {"bear_id": change.record["id"]})


BOXES = ToyResource(
    name="boxes",
    first_id=1,
    fields={"id": Field(), "name": Field(), "opened_at": Field()},
    cascade=lambda request, box: TOY.remove_all(request, "bears", Condition.match(box=str(box["id"]))),
)
BEARS = ToyResource(
    name="bears",
    first_id=100,
    fields={
        "id": Field(),
        "name": Field(default="Bruno"),
        "tags": Field(default=[]),
        "box": Field(hidden=True),
        "loud": Field(instruction=True),
        "created_at": Field(),
        "updated_at": Field(),
    },
    unique=("name", "box"),
    follow=follow,
)
LABELS = ToyResource(
    name="labels",
    first_id=1,
    fields={"id": Field(), "bear_id": Field(), "colour": Field(default="red"), "made": Field(), "changed": Field()},
    derived={"colour": lambda request, label: label.get("colour", "worked out")},
)
TIMED = replace(TOY, times=("made", "changed"))


def seed(store: Store, clock: Clock, companies: int) -> None:
    writer = Writer(TOY, store, History(clock, begin=3600, end=60, steps=companies + 1), users=[7])
    writer.enter("boxes", name="Attic")
    for number in range(companies):
        writer.create("bears", name=f"Bear {number}", box="1")


@pytest.fixture
def call() -> Iterator[Caller]:
    events.clear()
    service = Service(
        name="Toys",
        routes=[*TOY.routes(BOXES, *ALL), *TOY.routes(BEARS, *ALL), *TIMED.routes(LABELS, *ALL)],
        refuse=refuse,
        seed=seed,
        users=lambda store: [User(7, "Ada", "ada@example.com")],
        oauth=OAuth(scopes=("read",)),
    )
    with running(service, seed=3) as box:
        caller = Caller(box)
        yield caller
        caller.close()


def test_records_are_made_changed_and_removed_by_the_vendors_rules(call: Caller) -> None:
    made = call.post("/toys/bears", box="1", loud="yes")
    assert (made["id"], made["name"], made["tags"], set(made)) == (
        103, "Bruno", [], {"id", "name", "tags", "created_at", "updated_at"},
    )  # fmt: skip
    assert made["created_at"] == made["updated_at"]
    changed = call.put("/toys/bears/103", name="Bertha")
    assert (changed["id"], changed["name"], changed["created_at"]) == (103, "Bertha", made["created_at"])
    assert datetime.fromisoformat(changed["updated_at"]) >= datetime.fromisoformat(made["updated_at"])
    assert call.get("/toys/boxes/1")["data"]["opened_at"] == "now"
    assert call("DELETE", "/toys/bears/103").status_code == 204
    assert call("GET", "/toys/bears/103").json() == {"error": "no bears 103"}


def test_what_follows_is_told_and_is_there_in_the_answer(call: Caller) -> None:
    events.clear()
    made = call.post("/toys/bears", box="2")
    assert made["tags"] == ["labelled"]
    assert call.get(f"/toys/bears/{made['id']}")["data"] == made
    causes = [(event, cause) for event, cause, _ in events]
    assert causes == [("created", "interaction"), *[("updated", "system")] * 2, ("created", "system")]


def test_what_is_worked_out_is_not_kept_and_the_times_have_the_vendors_names(call: Caller) -> None:
    made = call.post("/toys/labels", bear_id="1")
    assert (made["colour"], made["made"]) == ("worked out", made["changed"])
    changed = call.put(f"/toys/labels/{made['id']}", bear_id="2")
    assert changed["made"] == made["made"] < changed["changed"]


def test_what_is_wrong_is_refused_in_the_vendors_words(call: Caller) -> None:
    wrong = call("POST", "/toys/bears", {"name": 1})
    assert (wrong.status_code, wrong.json()["error"]) == (422, [["name/0", "has to be a text", "type"]])
    taken = call("POST", "/toys/bears", {"name": "Bear 0", "box": "1"})
    assert (taken.status_code, taken.json()["error"]) == (422, [["name", "is taken", ""]])
    assert call("PUT", "/toys/bears/100", {"name": "Bear 0"}).status_code == 200  # its own name


def test_what_goes_with_a_record_is_told_too(call: Caller) -> None:
    events.clear()
    call("DELETE", "/toys/boxes/1")
    assert [(event, cause) for event, cause, _ in events] == [("deleted", "system")] * 3 + [("deleted", "interaction")]
    assert call.get("/toys/bears") == {"data": [], "more": False}


def test_lists_come_in_pages_and_the_history_lies_behind(call: Caller) -> None:
    first, second = call.get("/toys/bears"), call.get("/toys/bears", page=2)
    assert [bear["name"] for bear in [*first["data"], *second["data"]]] == ["Bear 2", "Bear 1", "Bear 0"]
    assert (first["more"], second["more"]) == (True, False)
    times = [bear["created_at"] for bear in [*second["data"], *reversed(first["data"])]]
    assert times == sorted(times)
    assert datetime.fromisoformat(times[-1]) < datetime.now(UTC)


class Stub:
    def __init__(self, error: Exception | None) -> None:
        self.error = error

    def run(self, action: str, /, inputs: Any = None) -> Any:
        if self.error:
            raise self.error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "createBear should refuse"),
        (NotFound("It is gone."), "It is gone"),
        (InvalidInput("No.", fields=[{"path": "/other", "message": "No."}]), "should point at /name"),
    ],
)
def test_a_story_says_what_should_have_been_refused(error: Exception | None, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as stopped:
        story.expect_refusal(Stub(error), "createBear", {}, at="/name")
    assert stopped.value.code == "demo"


def test_a_story_stops_where_a_dropdown_is_not_as_it_should_be() -> None:
    answer = {"result": [{"label": "Bear", "key": "1"}, {"label": "Box", "key": "2"}]}
    assert story.choose(answer, "Box") == "2"
    for wrong in (lambda: story.choose(answer, "Doll"), lambda: story.only_option(answer)):
        with pytest.raises(ConfigurationError, match="Bear"):
            wrong()


@pytest.mark.parametrize("down", [False, True])
def test_a_position_stays_where_it_is_while_records_come_and_go(down: bool) -> None:
    records = Store().collection("things")
    for name in ("b", None, "a", "b", None, "c", "a"):
        records.insert({"name": name})
    order = [("name", down)]
    walked, position = [], None
    while True:
        page, more = fetch_behind(records, ANY, order, position=position, size=2)
        walked += [record["id"] for record in page]
        if not more:
            break
        position = find_position(page[-1], order)
        records.delete(page[0]["id"])  # what has been seen goes, and nothing is seen twice or left out
        back, before = fetch_ahead(records, ANY, order, position=position, size=5)
        assert ([record["id"] for record in back], before) == ([id for id in walked[:-1] if records.get(id)], False)
    assert walked == ([6, 4, 1, 7, 3, 5, 2] if down else [2, 5, 3, 7, 1, 4, 6])


def test_a_record_may_bring_its_id() -> None:
    records = Store().collection("things")
    assert records.insert({"id": 40, "name": "b"}) == records.get(40) == {"id": 40, "name": "b"}
    assert records.insert({"name": "c"})["id"] == 41
