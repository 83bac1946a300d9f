"""``completion``: teach a shell our names."""

import os
from pathlib import Path

import click

from .. import PROGRAM_NAME, output

SHELLS = ("bash", "zsh", "fish")


@click.command(
    epilog="""\b
Examples:
  eval "$(sales-connectors completion bash)"                                      in ~/.bashrc
  eval "$(sales-connectors completion zsh)"                                       in ~/.zshrc
  sales-connectors completion fish > ~/.config/fish/completions/sales-connectors.fish"""
)
@click.argument("shell", type=click.Choice(SHELLS), required=False)
def command(shell: str | None) -> None:
    """Print the script that completes commands, components, actions, picklists, inputs, kept connections and files.

    Without SHELL, for the shell that SHELL in the environment names.
    """
    from click.shell_completion import get_completion_class

    from ..bash_completion import register
    from ..program import COMPLETION_VARIABLE, program

    register()

    chosen = shell or Path(os.environ.get("SHELL", "")).name
    completion = get_completion_class(chosen) if chosen in SHELLS else None
    if completion is None:
        raise click.UsageError(f"Name a shell: {', '.join(SHELLS)}")
    script = completion(program, {}, PROGRAM_NAME, COMPLETION_VARIABLE)
    output.print_line(script.source())
