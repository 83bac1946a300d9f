"""The standard suite: what has to hold for whatever stands in the manifest of a component."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import responses

from .. import components as places
from ..checks import check
from ..errors import Conflict, InvalidInput, InvalidResponse, SalesError, Unavailable
from ..inputs import accept_inputs
from ..lazy import cached_property
from ..manifest import Component, Entry, load_component
from ..manifest.output import Output, build_output_schema, resolve_output
from ..manifest.projections.reference import render_reference
from ..runtime import Choice, Picked, Runtime
from ..runtime.picklists import CACHE_SECONDS
from ..sdk import Effect, Service
from ..store import Store
from . import samples
from .clock import FakeClock
from .vendor import Reply, SentRequest, Vendor

SECRET = "tok-5f2b~9c+Q/8=x"
SECTIONS = ("connections", "actions", "dataSources", "triggers")
METHODS = {
    Effect.READ: {"GET", "HEAD"},
    Effect.CREATE: {"POST", "PUT"},
    Effect.UPDATE: {"PUT", "PATCH", "POST"},
    Effect.UPSERT: {"POST", "PUT", "PATCH"},
    Effect.DELETE: {"DELETE"},
}
"""The methods that each effect allows; ``any`` allows all."""
SEARCHING = re.compile("search|query|lookup", re.IGNORECASE)
"""Paths to which what only reads may post."""
IDS = range(1001, 1131)
"""The ids of the records behind every list: more than one page of them, and none that is the size of one."""
REFUSALS: Mapping[str, tuple[Reply, tuple[type[SalesError], ...]]] = {
    "422": (Reply({"error": f"no good: {SECRET}"}, 422), (InvalidInput, Conflict)),
    "500": (Reply({"error": f"broken: {SECRET}"}, 500), (Unavailable,)),
    "html": (Reply(f"<html>Sign in, {SECRET}</html>"), (InvalidResponse,)),
}
"""What a service may answer, and how it has to end."""
PICKLIST_QUESTIONS: tuple[Mapping[str, Any], ...] = ({}, {"query": "1001"}, {"ids": ["1001"]})
"""The ways in which a picklist is asked: for its options, by search, and for the labels of saved keys."""


class ComponentSuite:
    """The tests of one component::

        class TestAcme(ComponentSuite):
            key = "acme"

    They follow the manifest, so what is added to it is tested before a test of its own exists.
    """

    key: ClassVar[str]
    folder: ClassVar[Path | None] = None
    """Where the component lies, if not among those of this package."""
    composed: ClassVar[Collection[str]] = ()
    """Actions that make several requests, or put their result together; of these less can be foreseen."""
    over: ClassVar["type[ComponentSuite] | None"] = None
    """Of a component without connections: the suite of a component over whose connections it works."""

    # --- what a component knows better --------------------------------------------------------------

    def answer_list(self, entries: list[Any], request: SentRequest) -> Any:
        """The page of a list that a request asks for, as the vendor gives it out: here, all on one page.

        With the vendor's own paging, lists and picklists are read over several pages.
        """
        many = self.component.envelope.many
        if not isinstance(many, Mapping):
            return entries
        return {name: entries if isinstance(part, list) else {} for name, part in many.items()}

    def connection(self, kind: str) -> dict[str, Any]:
        """A connection of this kind: the fields of its example, a token, and no rate limit."""
        form = self.component.form(kind)
        fields = samples.example_inputs(form)[0] | ({"rateLimit": 0} if "rateLimit" in form.properties else {})
        return {"key": kind, "fields": fields, "token": {"access_token": SECRET}}

    # --- tests --------------------------------------------------------------------------------------

    def test_manifest(self) -> None:
        assert [f"{found.file}:{found.line}: {found.message}" for found in check(self.key)] == []

    def test_form(self, form: str, vendor: "Play") -> None:
        """A form takes its examples as they are, and as the text that low-code builders send."""
        schema = self.component.form(form)
        for example in samples.example_inputs(schema):
            taken = vendor.accept(form, example)
            assert taken.keys() >= example.keys()
            assert samples.plain(vendor.accept(form, samples.as_text(schema, example))) == samples.plain(taken)

    def test_unknown_input(self, form: str, vendor: "Play") -> None:
        """A misspelt input is refused, with the nearest name."""
        schema = self.component.form(form)
        meant = max(schema.properties, key=len, default="")
        misspelt = f"{meant}z"
        refusal = vendor.refuse(form, {**samples.example_inputs(schema)[0], misspelt: "1"})
        (fault,) = refusal.fields
        assert fault["path"] == f"/{misspelt}"
        assert not meant or f"Did you mean {meant!r}?" in fault["message"]

    def test_required_inputs(self, form: str, vendor: "Play") -> None:
        """What is required is demanded: absent, empty or null, it is refused."""
        schema = self.component.form(form)
        for name in schema.schema.get("required", ()):
            others = {other: value for other, value in samples.example_inputs(schema)[0].items() if other != name}
            for given in ({}, {name: "  "}, {name: None}):
                if "default" not in schema.properties[name] or given.get(name, "") is None:
                    refusal = vendor.refuse(form, {**others, **given})
                    assert f"/{name}" in [fault["path"] for fault in refusal.fields]

    def test_wire(self, action: str, vendor: "Play") -> None:
        """An action makes one request, to the API's own host, with a method that its effect allows."""
        entry = self.component.actions[action]
        for example in samples.example_inputs(self.component.form(action)):
            vendor.sent.clear()
            vendor.call(entry, example)
            assert {sent.origin for sent in vendor.sent} == {self.service.api_url}
            if action not in self.composed:
                (sent,) = vendor.sent
                assert _is_allowed(sent, entry.effect), f"an action that {entry.effect}s sent {sent.method} {sent.path}"

    def test_preview(self, plain_action: str, vendor: "Play") -> None:
        """A dry run sends nothing and shows what would be sent, without a secret."""
        entry = self.component.actions[plain_action]
        for example in samples.example_inputs(self.component.form(plain_action)):
            vendor.sent.clear()
            shown = vendor.call(entry, example, dryRun=True)["request"]
            assert vendor.sent == []
            vendor.call(entry, example)
            (sent,) = vendor.sent
            assert (shown["method"], shown["url"]) == (sent.method, sent.url)
            assert shown["headers"].keys() <= sent.headers.keys()
            assert sent.json is None or samples.plain(shown["body"]) == sent.json
            assert SECRET not in json.dumps(shown, default=str)

    def test_record(self, action: str, vendor: "Play") -> None:
        """What the service sent comes back as it was, and fits what the action says that it returns."""
        entry = self.component.actions[action]
        inputs = samples.without_fetch_all(samples.example_inputs(self.component.form(action))[0])
        found = samples.plain(vendor.call(entry, inputs)["data"])
        jsonschema_rs.validate(build_output_schema(self.component, entry), found)
        if action not in self.composed and entry.returns != "anything":
            assert found == vendor.replies[-1].body

    def test_list(self, listing: str, vendor: "Play") -> None:
        """Every entry of a list is reached, each once and in order, however many pages there are."""
        walked = vendor.walk(listing)
        numbers = walked and [self.reached.component.envelope.record_id(entry) for entry in walked]
        assert numbers is None or numbers == [str(number) for number in IDS]

    @pytest.mark.parametrize("how", REFUSALS)
    def test_refusal(self, sending: str, how: str, vendor: "Play") -> None:
        """What the service refuses, or answers otherwise than it may, ends as one of our errors, without a secret."""
        entry = self.entry(sending)
        reply, expected = REFUSALS[how]
        vendor.answer = lambda request: reply
        if how == "html" and entry.returns in ("nothing", "anything"):
            return  # nothing of the answer is read, or whatever it is is wanted
        error = vendor.fail(entry, samples.example_inputs(self.component.form(sending))[0])
        if error is None:
            assert vendor.sent == [], f"{sending} took a reply of {how} for an answer"
            return
        assert isinstance(error, expected), error.message
        assert (error.component, error.action) == (self.key, sending)
        assert SECRET not in json.dumps(error.as_json(), default=str) + repr(error) + repr(error.__cause__)

    def test_hollow_answer(self, sending: str, vendor: "Play") -> None:
        """A good status with nothing inside ends as a result or as the fault of the service, never as one of ours."""
        entry = self.entry(sending)
        for hollow in samples.hollow_answers(self.reached.component.envelope):
            for error in vendor.fail_every_way(entry, Reply(json.dumps(hollow))):
                assert isinstance(error, InvalidResponse), f"{hollow}: {error!r} by {error.__cause__!r}"

    def test_picklist(self, source: str, vendor: "Play") -> None:
        """Every option is reached, each once, and its key becomes its label again; a deleted one says so."""
        offered = vendor.pick_all(source)
        keys = [option["key"] for option in offered]
        assert len(keys) == len(set(keys))
        assert len(keys) >= (len(IDS) if vendor.listed else 1)
        saved = [offered[0], offered[-1]]
        labelled = vendor.pick(source, ids=[*(option["key"] for option in saved), "nobody"])["result"]
        assert labelled == [*saved, {"label": "nobody", "key": "nobody", "missing": True}]

    def test_connection(self, kind: str, vendor: "Play") -> None:
        """The test of a connection is one request that changes nothing."""
        vendor.runtime.whoami(self.key, self.connection(kind))
        (sent,) = vendor.sent
        assert (sent.method, sent.origin) == ("GET", self.service.api_url)

    def test_docs(self, form: str) -> None:
        """Whatever there is stands on a page of the reference."""
        assert re.search(rf"^###? {form}$", _render_pages(self.component.key), re.MULTILINE)

    # --- the component ------------------------------------------------------------------------------

    @property
    def component(self) -> Component:
        if self.folder is not None:
            places.mount(self.folder, self.key)
        return load_component(self.key)

    def entry(self, key: str) -> Entry:
        return next(
            found for section in SECTIONS for name, found in self.component.section(section).items() if name == key
        )

    @property
    def service(self) -> Service:
        """The vendor, as the first kind of connection reaches it."""
        component, connection = self.reached.component, self.first_connection()
        kind = connection["key"]
        fields = accept_inputs(component.form(kind), connection["fields"], kind)
        service: Service = component.handler(component.connections[kind])(fields)
        return service

    @property
    def reached(self) -> "ComponentSuite":
        """The suite of the component whose service is reached: this one, or for want of connections ``over``."""
        if self.component.connections:
            return self
        assert self.over is not None, f"{self.key} has no connections: name the suite of one that has some as `over`"
        return self.over()

    def first_connection(self) -> dict[str, Any]:
        """A connection of the first kind that the service has."""
        reached = self.reached
        kind = next(iter(reached.component.connections))
        return {**reached.connection(kind), "component": reached.component.key}

    # --- how pytest sees it -------------------------------------------------------------------------

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One case for each entry that a test is about."""
        actions, sources = self.component.actions, self.component.data_sources
        cases: dict[str, list[str]] = {
            "kind": [*self.component.connections],
            "action": [*actions],
            "plain_action": [key for key in actions if key not in self.composed],
            "listing": [key for key, entry in actions.items() if isinstance(entry.returns, list)],
            "source": [*sources],
            "sending": [*actions, *sources, *self.component.triggers],
            "form": [key for section in SECTIONS for key in self.component.section(section)],
        }
        for name in cases.keys() & set(metafunc.fixturenames):
            metafunc.parametrize(name, cases[name])

    @classmethod
    @cache
    def outputs(cls) -> Mapping[str, Output]:
        """What the service gives out under which path, whatever the ids in it, as the actions that only read tell;
        picklists read the same."""
        suite, paths = cls(), dict[str, Output]()
        runtime, connection = Runtime(clock=FakeClock()), suite.first_connection()
        for key, entry in suite.component.actions.items():
            if entry.effect is Effect.READ and key not in cls.composed:
                inputs = samples.example_inputs(suite.component.form(key))[0]
                with suppress(SalesError):  # told by test_wire
                    shown = runtime.invoke(cls.key, key, inputs, connection, {"dryRun": True})["request"]
                    paths.setdefault(_blank_ids(urlsplit(shown["url"]).path), resolve_output(suite.component, entry))
        return paths

    @pytest.fixture
    def vendor(self, tmp_path: Path) -> Iterator["Play"]:
        clock = FakeClock()
        store = Store(f"sqlite:///{tmp_path / 'store.db'}", home=tmp_path, clock=clock)
        runtime = Runtime(store, clock=clock, random=lambda: 0.5)
        with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
            yield Play(self, runtime, wire)
        runtime.close()


class Play(Vendor):
    """The component at work: its calls, and a vendor that answers them from the examples of its schemas."""

    def __init__(self, suite: ComponentSuite, runtime: Runtime, wire: responses.RequestsMock) -> None:
        super().__init__(wire, self.answer_example)
        self.suite, self.runtime = suite, runtime
        self.component = suite.component
        self.called: Output | None = None
        """What every request is answered with; where it is None, the path tells."""
        self.own: Output | None = None
        """What the action that is called returns."""
        self.many = False
        """Whether lists hold many records, or the example alone."""
        self.listed = False
        self.wanted: set[str] = set()
        """Keys whose labels are asked for."""
        self.replies: list[Reply] = []

    @cached_property
    def connection(self) -> Mapping[str, Any]:
        return self.suite.first_connection()

    @cached_property
    def wired(self) -> Component:
        """The component, with what the service that it reaches wraps around records."""
        envelope = self.suite.reached.component.manifest.get("envelope")
        return replace(self.component, manifest={**self.component.manifest, "envelope": envelope})

    # --- calls --------------------------------------------------------------------------------------

    def accept(self, key: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The inputs as a handler would get them."""
        if key in self.component.actions:
            return self.runtime.check(self.component.key, key, inputs)
        return accept_inputs(self.component.form(key), inputs, key)

    def refuse(self, key: str, inputs: Mapping[str, Any]) -> InvalidInput:
        """Why these inputs do not fit."""
        with pytest.raises(InvalidInput) as refusal:
            self.accept(key, inputs)
        return refusal.value

    def call(self, entry: Entry, inputs: Mapping[str, Any], **options: Any) -> Any:
        """Call whatever it is."""
        calls: Mapping[str, Callable[..., Any]] = {
            "actions": self.runtime.invoke,
            "dataSources": self.runtime.pick,
            "triggers": self.runtime.poll,
        }
        if entry.section == "actions":
            self.own = resolve_output(self.wired, entry)
            self.called = None if entry.key in self.suite.composed else self.own
        return calls[entry.section](self.component.key, entry.key, inputs, self.connection, options)

    def fail(self, entry: Entry, inputs: Mapping[str, Any]) -> SalesError | None:
        """Call it, once; the error with which it ends."""
        try:
            self.call(entry, inputs, retries=0)
        except SalesError as error:
            return error
        return None

    def fail_every_way(self, entry: Entry, reply: Reply) -> Iterator[SalesError]:
        """Ask for all that it can be asked for, and answer it always the same; the errors with which that ends."""
        self.answer = lambda request: reply
        for ask in self._ways(entry):
            self.runtime.clock.sleep(CACHE_SECONDS)  # options of another answer are forgotten
            try:
                ask()
            except SalesError as error:
                yield error

    def _ways(self, entry: Entry) -> Iterator[Callable[[], Any]]:
        """Every way in which it can be called: a list by page, whole and one by one; a create also looked for."""
        form = self.component.form(entry.key)
        if entry.section == "dataSources":
            yield from (partial(self.pick, entry.key, **question) for question in PICKLIST_QUESTIONS)
            return
        for inputs in samples.example_inputs(form):
            yield partial(self.call, entry, samples.without_fetch_all(inputs))
            if "fetchAll" in form.properties:
                yield partial(self.call, entry, {**inputs, "fetchAll": True})
        if isinstance(entry.returns, list):
            yield partial(self.walk, entry.key)
        if entry.find:
            key, inputs = self.component.key, samples.example_inputs(form)[0]
            yield partial(self.runtime.find_candidates, key, entry.key, inputs, self.connection)

    def walk(self, action: str) -> list[Any] | None:
        """Every entry of a list, with as few inputs as it takes; None where it has no pages."""
        self.called, self.many = resolve_output(self.wired, self.component.actions[action]), True
        inputs = samples.required_inputs(self.component.form(action))
        try:
            return list(self.runtime.iterate(self.component.key, action, inputs, self.connection))
        except InvalidInput as refusal:
            if refusal.code != "not_a_list":
                raise
            return None

    def pick_all(self, source: str) -> list[Choice]:
        """Every option of a picklist, a page at a time."""
        self.many = True
        answer = self.pick(source, limit=100)
        options = answer["result"]
        while answer["nextCursor"]:
            answer = self.pick(source, limit=100, cursor=answer["nextCursor"])
            options += answer["result"]
        return list(options)

    def pick(self, source: str, **question: Any) -> Picked:
        self.wanted = set(question.get("ids", ()))
        inputs = samples.example_inputs(self.component.form(source))[0]
        return self.runtime.pick(self.component.key, source, inputs, self.connection, **question)

    # --- answers ------------------------------------------------------------------------------------

    def answer_example(self, request: SentRequest) -> Reply:
        """The example of what is asked for."""
        self.replies.append(Reply(self._answer(request)))
        return self.replies[-1]

    def _answer(self, request: SentRequest) -> Any:
        found, component = self.called, self.wired
        if found is None:
            found, component = self.suite.reached.outputs().get(_blank_ids(request.path)), self.suite.reached.component
        if found is None and request.method != "GET":
            found, component = self.own, self.wired
        if found and found.returns == "nothing":
            return None
        if found and not found.many:
            record = samples.example_record(component, found.record) if found.record else {}
            return samples.wrap(found.shape, found.one, [record]) if found.shape else record
        self.listed = True
        entries = samples.wrap_entries(component, found, self._select(request, self._records(component, found)))
        return self.suite.reached.answer_list(entries, request)

    def _records(self, component: Component, found: Output | None) -> list[dict[str, Any]]:
        """The records of a list."""
        if found and found.record:
            record = samples.example_record(component, found.record)
        else:
            record = samples.blend_records(component, _record_types(component))
        attributes = component.envelope.attributes
        return [samples.number_record(record, number, attributes) for number in IDS] if self.many else [record]

    def _select(self, request: SentRequest, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those whose key the query names, if labels are asked for and it names any: by id, or by another value."""
        named = self.wanted & {part for _, value in request.query_pairs for part in [value, *value.split(",")]}
        if not named:
            return records
        by_id = [record for record in records if str(record["id"]) in named]
        return by_id or [record for record in records if named & set(map(str, record.values()))]


def _is_allowed(sent: SentRequest, effect: Effect) -> bool:
    if effect is Effect.READ and sent.method == "POST":
        return bool(SEARCHING.search(sent.path))
    return effect not in METHODS or sent.method in METHODS[effect]


def _blank_ids(path: str) -> str:
    """A path with the same in the place of every id."""
    return re.sub(r"\d+", "0", path)


def _record_types(component: Component) -> Iterator[str]:
    return (record for entry in component.actions.values() if (record := resolve_output(component, entry).record))


@cache
def _render_pages(key: str) -> str:
    return "\n".join(render_reference(load_component(key)).values())
