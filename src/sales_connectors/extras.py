"""Libraries that only some installations have."""

from importlib import import_module

from .errors import ConfigurationError

EXTRAS = {"sandbox": ("starlette", "uvicorn"), "jq": ("jq",), "testing": ("pytest", "responses")}
"""What each extra brings; that of the store is its own to look for."""


def require_extra(name: str) -> None:
    """Say how to install what is missing, before anything is done without it."""
    for library in EXTRAS[name]:
        try:
            import_module(library)
        except ModuleNotFoundError as missing:
            raise ConfigurationError(
                f"{missing.name} is not installed. Install the extra: pip install 'sales-connectors[{name}]'",
                code="missing_extra",
            ) from missing
