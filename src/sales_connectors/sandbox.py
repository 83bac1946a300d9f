"""The old name of :mod:`.imitation`; its names are still here, with a warning."""

import warnings
from typing import Any

from . import imitation


def __getattr__(name: str) -> Any:
    if name not in imitation.__all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        f"sales_connectors.sandbox.{name} is sales_connectors.imitation.{name} now", DeprecationWarning, stacklevel=2
    )
    return getattr(imitation, name)
