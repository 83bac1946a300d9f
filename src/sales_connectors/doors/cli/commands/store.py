"""``store``: look after what keeps connections, their tokens and idempotency keys."""

from pathlib import Path

import click

from ....errors import InvalidInput
from .. import completion, options, output, parameters


@click.group(
    epilog="""\b
Examples:
  sales-connectors store rekey
  sales-connectors store rekey --new-key @new.key""",
)
def command() -> None:
    """Look after the store that keeps connections."""


@command.command(
    epilog="""\b
Programs that run meanwhile go on where the key is a file of theirs. Others say that the store has a new key, and are
to be started again with it; what they keep until then is not lost. Copies of the store that were made before need the
old key.
""",
)
@click.option(
    "--new-key",
    metavar="@FILE|-",
    shell_complete=completion.complete_files,
    help="The new key; made where it is not given and the old one is in the key file.",
)
@options.as_json
def rekey(new_key: str | None, as_json: bool) -> None:
    """Give the store a new key: all secrets are sealed with it, in one transaction."""
    from ....runtime import default_runtime

    store = default_runtime().store
    count = store.rekey(_read_key(new_key))
    if output.wants_json(as_json):
        file = None if store.vault.is_given else str(store.vault.file)
        return output.print_json({"sealed": count.sealed, "damaged": count.damaged, "keyFile": file})
    output.print_line(f"The store has a new key; {count.sealed} values were sealed with it.")
    if count.damaged:
        output.print_line(f"{count.damaged} values are damaged: no key opened them, and they were left as they are.")
    if store.vault.is_given:
        output.print_line("Set SALES_CONNECTORS_KEY to it wherever this store is used, and start those programs again.")
    else:
        output.print_line(f"It is in {store.vault.file}; other machines that share the store need a copy of it.")
        output.print_line("The one before lies beside it; once no store with the same home uses it, delete it.")


def _read_key(given: str | None) -> bytes | None:
    if given is None:
        return None
    if given == "-":
        return parameters.read_stdin().strip()
    if not given.startswith("@"):
        raise InvalidInput(
            "--new-key takes @FILE, or - for standard input: what stands on the command line others can see",
            code="secret_on_command_line",
            fix="builder",
        )
    try:
        return Path(given[1:]).read_bytes().strip()
    except OSError as error:
        raise InvalidInput(
            f"--new-key: the file {given[1:]!r} cannot be read: {error.strerror}", code="unreadable_file", fix="builder"
        ) from error
