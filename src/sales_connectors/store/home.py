"""Where the store and its key lie when nobody says otherwise."""

import os
from pathlib import Path

from ..errors import ConfigurationError


def find_home_folder() -> Path:
    """``SALES_CONNECTORS_HOME``, or the folder that the platform has for a user's data."""
    given = os.environ.get("SALES_CONNECTORS_HOME")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_data_path

    return user_data_path("sales-connectors", appauthor=False)


def find_store_url(home: Path) -> str:
    """``SALES_CONNECTORS_STORE``, or a SQLite file in the home folder."""
    return os.environ.get("SALES_CONNECTORS_STORE") or f"sqlite:///{(home / 'store.db').absolute()}"


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


def close_to_others(file: Path) -> None:
    """Take a secret file away from everybody but its owner; a warning where that cannot be done."""
    if os.name != "posix" or not file.stat().st_mode & 0o077:
        return
    import warnings

    try:
        file.chmod(0o600)
        done = "others could read it, and cannot any more"
    except OSError:
        done = "others can read it; make it readable for its owner alone"
    warnings.warn(f"{file} holds the key of the store: {done}", RuntimeWarning, stacklevel=2)
