"""``python -m sales_connectors``, and the ``sales-connectors`` command."""

import os
import signal
import sys
from types import FrameType

from .doors.cli import INTERRUPTED_EXIT_CODE, TERMINATED_EXIT_CODE


def main() -> None:
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # who has us ignore it means that
        signal.signal(signal.SIGTERM, _terminate)
    try:
        from .doors.cli.program import program

        program()
    except KeyboardInterrupt:
        _leave(INTERRUPTED_EXIT_CODE)
    except SystemExit as leaving:
        if leaving.code in (INTERRUPTED_EXIT_CODE, TERMINATED_EXIT_CODE):
            _leave(leaving.code)
        raise


def _terminate(number: int, frame: FrameType | None) -> None:
    sys.exit(TERMINATED_EXIT_CODE)


def _leave(code: int) -> None:
    """End without waiting for the requests of other threads, which would hold the process up until they are answered;
    but a token that is being refreshed is kept first, since the one before it is spent."""
    from .auth.errand import wait_for_errands

    try:
        wait_for_errands()
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
