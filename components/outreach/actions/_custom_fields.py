"""Custom fields by their number, or by the label that the account gave them.

The service calls them ``custom1``, ``custom2`` and so on, and says at ``/types`` what the account calls them.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from sales_connectors.sdk import Context, Inputs, InvalidInput, fold_text

NUMBERED = re.compile(r"custom\d+")


def name_custom_fields(ctx: Context, kind: str, given: Inputs | None) -> dict[str, Any]:
    """Values by the names that the service has for custom fields; it is asked only where one goes by its label."""
    values = {name: _write_value(value) for name, value in (given or {}).items()}
    if all(NUMBERED.fullmatch(name) for name in values):
        return dict(values)
    labels = _load_labels(ctx, kind)
    named: dict[str, Any] = {}
    for name, value in values.items():
        number = name if NUMBERED.fullmatch(name) else _find_field(name, labels)
        if number in named:
            raise _field_error(name, f"is {number}, which is given twice")
        named[number] = value
    return named


def _write_value(value: Any) -> str | None:
    """All custom fields are text to the service, whatever the account holds them for."""
    return value if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _load_labels(ctx: Context, kind: str) -> dict[str, str]:
    """The label of each custom field that the account has named, for one type of record."""
    labels: dict[str, str] = {}
    for entry in ctx.envelope.items(ctx.client.get("/api/v2/types")):
        if isinstance(entry, Mapping) and fold_text(str(entry.get("type"))) == fold_text(kind):
            meta = entry.get("meta")
            fields = meta.get("validations") if isinstance(meta, Mapping) else None
            for name, spec in (fields if isinstance(fields, Mapping) else {}).items():
                if isinstance(spec, Mapping) and spec.get("label"):
                    labels[str(name)] = str(spec["label"])
    return labels


def _find_field(label: str, labels: Mapping[str, str]) -> str:
    """The one field of this label; InvalidInput with the nearest ones where there is none, or several."""
    fields = [name for name, known in labels.items() if fold_text(known) == fold_text(label)]
    if len(fields) == 1:
        return fields[0]
    if fields:
        raise _field_error(label, f"is the label of {' and '.join(fields)}: give one of these names")
    near = get_close_matches(fold_text(label), [fold_text(known) for known in labels.values()], n=1, cutoff=0.5)
    meant = next((known for known in labels.values() if near and fold_text(known) == near[0]), None)
    raise _field_error(label, "is no custom field of the account" + (f". Did you mean {meant!r}?" if meant else ""))


def _field_error(name: str, message: str) -> InvalidInput:
    part = name.replace("~", "~0").replace("/", "~1")
    return InvalidInput(
        f"customFields: {name!r:.80} {message}", fields=[{"path": f"/customFields/{part}", "message": message}]
    )
