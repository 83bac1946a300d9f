"""``docs/forms.md``: the vocabulary of forms, from the prose of its own meta-schema."""

from collections.abc import Mapping
from typing import Any

from ..forms import list_types
from ..markdown import render_code, render_table
from ..vocabulary import FORM_DIALECT, list_own_keywords, load_vocabulary
from .page import GENERATED_NOTICE


def render_forms() -> str:
    vocabulary = load_vocabulary()
    rows = [_render_row(name, spec) for name, spec in list_own_keywords().items()]
    formats = vocabulary["properties"]["format"]["enum"]
    return f"""{GENERATED_NOTICE}
# Forms

{vocabulary["description"]}

Each file names the dialect: `"$schema": "{FORM_DIALECT}"`. Its meta-schema is
[form.schema.json](../src/sales_connectors/manifest/form.schema.json).

## Our keywords

{render_table(["Keyword", "Type", "What it says", "Example"], rows)}

## Standard keywords

- Nothing else passes `sales-connectors check`: an unknown keyword is an error with its file and line.
- `format` is checked, and is one of {", ".join(map(render_code, formats))}.
- A `$ref` is relative to the file in which it stands. What stands beside it holds as well: titles, descriptions,
  examples, defaults and our keywords say the last word, and what restricts a value may only narrow it (a type or an
  `enum` to the values that both sides take, a bound to the tighter one). Where no simple schema would say what both
  sides say, the check refuses it.
- In a record, `required` names the keys that always come, null where there is no value: the types and the reference go
  by it, and no reply is refused over it. A `$comment` that begins with `inferred:` tells what the vendor does not say.
- Forms are handed out with their references resolved, as plain JSON Schema 2020-12.

## Shapes

The standard says most things in several ways; forms, generators and agents understand some of them. The check holds
these, and says where one is missing what to write:

- A value has one `type`, or that and `null`. One of several kinds is `anyOf` of single types, each with a `title` that
  people choose it by. A list has `items`.
- An `enum` has a label for each choice. Special values and suggestions are values that the input takes.
- What does not apply is `"if": …, "then": {{"properties": {{"name": false}}}}`, with a `description` that says why;
  `not` with `required` stands in an `if` alone.
- An input that others depend on, by a condition or by `x-depends-on`, stands before them.
- Required text is refused when it is blank: `"pattern": "\\\\S"`, or a stricter one.
- An id is a number of at most 2^53-1, which every JSON reader holds exactly, and has its picklist: `id`, `ids` and
  whatever ends in `Id`, `Ids` or `Guid`, connections aside. What a picklist requires, the form gives it.
- No more than twelve inputs stand without an `x-group`, a required one always does, and the inputs of a group stand
  together, in the order in which the form shows them.
"""


def _render_row(name: str, spec: Mapping[str, Any]) -> list[str]:
    words = f"**{spec['title']}.** {spec['description']}"
    return [render_code(name), " or ".join(list_types(spec)), words, render_code(spec["examples"][0])]
