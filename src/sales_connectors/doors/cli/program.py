"""The program: which commands there are, and how whatever goes wrong leaves it."""

import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import Any

import click

from ...errors import InternalError, InvalidInput, SalesError, find_lack, hide_tokens, suggest_name
from ...version import __version__
from . import INTERRUPTED_EXIT_CODE, PROGRAM_NAME, output
from .formats import asks_for_json
from .summaries import keep_summaries

COMPLETION_VARIABLE = "_SALES_CONNECTORS_COMPLETE"
"""Set by the shell that asks what can stand somewhere."""

SECTIONS: Mapping[str, Sequence[str]] = {
    "Use a component": ("describe", "run", "pick", "poll"),
    "Connections to real accounts": ("connect", "connections", "store"),
    "Without an account": ("demo", "sandbox"),
    "Build components": ("new", "check", "docs"),
    "Your shell": ("completion",),
}
COMMANDS = [name for names in SECTIONS.values() for name in names]


class Program(click.Group):
    """The group of all commands; the module of each is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return COMMANDS

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f".commands.{cmd_name}", __package__).command
        return keep_summaries(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not ctx.resilient_parsing:
            raise click.UsageError(f"There is no command {args[0]!r}.{suggest_name(args[0], COMMANDS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, command.get_short_help_str()) for name, command in commands if command])

    def main(self, args: Sequence[str] | None = None, *others: Any, **extra: Any) -> Any:
        words = list(sys.argv[1:] if args is None else args)
        extra = {**extra, "prog_name": PROGRAM_NAME, "standalone_mode": False}
        sys.exit(self._run_to_exit_code(words, extra))

    def _run_to_exit_code(self, words: list[str], extra: Mapping[str, Any]) -> int:
        """Run the command; whatever goes wrong is shown as one object and one line, and no traceback."""
        try:
            return self._run(words, extra)
        except click.Abort as abort:
            output.print_notes(abort.__cause__)
            return INTERRUPTED_EXIT_CODE
        except SystemExit as leaving:
            output.print_notes(leaving)
            raise
        except output.PipeClosed:
            return output.PIPE_CLOSED_EXIT_CODE
        except output.ErrorAfterResult as late:
            return output.complain(late.error)
        except Exception as error:
            return output.fail(as_sales_error(error), as_json=asks_for_json(words))

    def _run(self, words: list[str], extra: Mapping[str, Any]) -> int:
        output.open_standard_streams()
        _check_text(words)
        if COMPLETION_VARIABLE in os.environ:
            from . import bash_completion

            bash_completion.register()
        styles: dict[str, Any] = {"color": None if output.shows_styles(sys.stdout) else False}
        with _watch_library(), _show_warnings():
            code = super().main(words, **extra, **styles)
        output.flush()
        return code if isinstance(code, int) else 0


@contextmanager
def _watch_library() -> Iterator[None]:
    """What click prints by itself, such as help, goes through no function of ours."""
    try:
        yield
    except SystemExit as leaving:
        if _is_by_library(leaving):  # its way to say that nobody reads any more
            raise output.PipeClosed from leaving
        raise
    except OSError as error:
        if _is_by_library(error):
            with output.watch_stdout():
                raise
        raise


def _is_by_library(raised: BaseException) -> bool:
    return Path(extract_tb(raised.__traceback__)[-1].filename).parent == Path(click.__file__).parent


@contextmanager
def _show_warnings() -> Iterator[None]:
    """Warnings as lines for people, where those of Python name a line of code."""
    with warnings.catch_warnings():
        warnings.filterwarnings("default", r".* is deprecated: use ", DeprecationWarning)
        warnings.showwarning = lambda message, *others: output.warn(str(message))
        yield


def as_sales_error(error: Exception) -> SalesError:
    """Any exception as an error of the one tree."""
    if isinstance(error, SalesError):
        return error
    if isinstance(error, click.ClickException):
        return _usage_error(error)
    where = output.format_location(error)
    return find_lack(error) or InternalError(
        f"{type(error).__name__} in {where}: a defect of sales-connectors; please report it"
    )


def _usage_error(error: click.ClickException) -> InvalidInput:
    context = getattr(error, "ctx", None)
    path = context.command_path if context else PROGRAM_NAME
    message = hide_tokens(error.format_message())
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and isinstance(error.ctx.command, click.Group):
        message = f"A command is missing: {', '.join(error.ctx.command.list_commands(error.ctx))}."
    end = "" if message.endswith((".", "?")) else "."
    return InvalidInput(f"{message}{end}{_hint_at_input(error)} See: {path} --help", code="usage", fix="maintainer")


def _hint_at_input(error: click.ClickException) -> str:
    """For who took the inputs of an action for options."""
    from .form_command import FormCommand

    context = getattr(error, "ctx", None)
    takes_input = context is not None and isinstance(context.command, FormCommand)
    is_unknown = isinstance(error, click.NoSuchOption) and takes_input
    return """ Inputs are given as name=value, or as JSON: --input '{"name": value}'.""" if is_unknown else ""


def _check_text(words: Sequence[str]) -> None:
    """Bytes that are no text would break somewhere further in, or be sent as something else."""
    for word in words:
        if not word.isascii() and word.encode("utf-8", "replace").decode() != word:
            shown = word.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
            raise click.UsageError(f"{shown[:60]!r} is not UTF-8 text.")


@click.command(
    cls=Program,
    name=PROGRAM_NAME,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="""\b
Try it without an account:
  sales-connectors demo
\b
  sales-connectors sandbox zendesk-sell --connect play
  sales-connectors describe zendesk-sell createDeal
  sales-connectors run zendesk-sell listDeals hot=true
  sales-connectors pick zendesk-sell selectStage --query won
  sales-connectors sandbox --stop play

\b
At a terminal, results are tables and text; elsewhere, and with --json, JSON:
  sales-connectors run zendesk-sell getDeal id=7 | jq .data.data.name

\b
Exit codes: 0 done; 2 bad input or wrong usage; 3 not signed in, or not
allowed; 4 not found; 5 conflict; 6 rate limited; 7 the service is
unavailable; 8 it answered nonsense; 9 something is set up wrongly; 1 a defect
of ours; 130 interrupted; 141 nobody read the output; 143 terminated.

\b
Environment:
  SALES_CONNECTORS_CONNECTION  used where no --connection is named; else the
                               component's only or default one
  SALES_CONNECTORS_HOME        folder of the store and its key; else the
                               user's data folder
  SALES_CONNECTORS_STORE       URL of the store, such as postgresql://…; else
                               a SQLite file
  SALES_CONNECTORS_KEY         key of the secrets in the store; else a file in
                               the home folder
  NO_COLOR                     set to anything: no colours
""",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def program(ctx: click.Context) -> None:
    """Connectors for sales systems: run typed actions and fill picklists over one connection.

    Results go to standard output and nothing else does.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
