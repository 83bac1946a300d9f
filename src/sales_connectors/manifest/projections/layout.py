"""Which page of a component's folder ``docs/<component>/`` holds what: one page for each group of actions, one for its
picklists and one for its triggers; a record stands on the first page on which something returns it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .. import Component, Entry
from ..fields import PICKLISTS
from ..markdown import build_anchor, render_link
from ..output import list_returned_records

TRIGGERS = "triggers"
"""The page on which the triggers of a component stand."""


@dataclass(frozen=True)
class Page:
    """One page: its name, its title, what it tells of, and the records that stand on it."""

    name: str
    title: str
    entries: Sequence[Entry]
    records: Sequence[str] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.md"


@dataclass(frozen=True)
class Layout:
    """The pages of a component, in their order."""

    component: Component
    pages: Sequence[Page]

    def find_home(self, record: str) -> Page:
        """The page on which a record stands."""
        return next(page for page in self.pages if record in page.records)

    def render_record_link(self, record: str, folder: str = "") -> str:
        return render_link(record, build_record_heading(record), f"{folder}{self.find_home(record).file}")


def lay_out(component: Component) -> Layout:
    """The pages that a component takes."""
    pages: list[Page] = []
    taken = {PICKLISTS, TRIGGERS}
    for group, entries in group_actions(component):
        name = _choose_name(group, taken)
        taken.add(name)
        pages.append(Page(name, group, entries, _list_new_records(entries, pages)))
    if component.data_sources:
        pages.append(Page(PICKLISTS, "Picklists", list(component.data_sources.values())))
    if component.triggers:
        triggers = list(component.triggers.values())
        pages.append(Page(TRIGGERS, "Triggers", triggers, _list_new_records(triggers, pages)))
    return Layout(component, pages)


def _choose_name(group: str, taken: Iterable[str]) -> str:
    """The name of a group's page, as no other page is called."""
    wanted = build_anchor(group).strip("-") or "actions"
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len([*taken]) + 2))
    return next(name for name in names if name not in taken)


def _list_new_records(entries: Iterable[Entry], before: Iterable[Page]) -> list[str]:
    """The records that these return, without those that stand on an earlier page."""
    known = {record for page in before for record in page.records}
    returned = dict.fromkeys(record for entry in entries for record in list_returned_records(entry))
    return [record for record in returned if record not in known]


def group_actions(component: Component) -> list[tuple[str, list[Entry]]]:
    """The actions under their headings, in the order of the manifest."""
    groups: dict[str, list[Entry]] = {}
    for entry in component.actions.values():
        groups.setdefault(entry.group, []).append(entry)
    return list(groups.items())


def build_record_heading(record: str) -> str:
    return f"Record: {record}"
