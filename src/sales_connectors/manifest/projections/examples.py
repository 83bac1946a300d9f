"""One example, as it is typed on the command line and written in Python."""

import json
from collections.abc import Mapping
from keyword import iskeyword
from shlex import quote
from typing import Any

EXAMPLE_CONNECTION = "my-account"
MAX_LINE_WIDTH = 100


def render_shell_call(command: str, component: str, key: str, inputs: Mapping[str, Any] | str) -> str:
    """``sales-connectors run …``; the inputs as an object, or as ``@FILE``."""
    start = f"sales-connectors {command} {component} {key} --connection {EXAMPLE_CONNECTION}"
    text = inputs if isinstance(inputs, str) else json.dumps(inputs, ensure_ascii=False)
    return f"{start} --input {text if text.startswith('@') else quote(text)}" if inputs else start


def render_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def render_python_call(name: str, method: str, key: str, inputs: Mapping[str, Any], *, target: str = "") -> str:
    """A call of the connector called ``name``: of the action itself, or of ``method`` with the key as its argument."""
    if not all(input_name.isidentifier() and not iskeyword(input_name) for input_name in inputs):
        return f"{target}{name}.run({render_python(key)}, {render_python(inputs)})"
    arguments = [] if method == key else [render_python(key)]
    arguments += [f"{input_name}={render_python(value)}" for input_name, value in inputs.items()]
    line = f"{target}{name}.{method}({', '.join(arguments)})"
    if len(line) <= MAX_LINE_WIDTH:
        return line
    return f"{target}{name}.{method}(\n" + "".join(f"    {argument},\n" for argument in arguments) + ")"


def render_python(value: Any) -> str:
    """A value as Python, with double quotes."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{render_python(key)}: {render_python(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(render_python, value)) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
