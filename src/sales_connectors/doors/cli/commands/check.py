"""``check``: hold a manifest against its files, or a store against what it promises."""

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from ....extras import require_extra
from .. import completion, options, output

if TYPE_CHECKING:
    from ....checks import Problem


COMPONENT_ARGUMENT = click.Argument(["component"])
CROWD, TIMES = click.IntRange(1, 1000), click.IntRange(0, 100_000)
"""How many processes or threads there may be, and how often something may happen."""


class CheckGroup(click.Group):
    """``check [COMPONENT]`` is short for ``check register [COMPONENT]``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["register", *args])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        return [
            *super().shell_complete(ctx, incomplete),
            *completion.complete_components(ctx, COMPONENT_ARGUMENT, incomplete),
        ]


@click.command(
    cls=CheckGroup,
    epilog="""\b
Examples:
  sales-connectors check
  sales-connectors check zendesk-sell
  sales-connectors check refresh --store postgresql://me@host/database""",
)
def command() -> None:
    """Hold manifests against their files (check [COMPONENT]), or a store against its promises (check refresh)."""


@command.command("register")
@options.maybe_component
@options.as_json
def check_manifests(component: str | None, as_json: bool) -> None:
    """Hold the manifest of a component, or of all, against its handlers and schemas.

    Each problem is a line, file:line: message; the exit code is 9 if there is one.
    """
    from .... import manifest
    from ....checks import check

    keys = [component] if component else [found.key for found in manifest.load_components()]
    problems = [problem for key in keys for problem in check(key)]
    if problems:
        _report_problems(problems, as_json)
    if output.wants_json(as_json):
        return output.print_json({"checked": keys, "problems": []})
    output.print_line(f"{', '.join(keys)}: no problems")


@command.command(
    epilog="""\b
Examples:
  sales-connectors check refresh
  sales-connectors check refresh --store postgresql://me@host/database --processes 4 --expiries 10 --kills 6"""
)
@click.option("--store", metavar="URL", help="The store to try, with its key as it is; else an empty one, SQLite.")
@click.option("--processes", type=CROWD, default=16, show_default=True)
@click.option("--threads", type=CROWD, default=8, show_default=True, help="In each process.")
@click.option(
    "--expiries", type=click.IntRange(1, TIMES.max), default=100, show_default=True, help="How often the token ends."
)
@click.option("--kills", type=TIMES, default=24, show_default=True, help="How often a process dies.")
@options.as_json
def refresh(store: str | None, processes: int, threads: int, expiries: int, kills: int, as_json: bool) -> int:
    """Prove that one refresh serves everybody.

    Processes and threads that share a store use a connection to a sandbox whose tokens live for two seconds; then some
    of them are killed. The exit code is 0 if of all that see a token end exactly one calls the token endpoint, at most
    one more for each kill, and no call fails.
    """
    require_extra("sandbox")
    from ....chaos import refresh
    from ....chaos.stores import open_store

    with open_store(store) as (url, home):
        report = refresh.run(url, home=home, processes=processes, threads=threads, expiries=expiries, kills=kills)
    if output.wants_json(as_json):
        output.print_json(report.as_json())
    else:
        output.print_line(report.as_text())
    return 0 if report.passed else 1


def _report_problems(problems: "list[Problem]", as_json: bool) -> None:
    """One line for each problem: the result for people, a message beside the JSON for programs."""
    from ....errors import ConfigurationError

    show = output.print_message if output.wants_json(as_json) else output.print_line
    for problem in problems:
        show(f"{_format_location(problem)}: {problem.message}")
    raise ConfigurationError(
        f"{len(problems)} problem{'' if len(problems) == 1 else 's'} found",
        code="register",
        fix="maintainer",
        fields=[{"path": _format_location(problem), "message": problem.message} for problem in problems],
    )


def _format_location(problem: "Problem") -> str:
    """A path that an editor opens from where we are."""
    return f"{output.shorten_path(problem.file)}:{problem.line}"
