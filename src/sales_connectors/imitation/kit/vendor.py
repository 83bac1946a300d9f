"""How a vendor treats records of whatever kind: plain functions, and what can be done by them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Generic, NamedTuple, TypeVar

from ..exchange import Refused, Reply, Request
from ..service import Route
from ..store import Condition, Document
from .problems import Problem
from .resources import Change, Resource

R = TypeVar("R", bound=Resource)

ALL = ("list", "create", "retrieve", "update", "delete")
READ = ("list", "retrieve")
CREATED, UPDATED, DELETED = "created", "updated", "deleted"


class Operation(NamedTuple):
    """What can be asked of every resource in the same way."""

    method: str
    below: str  # what its path has below the resource's own
    act: Callable[[Request, Any], Reply]


def _accept_query(request: Request, resource: Any, operation: str) -> None:
    """Every query is well-formed."""


def _tell_nobody(
    request: Request, resource: Any, event: str, record: Document, before: Document | None, cause: str
) -> None:
    """Nobody listens to what happens to records."""


@dataclass(frozen=True, kw_only=True)
class Vendor(Generic[R]):
    """What one vendor does in its own way with records of any kind."""

    resources: Mapping[str, R]
    format_moment: Callable[[datetime], str]  # as records hold it
    times: tuple[str, str] = ("created_at", "updated_at")  # the fields that say when, where a record has them
    # (request, resource, the record before) -> what a writing request says of a record
    payload: Callable[[Request, R, Document | None], Mapping[str, Any]]
    # (request, resource, what is given, the record before) -> the values as they are kept, and what is wrong
    read: Callable[[Request, R, Mapping[str, Any], Document | None], tuple[Document, list[Problem]]]
    refuse: Callable[[R, Sequence[Problem]], Refused]
    taken: Callable[[R, str], Problem]  # (resource, field) -> another record has this value
    parse_id: Callable[[str, str], int]  # (text, its name) -> the id in a path
    not_found: Callable[[R, str], Refused]  # (resource, the id as text)
    reply: Callable[[Request, R, Document], Reply]  # one record in its envelope
    list: Callable[[Request, R], Reply]
    scope: Callable[[R, str], str | None]  # (resource, method) -> what a token needs
    check: Callable[[Request, R, str], None] = _accept_query  # the query of an operation
    tell: Callable[[Request, R, str, Document, Document | None, str], None] = _tell_nobody  # event streams and the like
    operations: Mapping[str, Operation] = field(default_factory=dict)  # more of them, or others than the kit's
    created_status: int = 200  # of the reply to a create
    update_method: str = "PUT"

    # --- records ---

    def create(
        self, request: Request, resource: R, given: Mapping[str, Any], within: Mapping[str, Any] | None = None
    ) -> Document:
        """Make a record from what a client gives; ``within`` is what the path says of it."""
        values, problems = self.read(request, resource, given, None)
        change = Change(request, {**self.begin(request, resource), **values, **(within or {})}, None, values)
        self._settle(resource, change, problems)
        change.record = self.add(request, resource, change.record)
        return self._follow(resource, change)

    def update(self, request: Request, resource: R, before: Document, given: Mapping[str, Any]) -> Document:
        """Change what a client names, and nothing else."""
        values, problems = self.read(request, resource, given, before)
        change = Change(request, {**before, **values}, before, values)
        self._settle(resource, change, problems)
        change.record = self._save(request, resource, before, change.record)
        return self._follow(resource, change)

    def enter(self, request: Request, name: str, record: Document, cause: str = "system") -> Document:
        """Put down a record that no client asked for, such as one that follows from another."""
        resource = self.resources[name]
        return self.add(request, resource, {**self.begin(request, resource), **record}, cause)

    def now(self, request: Request) -> str:
        return self.format_moment(request.clock.today())

    def begin(self, request: Request, resource: R) -> Document:
        """A record of which nobody has said anything yet; what is worked out when it is shown is not kept."""
        kept = {name: known for name, known in resource.fields.items() if name not in ("id", *resource.derived)}
        start = {known.key(name): known.initial(request) for name, known in kept.items()}
        return {**start, **dict.fromkeys((name for name in self.times if name in kept), self.now(request))}

    def add(self, request: Request, resource: R, record: Document, cause: str = "interaction") -> Document:
        """Store a new record that is known to be sound."""
        added = request.collection(resource.name).insert(_without_instructions(resource, {**record, "version": 1}))
        self.tell(request, resource, CREATED, added, None, cause)
        return added

    def touch(self, request: Request, name: str, id: int | None, **values: Any) -> None:
        """Note in a record, if it is there, what follows from a change of another one."""
        before = request.collection(name).get(id)
        if before is not None:
            self._save(request, self.resources[name], before, {**before, **values}, "system")

    def remove(self, request: Request, resource: R, record: Document, cause: str = "interaction") -> None:
        """Delete a record, and what goes with it."""
        resource.cascade(request, record)
        request.collection(resource.name).delete(record["id"])
        self.tell(request, resource, DELETED, {**record, "version": record.get("version", 0) + 1}, None, cause)

    def remove_all(self, request: Request, name: str, where: Condition) -> None:
        """Delete the records that go with another one."""
        for record in request.collection(name).find(where):
            self.remove(request, self.resources[name], record, "system")

    def find(self, request: Request, resource: R, name: str = "id") -> Document:
        """The record that a path names, if it exists for whoever asks."""
        text = request.params[name]
        named = Condition.equal("id", self.parse_id(text, name))
        record = request.collection(resource.name).first(Condition.every([named, resource.visible(request)]))
        if record is None:
            raise self.not_found(resource, text)
        return record

    def _follow(self, resource: R, change: Change) -> Document:
        """Let follow what does; the record itself may be among what changes."""
        resource.follow(change)
        return change.request.collection(resource.name).get(change.record["id"]) or change.record

    def _settle(self, resource: R, change: Change, problems: Sequence[Problem]) -> None:
        """Check what goes beyond single fields, once these are sound by themselves."""
        problems = problems or [*self._check_unique(resource, change), *resource.rules(change)]
        if problems:
            raise self.refuse(resource, problems)
        resource.settle(change)

    def _check_unique(self, resource: R, change: Change) -> Iterator[Problem]:
        same = Condition.match(**{name: change.record[name] for name in resource.unique})
        others = change.request.collection(resource.name).find(same) if resource.unique else ()
        if any(other["id"] != change.record.get("id") for other in others):
            yield self.taken(resource, resource.unique[0])

    def _save(
        self, request: Request, resource: R, before: Document, record: Document, cause: str = "interaction"
    ) -> Document:
        """Store a changed record that is known to be sound."""
        changed_at = {self.times[1]: self.now(request)} if self.times[1] in resource.fields else {}
        record = _without_instructions(resource, {**record, **changed_at, "version": before.get("version", 0) + 1})
        request.collection(resource.name).put(record)
        self.tell(request, resource, UPDATED, record, before, cause)
        return record

    # --- over HTTP ---

    def routes(self, resource: R, *operations: str) -> Sequence[Route]:
        """The routes of the operations that the API has for a resource."""
        known = {**self._list_operations(), **self.operations}
        return [self._route(resource, known[name]) for name in operations]

    def _list_operations(self) -> Mapping[str, Operation]:
        return {
            "list": Operation("GET", "", self.list),
            "create": Operation("POST", "", self.create_one),
            "retrieve": Operation("GET", "/{id}", self.retrieve_one),
            "update": Operation(self.update_method, "/{id}", self.update_one),
            "delete": Operation("DELETE", "/{id}", self.delete_one),
        }

    def _route(self, resource: R, operation: Operation) -> Route:
        def handle(request: Request) -> Reply:
            return operation.act(request, resource)

        scope = self.scope(resource, operation.method)
        return Route(operation.method, resource.route + operation.below, handle, scope)

    def create_one(self, request: Request, resource: R) -> Reply:
        self.check(request, resource, "create")
        made = self.create(request, resource, self.payload(request, resource, None))
        return replace(self.reply(request, resource, made), status=self.created_status)

    def retrieve_one(self, request: Request, resource: R) -> Reply:
        self.check(request, resource, "retrieve")
        return self.reply(request, resource, self.find(request, resource))

    def update_one(self, request: Request, resource: R) -> Reply:
        self.check(request, resource, "update")
        before = self.find(request, resource)
        given = self.payload(request, resource, before)
        return self.reply(request, resource, self.update(request, resource, before, given))

    def delete_one(self, request: Request, resource: R) -> Reply:
        self.check(request, resource, "delete")
        self.remove(request, resource, self.find(request, resource))
        return Reply(204)


def _without_instructions(resource: Resource, record: Document) -> Document:
    instructions = {known.key(name) for name, known in resource.fields.items() if known.instruction}
    return {name: value for name, value in record.items() if name not in instructions}
