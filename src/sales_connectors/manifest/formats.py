"""The formats of our schemas.  Both validators ask these functions, so that they cannot disagree."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

DATE_TIME_PATTERN = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

_WORD = r"[^\s@<>(),;:\\\"\[\]\x00-\x1f\x7f]"
_LABEL = _WORD.replace("[^", r"[^.")
EMAIL_PATTERN = re.compile(rf"{_WORD}{{1,64}}@{_LABEL}+(\.{_LABEL}+)*")
"""What services take as an address: more than the RFC's letter where people really have such addresses, but no names,
lists or quoted parts."""


def is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(
        re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII) and _is_real_date(value)
    )


def is_date_time(value: object) -> bool:
    """A time with its zone.  Leap seconds and the year 0 are refused: hardly a service could store them (inferred)."""
    return not isinstance(value, str) or bool(DATE_TIME_PATTERN.fullmatch(value) and _is_real_date(value))


def is_email(value: object) -> bool:
    return not isinstance(value, str) or bool(EMAIL_PATTERN.fullmatch(value))


FORMATS: Mapping[str, Callable[[object], bool]] = {"date": is_date, "date-time": is_date_time, "email": is_email}


def _is_real_date(text: str) -> bool:
    """Whether there is such a day, hour and zone."""
    # fromisoformat takes microseconds at the most; the digits behind them do not make a time wrong
    shortened = re.sub(r"(\.\d{6})\d+", r"\1", text.upper())
    try:
        datetime.fromisoformat(shortened) if "T" in shortened else date.fromisoformat(shortened)
    except ValueError:
        return False
    return not re.search(r"T24|[+-]\d\d:[6-9]\d$", shortened)
