"""Locales to choose from, which are time zones."""

from importlib.resources import files
from typing import Any

from sales_connectors.sdk import Context, Inputs, Option, Pages, Picklist


def select_locale(ctx: Context, inputs: Inputs) -> Picklist:
    """Every time zone of the IANA database, as the package tzdata carries it; the service has no list of them."""

    def zones(cursor: int = 1) -> Any:
        return files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()

    return Picklist(
        pages=Pages(
            fetch=zones,
            first=1,
            items=lambda names: names,
            after=lambda names, cursor: None,
            whole=lambda names: names,
            asked=zones,
            total=len,
        ),
        options=lambda names: [Option(zone, zone) for zone in names if zone != "Factory"],
    )
