"""Tags to choose from."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from sales_connectors.sdk import Context, Inputs, Pages, Picklist, format_name

from ._lists import build_picklist

PATH = "/v2/tags"


def select_tag(ctx: Context, inputs: Inputs) -> Picklist:
    """Every tag."""
    return build_picklist(ctx, PATH, format_name, search=_build_search(ctx))


def select_tag_value(ctx: Context, inputs: Inputs) -> Picklist:
    """The same by name, by which records carry a tag."""

    def find(names: Iterable[str]) -> Iterator[Any]:
        for wanted in names:
            yield from ctx.pages(PATH, {"search": wanted}).every_item()

    return build_picklist(ctx, PATH, format_name, key="name", search=_build_search(ctx), find=find)


def _build_search(ctx: Context) -> Callable[[str], Pages]:
    return lambda text: ctx.pages(PATH, {"search": text})
