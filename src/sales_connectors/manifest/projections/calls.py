"""``docs/calls.md``: the options that every call takes, and the errors that every call can end with."""

from collections.abc import Iterator

from ...errors import CODES, SalesError
from ...options import DEFAULTS, OPTIONS, OptionSpec, describe_values, to_camel_case
from ..markdown import join_words, render_code, render_table
from .page import GENERATED_NOTICE


def render_calls() -> str:
    """The page."""
    options = [
        [
            _render_flag(name, spec),
            render_code(name),
            render_code(to_camel_case(name)),
            "" if DEFAULTS[name] is None else render_code(DEFAULTS[name]),
            describe_values(spec),
            spec.description,
        ]
        for name, spec in OPTIONS.items()
    ]
    errors = [
        [
            render_code(leaf.__name__),
            str(leaf.exit_code),
            str(leaf.http_status),
            (leaf.__doc__ or "").partition("\n")[0],
        ]
        for leaf in SalesError.__subclasses__()
    ]
    return f"""{GENERATED_NOTICE}
# Calls: options and errors

Every action takes the same options at every door, and ends with the same errors. Picklists and polls take all but
{join_words(render_code(name) for name, spec in OPTIONS.items() if spec.for_creates)}; `--dry-run` shows their first
request on the command line, and changes nothing elsewhere.

## Options

{render_table(["Command line", "Python", "JSON", "Default", "Takes", "Means"], options)}

In Python they go into `connect(…)`, into `with_options(…)`, or into the call itself, beside its inputs:
`sell.listDeals(hot=True, timeout=5)`. `None` takes one off, or puts its default in its place. An input that has the
name of an option goes before; the option is then given with `with_options(…)`.

## Creates under a key

The services know no idempotency keys, so a create under one is written down in the store before it is sent. Asked again
with the same key, it answers with the record that is there, and creates no second one.

```python
from sales_connectors import Unavailable, connect

sell = connect("zendesk-sell", "my-account")
outcomes: list[str] = []
try:
    made = sell.createLead(lastName="Doe", idempotency_key="form-7", on_outcome=outcomes.append)
    print(made["data"]["id"], outcomes[-1])
except Unavailable as error:
    print("ask again, with the same key" if error.retryable else error.message)
```

- **What comes back** is in Python what comes back without a key; `on_outcome` is told whether the record was `created`
  or `found`. `invoke`, the command line and JSON have that beside the data: `{{"data": …, "outcome": "created"}}`.
- **Scope.** One key stands for one create of one action in one account, whichever process or door asks for it. Other
  inputs under the same key are a `Conflict` (`idempotency_key_reused`).
- **Lifetime.** A key is known for at least 30 days after its create was done, and for as long as nobody knows whether
  it was.
- **Store.** It is the store of the connections; several machines know one another's keys where they share one
  (`SALES_CONNECTORS_STORE`).
- **Connection.** It is kept, or comes with the call and a `name`, by which it is known once its token was refreshed.
- **Time.** Such a call ends after 100 s at the latest.

## Errors

An error is one object, `{{"error": {{…}}}}` as JSON: its `type` and `code`, a `message` for whoever built the workflow,
who can mend it (`fix`: builder, end_user, admin, vendor or maintainer), whether to try again (`retryable`,
`retry_after`), the inputs that it is about (`fields`), the vendor's own words (`vendor`, `status`, `request_id`), and
which call it was (`component`, `action`, `connection`).

Each of the `fields` has a `path` (a JSON Pointer to the input), a `message`, and, where a form complains, the `rule`
that is broken (a keyword of JSON Schema, `unknown` for an input that there is not, `unserializable` for what JSON
cannot carry, `schema` for whatever else) and the `others` that the rule is about.

{render_table(["Error", "Exit code", "HTTP", "Means"], errors)}

## Codes

Any other code is the service's own word for what went wrong.

{render_table(["Code", "Error", "Means"], list(_list_codes()))}
"""


def _list_codes() -> Iterator[list[str]]:
    for code, spec in CODES.items():
        yield [render_code(code), render_code(spec.error.__name__), spec.sentence]


def _render_flag(name: str, spec: OptionSpec) -> str:
    if spec.kind != "flag" and spec.metavar is None:
        return ""
    return render_code(" ".join(filter(None, [f"--{name.replace('_', '-')}", spec.metavar])))
