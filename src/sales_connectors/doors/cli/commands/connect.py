"""``connect``: sign in, keep the connection, and say whose account it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ....options import MAX_OPTION_SECONDS
from ....unicode import decode_file
from .. import completion, options, output, parameters, prompts
from ..sign_in import SignInMethod, advise_use, sign_in

if TYPE_CHECKING:
    from ....runtime.drafts import ConnectionDraft

GRANTS = ("authorization_code", "client_credentials", "signed_request")


@click.command(
    epilog="""\b
Examples:
  sales-connectors connect zendesk-sell mine --field clientId=3bca92f1
  sales-connectors connect zendesk-sell mine --field clientId=3bca92f1 --paste
  sales-connectors connect zendesk-sell mine --for listDeals,createNote
  sales-connectors connect zendesk-sell mine --token
  pass show sell/token | sales-connectors connect zendesk-sell mine --token
  sales-connectors connect zendesk-sell play --from @sandbox.json

No secret has to stand on the command line, where other users could read it: --from takes a file, and what is missing is
asked for. Without a terminal it is read line by line from standard input, unless the environment has it, in
SALES_CONNECTORS_TOKEN, SALES_CONNECTORS_CLIENT_SECRET, … (SALES_CONNECTORS_ and the name of the field)."""
)
@options.component
@click.argument("name")
@click.option(
    "--kind",
    metavar="KEY",
    shell_complete=completion.complete_entries,
    help="Which connection of the component; else that of a kept one, or the first.",
)
@click.option("--grant", type=click.Choice(GRANTS), help="Choose the kind of connection by its OAuth grant.")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=completion.complete_fields,
    help="A field of the connection; VALUE may be @FILE.",
)
@click.option(
    "--for",
    "actions",
    multiple=True,
    metavar="ACTIONS",
    help="Ask only for the scopes that these actions need, now and at later sign-ins; their keys, with commas between.",
)
@click.option("--read-only", is_flag=True, help="Ask only for the scopes of actions that change nothing.")
@click.option("--token", is_flag=True, help="Keep a personal access token, instead of signing in.")
@click.option("--paste", is_flag=True, help="Sign in on any machine and paste the address of the last page.")
@click.option("--browser/--no-browser", default=True, help="Open the browser, or only print the address.")
@click.option("--redirect-uri", metavar="URL", help="Where the vendor sends the browser back to, as registered there.")
@click.option(
    "--wait",
    "patience",
    type=options.FiniteRange(0, MAX_OPTION_SECONDS),
    default=300.0,
    metavar="S",
    help="Seconds to wait for the browser. Default: 300.",
)
@click.option(
    "--from",
    "source",
    metavar="@FILE|-",
    shell_complete=completion.complete_files,
    help="Keep this {key, fields, token}, or that of a sandbox; a file that is still empty is waited for.",
)
@options.as_json
def command(
    component: str,
    name: str,
    kind: str | None,
    grant: str | None,
    fields: tuple[str, ...],
    actions: tuple[str, ...],
    read_only: bool,
    source: str | None,
    as_json: bool,
    **way: Any,
) -> None:
    """Sign in to the service of COMPONENT and keep the connection as NAME.

    A name that is kept already is signed in to again; its fields need not be given a second time.
    """
    from ....runtime import default_runtime
    from ....runtime.error_context import error_context

    scopes = {"--for": actions, "--read-only": read_only}
    if source is not None:
        _refuse_beside_source({"--kind": kind, "--grant": grant, "--field": fields, **scopes, **_find_given(way)})
    _refuse_together({**scopes, "--token": way["token"]})
    kept = default_runtime().kept
    with error_context(component, None, name):
        if source is not None:
            result = kept.keep_given(component, name, _read_source(component, source))
        else:
            draft = kept.draft(component, name, kind=kind, grant=grant)
            draft = _choose_scopes(draft.with_fields(_parse_fields(draft, fields)), actions, read_only)
            result = sign_in(kept, draft, SignInMethod(**way))
    if output.wants_json(as_json):
        return output.print_json(result)
    from ....manifest import load_component
    from ....runtime.accounts import name_account

    found = load_component(component)
    output.print_line(f"Connected to {found.label} as {name_account(result['account'], found.envelope)}.")
    output.print_line(advise_use(component, name))


def _find_given(way: Mapping[str, Any]) -> dict[str, Any]:
    """How to sign in, as far as it was said."""
    return {"--token": way["token"], "--paste": way["paste"], "--redirect-uri": way["redirect_uri"]}


def _refuse_beside_source(given: Mapping[str, Any]) -> None:
    """A connection that exists elsewhere is kept as it is; what is said beside it would be lost."""
    beside = [name for name, value in given.items() if value]
    if beside:
        raise click.UsageError(f"--from takes a whole connection; {' and '.join(beside)} cannot stand beside it.")


def _refuse_together(given: Mapping[str, Any]) -> None:
    """Scopes are chosen in one way, and a token that is there has those that it was given."""
    named = [name for name, value in given.items() if value]
    if len(named) > 1:
        raise click.UsageError(f"{' and '.join(named)} cannot stand together.")


def _choose_scopes(draft: "ConnectionDraft", actions: tuple[str, ...], read_only: bool) -> "ConnectionDraft":
    """The connection, asking for the scopes of some actions alone; as it is where none are named."""
    named = [key.strip() for keys in actions for key in keys.split(",") if key.strip()]
    if not actions and not read_only:
        return draft
    return draft.for_actions(draft.reading_actions if read_only else named)


def _read_source(component: str, source: str) -> Mapping[str, Any]:
    """A connection that exists elsewhere; of what a sandbox printed, the part that is meant."""
    whole = parameters.read_connection(source, "--from")
    return parameters.select_part(component, whole)


def _parse_fields(draft: "ConnectionDraft", pairs: tuple[str, ...]) -> dict[str, str]:
    """The fields that were given; secrets only from a file."""
    from ....errors import InvalidInput, hide_tokens

    form, fields = draft.component.form(draft.key), {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            message = f"--field takes KEY=VALUE, and {hide_tokens(repr(name))} has no value"
            raise InvalidInput(message, code="usage", fix="maintainer")
        if form.properties.get(name, {}).get("writeOnly") and not value.startswith("@"):
            raise InvalidInput(
                f"{name} is a secret, which other users could read on the command line. Leave it out to be asked for"
                f" it, set {prompts.build_variable_name(name)}, or use --field {name}=@FILE",
                code="secret_on_command_line",
                fields=[{"path": f"/fields/{name}", "message": "is a secret"}],
            )
        fields[name] = _read_field(name, value[1:]) if value.startswith("@") else value
    return fields


def _read_field(name: str, path: str) -> str:
    from ....errors import InvalidInput

    try:
        text = decode_file(Path(path).read_bytes()).strip()
        parameters.protect_file(Path(path), {name: text})
        return text
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text, or no file"
        raise InvalidInput(f"--field {name}: {path!r} cannot be read: {reason}", code="unreadable_file") from error
