"""Files of a component with the lines of what stands in them, so that a problem can be pointed at."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ..lazy import cached_property

Place = Sequence[str | int]
"""Where something stands in a document: keys and indexes from its root."""

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Problem(NamedTuple):
    """Something that is wrong with a component, and where."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Document:
    """A YAML or JSON file; JSON is read as the YAML that it is where its lines are wanted."""

    path: Path

    def report(self, place: Place, message: str) -> Problem:
        return Problem(self.path, self.find_line(place), message)

    def find_fault(self) -> Problem | None:
        """Why the file cannot be read, if it cannot."""
        try:
            self.data  # noqa: B018  # reading is the test
        except json.JSONDecodeError as wrong:
            return Problem(self.path, wrong.lineno, f"is no JSON: {wrong.msg}")
        except yaml.MarkedYAMLError as wrong:
            line = wrong.problem_mark.line + 1 if wrong.problem_mark else 1
            return Problem(self.path, line, f"is no YAML: {wrong.problem}")
        except RecursionError:
            return Problem(self.path, 1, "is nested too deeply")
        except (OSError, ValueError, yaml.YAMLError) as wrong:
            return Problem(self.path, 1, f"cannot be read: {wrong}")
        return None

    @cached_property
    def data(self) -> Any:
        if self.path.suffix == ".json":
            return json.loads(self.path.read_bytes())
        return yaml.load(self.path.read_bytes(), Loader=Loader)

    def find_line(self, place: Place) -> int:
        """The line of what stands there, or of the nearest thing around it."""
        node, line = self._root, 1
        for part in place:
            found = _find_inside(node, part)
            if found is None:
                break
            line, node = found
        return line

    def find_duplicates(self) -> Iterator[Problem]:
        """Keys that stand twice in one mapping: the file says one thing and means another."""
        for mapping in _iterate_mappings(self._root):
            seen: set[Any] = set()
            for key, _ in mapping.value:
                if key.value in seen:
                    yield Problem(self.path, _get_line(key), f"{key.value!r} stands here a second time")
                seen.add(key.value)

    @cached_property
    def _root(self) -> yaml.Node | None:
        try:
            root: yaml.Node | None = yaml.compose(self.path.read_bytes(), Loader=Loader)
        except yaml.YAMLError:  # JSON indented with tabs, which PyYAML takes only with its C part
            return None
        return root


def _find_inside(node: yaml.Node | None, part: str | int) -> tuple[int, yaml.Node] | None:
    """The line and the value of a key or an entry; of a key that stands twice the last, which counts."""
    if isinstance(node, yaml.MappingNode):
        return next(((_get_line(key), value) for key, value in reversed(node.value) if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return _get_line(node.value[part]), node.value[part]
    return None


def _iterate_mappings(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _iterate_mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _iterate_mappings(value)


def _get_line(node: yaml.Node) -> int:
    return node.start_mark.line + 1
