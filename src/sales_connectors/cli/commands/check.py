"""``check``: hold a register against its files."""

import os
from typing import TYPE_CHECKING

import click

from .. import options, output

if TYPE_CHECKING:
    from ...register.document import Problem


@click.command(
    epilog="""\b
Examples:
  sales-connectors check
  sales-connectors check zendesk-sell"""
)
@options.maybe_component
@options.as_json
def command(component: str | None, as_json: bool) -> None:
    """Hold the register of a component, or of all, against its handlers and schemas.

    Each problem is a line, file:line: message; the exit code is 9 if there is one.
    """
    from ... import register
    from ...register.check import check

    keys = [component] if component else [found.key for found in register.components()]
    problems = [problem for key in keys for problem in check(key)]
    if problems:
        _refuse(problems, as_json)
    if output.wants_json(as_json):
        return output.print_json({"checked": keys, "problems": []})
    output.print_line(f"{', '.join(keys)}: no problems")


def _refuse(problems: "list[Problem]", as_json: bool) -> None:
    """One line for each problem: the result for people, a message beside the JSON for programs."""
    from ...errors import ConfigurationError

    show = output.tell if output.wants_json(as_json) else output.print_line
    for problem in problems:
        show(f"{_place(problem)}: {problem.message}")
    raise ConfigurationError(
        f"{len(problems)} problem{'' if len(problems) == 1 else 's'} found",
        code="register",
        fix="maintainer",
        fields=[{"path": _place(problem), "message": problem.message} for problem in problems],
    )


def _place(problem: "Problem") -> str:
    """A path that an editor opens from where we are."""
    path = os.path.relpath(problem.file) if problem.file.is_relative_to(os.getcwd()) else str(problem.file)
    return f"{path}:{problem.line}"
