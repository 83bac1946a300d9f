"""Who holds a lease, and whether they are surely dead.

Every lease ends by itself.  Where the owner was a process of this machine that is gone, nobody has to wait for that.
"""

import os
import secrets
from functools import cache
from pathlib import Path

PROC = Path("/proc")


def create_owner() -> str:
    """A name for one lease of this process, never used twice."""
    return f"{_identify_machine() or 'elsewhere'} {os.getpid()} {_read_start_time(os.getpid())} {secrets.token_hex(8)}"


def is_gone(owner: str | None) -> bool:
    """Whether the owner's process has surely ended; False where nobody can know."""
    parts = (owner or "").split(" ")
    if len(parts) != 4 or parts[0] != _identify_machine():
        return False
    pid, started = int(parts[1]), parts[2]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _read_start_time(pid) not in (started, "")


def make_mark(monotonic: float) -> str:
    """This moment, for other processes of this machine: where its clock is set forward or back, this stays."""
    return f"{_identify_boot()} {monotonic!r}"


def measure_since(mark: str | None, monotonic: float) -> list[float]:
    """Seconds since a mark was made; nothing where it was made elsewhere, or before the machine was started anew."""
    boot, _, then = (mark or "").partition(" ")
    return [monotonic - float(then)] if boot and boot == _identify_boot() else []


@cache
def _identify_machine() -> str:
    """This start of this machine, and its table of process numbers: containers have tables of their own."""
    try:
        return f"{_identify_boot()}/{os.readlink(PROC / 'self/ns/pid')}" if _identify_boot() else ""
    except OSError:
        return ""


@cache
def _identify_boot() -> str:
    try:
        return (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _read_start_time(pid: int) -> str:
    """When a process started, since numbers are used again; a dead one that nobody has buried counts as another."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "ended" if fields[0] in "ZX" else fields[19]
