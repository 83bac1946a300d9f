"""Who holds a lease, and whether they are surely dead.

Every lease ends by itself.  Where the owner was a process of this machine that is gone, nobody has to wait for that.
"""

import os
import secrets
from functools import cache
from pathlib import Path

from ..clock import Clock

PROC = Path("/proc")


def create_owner() -> str:
    """A name for one lease of this process, never used twice."""
    return f"{_identify_machine() or 'elsewhere'} {os.getpid()} {_read_start_time(os.getpid())} {secrets.token_hex(8)}"


def name_clock() -> str:
    """How moments begin that were noted on the clock of this machine which never jumps; one that cannot be told from
    others has none."""
    machine = _identify_machine()
    return f"{machine} " if machine else f"{secrets.token_hex(8)} "


def note_moment(clock: Clock) -> str:
    """This moment, as every process of this machine reads it until the machine starts anew."""
    return f"{name_clock()}{clock.monotonic()}"


def count_seconds_since(moment: str | None, clock: Clock) -> float | None:
    """Seconds since a moment that was noted; None where it was on another clock."""
    begins = name_clock()
    return clock.monotonic() - float(moment[len(begins) :]) if moment and moment.startswith(begins) else None


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


@cache
def _identify_machine() -> str:
    """This start of this machine, and its table of process numbers: containers have tables of their own."""
    try:
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink(PROC / 'self/ns/pid')}"
    except OSError:
        return ""


def _read_start_time(pid: int) -> str:
    """When a process started, since numbers are used again; a dead one that nobody has buried counts as another."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "ended" if fields[0] in "ZX" else fields[19]
