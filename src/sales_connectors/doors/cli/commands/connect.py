"""``connect``: sign in, keep the connection, and say whose account it is."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import names, options, output, parameters, prompts
from ..sign_in import SignInMethod, check_client, sign_in

if TYPE_CHECKING:
    from ....manifest import Component
    from ....runtime.runtime import Runtime
    from ....store import StoredConnection

GRANTS = ("authorization_code", "client_credentials")


@click.command(
    epilog="""\b
Examples:
  sales-connectors connect zendesk-sell my-account --field clientId=3bca92f1d0e6
  sales-connectors connect zendesk-sell my-account --field clientId=3bca92f1d0e6 --paste
  sales-connectors connect zendesk-sell my-account --token
  pass show sell/token | sales-connectors connect zendesk-sell my-account --token
  sales-connectors connect zendesk-sell play --from @sandbox.json

\b
Secrets are never taken from the command line, where other users could read them. They are asked for; without a
terminal they are read line by line from standard input, unless the environment has them:
  SALES_CONNECTORS_TOKEN, SALES_CONNECTORS_CLIENT_SECRET, … (SALES_CONNECTORS_ and the name of the field)"""
)
@options.component
@click.argument("name")
@click.option(
    "--kind", metavar="KEY", shell_complete=names.complete_kinds, help="Which connection of the component; the first."
)
@click.option("--grant", type=click.Choice(GRANTS), help="Choose the kind of connection by its OAuth grant.")
@click.option(
    "--field", "fields", multiple=True, metavar="KEY=VALUE", help="A field of the connection; VALUE may be @FILE."
)
@click.option("--token", is_flag=True, help="Keep a personal access token, instead of signing in.")
@click.option("--paste", is_flag=True, help="Sign in on any machine and paste the address of the last page.")
@click.option("--browser/--no-browser", default=True, help="Open the browser, or only print the address.")
@click.option("--redirect-uri", metavar="URL", help="Where the vendor sends the browser back to, as registered there.")
@click.option("--wait", "patience", type=float, default=300.0, metavar="S", help="Seconds to wait for the browser.")
@click.option("--from", "source", metavar="JSON|@FILE", help="Keep this {key, fields, token}, or that of a sandbox.")
@options.as_json
def command(
    component: str,
    name: str,
    kind: str | None,
    grant: str | None,
    fields: tuple[str, ...],
    source: str | None,
    as_json: bool,
    **way: Any,
) -> None:
    """Sign in to the service of COMPONENT and keep the connection as NAME.

    A name that is kept already is signed in to again; its fields need not be given a second time.
    """
    from .... import manifest
    from ....runtime.error_context import error_context
    from ....runtime.runtime import default_runtime

    runtime = default_runtime()
    with error_context(component, None, name):
        found = manifest.load_component(component)
        before = _find_stored(runtime, found, name)
        if source is not None:
            connection = _import_connection(found, source)
        else:
            key = _choose_kind(found, kind, grant, before)
            connection = _build_connection(found, key, _merge_fields(found, key, fields, before), SignInMethod(**way))
        account = _save_and_test(runtime, found, name, connection, before)
    _show(found, name, str(connection["key"]), account, as_json)


# --- what is to be kept -----------------------------------------------------------------------------


def _find_stored(runtime: "Runtime", found: "Component", name: str) -> "StoredConnection | None":
    from ....errors import ConfigurationError, Conflict

    try:
        kept = runtime.store.connections.get(name)
    except ConfigurationError as unknown:
        if unknown.code != "unknown_connection":
            raise
        return None
    if kept.component != found.key:
        raise Conflict(
            f"{name!r} is a connection to {kept.component}. Choose another name, or remove it first:"
            f" sales-connectors connections remove {name}",
            code="name_taken",
        )
    return kept


def _choose_kind(found: "Component", kind: str | None, grant: str | None, before: "StoredConnection | None") -> str:
    """The kind of connection that is meant: named, found by its grant, the one before, or the component's first."""
    if kind is not None:
        return found.entry("connections", kind).key
    if grant is None:
        return before.key if before else next(iter(found.connections))
    from ....errors import InvalidInput
    from ....runtime.connections import build_service

    for key in found.connections:
        oauth = build_service(found, key, found.form(key).defaults).oauth
        if oauth is not None and oauth.grant == grant:
            return key
    raise InvalidInput(f"{found.key} has no connection with the grant {grant}", code="no_such_grant")


def _merge_fields(
    found: "Component", key: str, pairs: tuple[str, ...], before: "StoredConnection | None"
) -> dict[str, Any]:
    """The fields of a connection: those before, and over them what was given."""
    from ....errors import InvalidInput

    fields = dict(before.fields) if before and before.key == key else {}
    form = found.form(key)
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise InvalidInput(f"--field takes KEY=VALUE, and {name!r} has no value", code="usage", fix="maintainer")
        if form.properties.get(name, {}).get("writeOnly") and not value.startswith("@"):
            raise InvalidInput(
                f"{name} is a secret, which other users could read on the command line. Leave it out to be asked for"
                f" it, set {prompts.build_variable_name(name)}, or use --field {name}=@FILE",
                code="secret_on_command_line",
                fields=[{"path": f"/fields/{name}", "message": "is a secret"}],
            )
        fields[name] = _read_file(value[1:], name) if value.startswith("@") else value
    return fields


def _read_file(path: str, name: str) -> str:
    from ....errors import InvalidInput

    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InvalidInput(f"--field {name}: {path!r} cannot be read: {reason}", code="unreadable_file") from error


def _build_connection(found: "Component", key: str, fields: dict[str, Any], way: SignInMethod) -> dict[str, Any]:
    """Ask for what is missing, and sign in."""
    from ....runtime.connections import build_service, parse_connection

    oauth = build_service(found, key, parse_connection(found, {"key": key, "fields": fields}).fields).oauth
    if oauth is not None:
        check_client(oauth, way)
    if oauth is None or not way.token:
        # some vendors know clients without a secret; they say so themselves if it is needed
        fields = {**fields, **_ask_secrets(found, key, fields, optional=oauth is not None)}
    complete = parse_connection(found, {"key": key, "fields": fields}).fields
    oauth = build_service(found, key, complete).oauth
    return {"key": key, "fields": fields, "token": None if oauth is None else sign_in(oauth, way)}


def _ask_secrets(found: "Component", key: str, fields: Mapping[str, Any], *, optional: bool) -> dict[str, str]:
    """The secret fields that nobody has given yet."""
    secrets = {name: spec for name, spec in found.form(key).properties.items() if spec.get("writeOnly")}
    asked = {
        name: prompts.ask_secret(str(spec.get("title", name)), prompts.build_variable_name(name), optional=optional)
        for name, spec in secrets.items()
        if not fields.get(name)
    }
    return {name: value for name, value in asked.items() if value}


def _import_connection(found: "Component", source: str) -> dict[str, Any]:
    """A connection that exists elsewhere; of what a sandbox printed, the part that is meant."""
    from ....runtime.connections import parse_connection

    whole = parameters.read_connection(source, "--from")
    connection = whole.get(found.key, whole)
    parsed = parse_connection(found, connection)
    return {"key": parsed.key, "fields": connection.get("fields") or {}, "token": parsed.token}


# --- keeping it -------------------------------------------------------------------------------------


def _save_and_test(
    runtime: "Runtime", found: "Component", name: str, connection: Mapping[str, Any], before: "StoredConnection | None"
) -> Any:
    """Keep it, and ask the service whose it is; one that the service refuses does not replace a good one."""
    from ....errors import NotAuthenticated

    kept = runtime.store.connections
    kept.save(name, found.key, connection)
    try:
        return runtime.whoami(found.key, name)
    except NotAuthenticated:
        if before is None:
            kept.remove(name)
        else:
            kept.save(name, before.component, {"key": before.key, "fields": before.fields, "token": before.token})
        raise


def _show(found: "Component", name: str, key: str, account: Any, as_json: bool) -> None:
    if output.wants_json(as_json):
        return output.print_json({"connection": {"name": name, "component": found.key, "key": key}, "account": account})
    from ..records import describe_account

    output.print_line(f"Connected to {found.label} as {describe_account(account)}.")
    output.print_line(f"Use it with: --connection {name}")
