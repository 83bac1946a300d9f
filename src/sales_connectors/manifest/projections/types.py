"""Python types from JSON Schemas: what inputs take, and records as TypedDicts."""

from collections.abc import Callable, Iterable, Mapping
from keyword import iskeyword
from typing import Any

from ...sdk.envelope import Shape
from .. import Component
from ..forms import list_choices, list_types
from ..output import Output

OBJECT_TYPE = "Mapping[str, Any]"
"""An object, as a caller may give it."""
SIMPLE_TYPES = {"string": "str", "boolean": "bool", "null": "None", "integer": "int"}


def camelize(name: str) -> str:
    """``custom_field``, ``accountStage`` and ``zendesk-sell`` as the name of a class."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("-", "_").split("_"))


def is_name(name: str) -> bool:
    """Whether Python can spell it as a parameter or a field."""
    return name.isidentifier() and not iskeyword(name) and name != "self"


def render_literal(values: Iterable[Any]) -> str:
    """The type of exactly these values."""
    return f"Literal[{', '.join(_render_constant(value) for value in values)}]"


def _render_constant(value: Any) -> str:
    return '"{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"')) if isinstance(value, str) else repr(value)


def escape_docstring(words: str) -> str:
    """Words as they stand in a docstring."""
    return words.replace("\\", "\\\\").replace('"""', "'''")


def render_input_type(name: str, schema: Any) -> str:
    """What a caller may give, in the types of the schema; the runtime would turn text into them, too.

    An id may be the key of a picklist, which is text.
    """
    integer = "int | str" if _is_id(name, schema) else "int"
    plain = {**SIMPLE_TYPES, "integer": integer, "number": "float | Decimal", "object": "Mapping[str, Any]"}
    return _render_union(schema, plain, lambda spec: f"Sequence[{render_input_type(name, spec.get('items', {}))}]")


def _is_id(name: str, schema: Any) -> bool:
    return name in ("id", "ids") or name.endswith(("Id", "Ids")) or "x-data-source" in schema


def _render_union(schema: Any, plain: Mapping[str, str], list_of: Callable[[Any], str]) -> str:
    if not isinstance(schema, dict):
        return "Any"
    if "enum" in schema:
        return render_literal(schema["enum"])
    kinds = [(choice, name) for choice in list_choices(schema) for name in list_types(choice)]
    names = [list_of(choice) if name == "array" else plain[name] for choice, name in kinds]
    return " | ".join(dict.fromkeys(part for name in names for part in _split_union(name))) or "Any"


def _split_union(kind: str) -> list[str]:
    """The members of a type; one with parameters is one."""
    return [kind] if "[" in kind else kind.split(" | ")


IMPORTED = frozenset(
    {"Any", "Callable", "Decimal", "Iterator", "Literal", "Mapping", "Picked", "Polled", "Protocol", "Sequence"}
)
"""Names that a typed module has from elsewhere."""


def name_record(key: str) -> str:
    """The class of a record."""
    name = camelize(key)
    return f"{name}Record" if name in IMPORTED else name


class RecordTypes:
    """The TypedDicts of a module: records, what is inside them, and the envelopes in which they come."""

    def __init__(self, component: Component) -> None:
        self._component = component
        self._texts: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def text(self) -> str:
        return "".join(f"\n\n{text}\n" for text in self._texts.values())

    def answer(self, found: Output) -> str:
        """The type of what an action returns."""
        if found.returns == "nothing":
            return "None"
        if found.record is None or found.shape is None:
            return "Any"
        return self._render_shape(found, found.shape)

    def render_item(self, found: Output) -> str:
        """The type of one entry of a list: a record, in the envelope of one where lists hold it so."""
        if found.record is None or found.shape is None:
            return "Any"
        parts = found.shape.values() if isinstance(found.shape, Mapping) else [found.shape]
        entry = next((part[0] for part in parts if isinstance(part, list)), found.one)
        return self._render_shape(found, entry)

    def _render_shape(self, found: Output, shape: Shape) -> str:
        record = self.render_record(str(found.record))
        if shape == "record":
            return record
        if shape == "one":
            return self._render_shape(found, found.one)
        if isinstance(shape, list):
            return f"list[{self._render_shape(found, shape[0])}]"
        if isinstance(shape, Mapping):
            fields = {name: self._render_shape(found, part) for name, part in shape.items()}
            many = any(isinstance(part, list) for part in shape.values())
            name, words = (f"{record}List", "A list") if many else (f"{record}Answer", "One record")
            beside = found.beside.items() if shape == found.shape else ()
            fields |= {name: f"NotRequired[{self._render_shape(found, part)}]" for name, part in beside}
            return self._define(name, fields, f"{words} as the service sends it.")
        return "dict[str, Any]"

    def render_record(self, key: str) -> str:
        name = name_record(key)
        if name not in self._texts:
            schema = self._component.record(key)
            fields = self._render_fields(schema, name)
            self._texts[name] = _render_typed_dict(name, fields, str(schema.get("description", "")))
            self._names.setdefault(_mark(fields), name)
        return name

    def _render_fields(self, schema: Mapping[str, Any], name: str) -> dict[str, str]:
        """The fields of an object; those that do not always come may be missing."""
        always = schema.get("required", ())
        kinds = {
            field: self._render_type(spec, name + camelize(field))
            for field, spec in schema.get("properties", {}).items()
        }
        return {field: kind if field in always else f"NotRequired[{kind}]" for field, kind in kinds.items()}

    def _render_type(self, schema: Any, name: str) -> str:
        inside = self._render_object(schema, name)
        plain = {**SIMPLE_TYPES, "number": "int | Decimal", "object": inside}
        return _render_union(schema, plain, lambda spec: f"list[{self._render_type(spec.get('items', {}), name)}]")

    def _render_object(self, schema: Any, name: str) -> str:
        fields = self._render_fields(schema, name) if isinstance(schema, dict) else {}
        words = str(schema.get("description", "One entry of a list.")) if fields else ""
        return self._define(name, fields, words) if fields else "dict[str, Any]"

    def _define(self, name: str, fields: dict[str, str], words: str) -> str:
        """A TypedDict; one with the same fields is used again."""
        mark = _mark(fields)
        if mark not in self._names:
            self._names[mark] = name
            self._texts[name] = _render_typed_dict(name, fields, words)
        return self._names[mark]


def _mark(fields: Mapping[str, str]) -> str:
    """What tells fields from others."""
    return str(sorted(fields.items()))


def _render_typed_dict(name: str, fields: Mapping[str, str], words: str) -> str:
    if not all(is_name(field) for field in fields):
        entries = "".join(f"    {_render_constant(field)}: {kind},\n" for field, kind in fields.items())
        return f'{name} = TypedDict("{name}", {{\n{entries}}})'
    head = f'class {name}(TypedDict):\n    """{escape_docstring(words)}"""\n\n'
    return head + "\n".join(f"    {field}: {kind}" for field, kind in fields.items())
