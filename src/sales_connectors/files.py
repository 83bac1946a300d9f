"""Files that nobody ever sees half written: the content goes into a draft, and the draft takes the file's name."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self


class Draft:
    """An empty file beside the one that it is to become; it is gone when the ``with`` ends.

    It is made at once, so that a folder that takes no file is found out before work is done that could not be kept.
    """

    def __init__(self, target: Path, mode: int = 0o600) -> None:
        self._target = target
        self._path = target.with_name(f".{target.name}-{os.urandom(4).hex()}")
        os.close(os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._path.unlink(missing_ok=True)

    def replace(self, content: bytes) -> None:
        """Put the content in the place of the file."""
        self._write(content)
        os.replace(self._path, self._target)

    def link(self, content: bytes) -> bool:
        """Make the file; False where somebody else was first, whose file stays."""
        self._write(content)
        try:
            os.link(self._path, self._target)
        except FileExistsError:
            return False
        return True

    def _write(self, content: bytes) -> None:
        with self._path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
