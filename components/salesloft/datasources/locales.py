"""Locales to choose from, which are time zones."""

from importlib.resources import files

from sales_connectors.sdk import Context, Inputs, Option, Pages, Picklist


def select_locale(ctx: Context, inputs: Inputs) -> Picklist:
    """Every time zone of the IANA database, as the package tzdata carries it; the service has no list of them."""
    return Picklist(pages=Pages.single(read_zones), options=lambda names: [Option(name, name) for name in names])


def read_zones() -> list[str]:
    """The names of the zones; a machine whose zone nobody has set is in ``Factory``, and nobody lives there."""
    names = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return [name for name in names if name != "Factory"]
