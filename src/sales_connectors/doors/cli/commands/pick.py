"""``pick``: the options of a data source."""

from collections.abc import Mapping, Sequence
from typing import Any

import click

from .. import completion, options
from ..call_context import CallArguments, call_context
from ..form_command import FormCommand
from ..records import RecordKind
from ..results import print_request, print_result


@click.command(
    cls=FormCommand,
    section="dataSources",
    epilog="""\b
Examples:
  sales-connectors pick zendesk-sell selectStage -c my-account pipelineId=1
  sales-connectors pick zendesk-sell selectContact -c my-account --query acme --limit 100
  sales-connectors pick zendesk-sell selectContact -c my-account --ids 7,8""",
)
@options.component
@click.argument("key", metavar="SOURCE", shell_complete=completion.complete_entries)
@options.pairs
@click.option("--query", metavar="TEXT", help="Only options that match these words.")
@click.option("--limit", type=int, metavar="N", help="How many options at most, up to 10000. Default: 1000.")
@click.option("--cursor", metavar="C", help="Go on where nextCursor of the last answer points.")
@click.option(
    "--ids",
    metavar="A,B",
    help="The labels of saved keys; deleted ones are marked as missing. Keys with a comma: as a JSON list.",
)
@options.add_call_options()
def command(query: str | None, limit: int | None, cursor: str | None, ids: str | None, **common: Any) -> None:
    """Print the options of a picklist: a label for people, and the key that an input takes.

    With COMPONENT and SOURCE, --help shows what narrows the list.
    """
    call = CallArguments.parse(**common)
    question: dict[str, Any] = {"query": query, "limit": limit, "cursor": cursor, "ids": ids}
    kind = RecordKind.named("label", "key", *(["missing"] if ids is not None else []))
    kind.check_columns(call.format.columns)
    with call_context(call, "dataSources") as (runtime, connection):
        about = (call.component, call.key, call.inputs, connection, call.options)
        if call.options["dry_run"]:
            return print_request(call, runtime.preview("dataSources", *about, **question))
        result = runtime.pick(*about, **question)
    print_result(call, result, kind, result["result"], lambda: _draw(result, kind, call.format.columns))


def _draw(result: Mapping[str, Any], kind: RecordKind, columns: Sequence[str]) -> None:
    from .. import render

    render.draw_picklist(result, kind, columns)
