"""Where the store and its key lie when nobody says otherwise."""

import os
from pathlib import Path
from urllib.parse import quote

from ..errors import ConfigurationError


def find_home_folder() -> Path:
    """``SALES_CONNECTORS_HOME``, or the folder that the platform has for a user's data."""
    given = os.environ.get("SALES_CONNECTORS_HOME")
    try:
        if given:
            return Path(given).expanduser().absolute()
        from platformdirs import user_data_path

        # An older platformdirs leaves a "~" that has no meaning: expanding it says so.
        return user_data_path("sales-connectors", appauthor=False).expanduser().absolute()
    except (RuntimeError, OSError) as error:  # a user without a home folder, or in a folder that is gone
        raise ConfigurationError(
            f"There is no folder for the store: {_describe_lack(given)}. Name one in SALES_CONNECTORS_HOME, from its"
            " root on",
            code="store_address",
        ) from error


def find_store_url(home: Path) -> str:
    """``SALES_CONNECTORS_STORE``, or a SQLite file in the home folder."""
    return os.environ.get("SALES_CONNECTORS_STORE") or f"sqlite:///{quote(os.fsencode(home / 'store.db'))}"


def _describe_lack(given: str | None) -> str:
    return f"{given!r} leads nowhere" if given else "this user has no home folder"


def make_folder(folder: Path) -> None:
    """Make a folder that only its owner can look into; one that exists is left as it is."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The folder {folder} cannot be made: {error.strerror}. Make it writable, or name another one in"
            " SALES_CONNECTORS_HOME",
            code="store_unwritable",
        ) from error
