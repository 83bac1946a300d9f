"""Numbers that somebody gives a sandbox to play with."""

from math import isfinite
from typing import Any


def check_number(name: str, given: Any, *, least: float, most: float) -> float:
    """A number within bounds; a ValueError names it where it is none."""
    try:
        number = float("nan") if isinstance(given, bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not isfinite(number) or not least <= number <= most:
        raise ValueError(f"{name} must be a number from {least:g} to {most:g}, given: {str(given)[:40]}")
    return number


def check_integer(name: str, given: Any, *, least: int, most: int) -> int:
    """The same for whole numbers."""
    number = check_number(name, given, least=least, most=most)
    if number != int(number):
        raise ValueError(f"{name} must be a whole number, given: {str(given)[:40]}")
    return int(number)
