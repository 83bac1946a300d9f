"""``python -m sales_connectors``, and the ``sales-connectors`` command."""

import os
import signal
import sys
from types import FrameType

from .doors.cli import INTERRUPTED_EXIT_CODE, SIGNALLED_EXIT_CODE

ENDING_SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)]
"""What ends a command: somebody's wish, or a terminal that is closed."""


def main() -> None:
    for number in ENDING_SIGNALS:
        if signal.getsignal(number) is signal.SIG_DFL:  # who has us ignore it means that
            signal.signal(number, _terminate)
    try:
        from .doors.cli.program import program

        program()
    except KeyboardInterrupt:
        _leave(INTERRUPTED_EXIT_CODE)
    except SystemExit as leaving:
        if isinstance(leaving.code, int) and leaving.code - SIGNALLED_EXIT_CODE in (signal.SIGINT, *ENDING_SIGNALS):
            _leave(leaving.code)
        raise


def _terminate(number: int, frame: FrameType | None) -> None:
    sys.exit(SIGNALLED_EXIT_CODE + number)


def _leave(code: int) -> None:
    """End without waiting for the requests of other threads, which would hold the process up until they are answered;
    but a token that is being refreshed is kept first, since the one before it is spent, however often we are told."""
    for number in (signal.SIGINT, *ENDING_SIGNALS):
        signal.signal(number, signal.SIG_IGN)
    from .auth.errand import wait_for_errands

    try:
        wait_for_errands()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
