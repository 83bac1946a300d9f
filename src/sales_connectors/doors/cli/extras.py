"""Libraries that only some installations have."""

from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import ConfigurationError


@contextmanager
def require_extra(name: str) -> Iterator[None]:
    """Say how to install what is missing."""
    try:
        yield
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("sales_connectors"):
            raise
        raise ConfigurationError(
            f"{missing.name} is not installed. Install the extra: pip install 'sales-connectors[{name}]'",
            code="missing_extra",
        ) from missing
