"""Files that nobody ever sees half written: the content goes into a draft, and the draft takes the file's name.

And files with secrets, which nobody else sees at all.
"""

import errno
import os
import sys
from io import FileIO
from pathlib import Path
from stat import S_IMODE, S_ISREG, S_ISVTX, S_IWOTH
from types import TracebackType
from typing import Self


class Draft:
    """An empty file beside the one that it is to become; it is gone when the ``with`` ends.

    It is made at once, so that a folder that takes no file is found out before work is done that could not be kept.
    OSError too where what has the name is no file.
    """

    def __init__(self, target: Path, mode: int = 0o600) -> None:
        check_replaceable(target)
        self._target = target
        # part of the name: the whole of a long one leaves no room for more
        self._path = target.with_name(f".{target.name[:40]}-{os.urandom(4).hex()}")
        # kept open: in a folder of many, the name could lead elsewhere by the time that we write
        self._file = open(self._path, "xb", 0, opener=lambda path, flags: os.open(path, flags, mode))  # noqa: SIM115

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave nothing behind, unless it has the file's name by now."""
        self._file.close()
        self._path.unlink(missing_ok=True)

    def prepare(self, size: int, owner: int | None) -> None:
        """Prove that so many bytes will find room, in a file of this user where one is named: else OSError."""
        if owner is not None and os.fstat(self._file.fileno()).st_uid != owner:
            os.fchown(self._file.fileno(), owner, -1)
        write_whole(self._file, os.urandom(size))  # no file system makes less of it
        os.fsync(self._file.fileno())

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
        with self._file as file:
            write_whole(file, content)
            file.truncate(len(content))
            os.fsync(file.fileno())


def check_replaceable(path: Path) -> None:
    """OSError where what has the name is no file, such as a device or a pipe, which another must not take."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no regular file", str(path))


def write_whole(file: FileIO, content: bytes) -> None:
    """Write all of it from the beginning of the file on; what stood behind it stays."""
    file.seek(0)
    left = memoryview(content)
    while left:
        left = left[file.write(left) :]


def protect_secrets(path: Path) -> str | None:
    """Let nobody but its owner read a file with secrets; what to tell its owner, where others could.

    A file that is another user's, or on a disk that cannot be written, is only told of.
    """
    if sys.platform == "win32":
        return None
    about = os.stat(path)
    mode = S_IMODE(about.st_mode)
    if not S_ISREG(about.st_mode) or not mode & 0o077:
        return None
    try:
        os.chmod(path, mode & 0o700)
        return f"Other users could read {path}, which holds secrets; now only its owner can"
    except OSError:
        return f"Other users can read {path}, which holds secrets. Let nobody but its owner: chmod 600"


def shut_out_strangers(file: Path) -> list[str]:
    """Let nobody beyond its group read or write a file, nor replace it; what to tell its owner, where others could.

    The folder may be somebody else's for good reasons, so that it is only told of.
    """
    if sys.platform == "win32":
        return []
    told, folder, mode = [], file.parent, os.stat(file).st_mode
    if S_ISREG(mode) and mode & 0o007:
        try:
            os.chmod(file, S_IMODE(mode) & 0o770)
            told.append(f"Every user could read or write {file}; now only its owner and its group can")
        except OSError:
            told.append(f"Every user can read or write {file}. Let only its owner: chmod 600")
    if os.stat(folder).st_mode & (S_IWOTH | S_ISVTX) == S_IWOTH:
        told.append(
            f"Every user can replace what lies in {folder}, a store and its key too. Let only its owner: chmod 700"
        )
    return told
