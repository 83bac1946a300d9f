"""``python -m sales_connectors``, and the ``sales-connectors`` command."""

import os
import sys

from .doors.cli import INTERRUPTED_EXIT_CODE


def main() -> None:
    try:
        from .doors.cli.program import program

        program()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED_EXIT_CODE)
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED_EXIT_CODE:
            # requests that other threads still wait for would hold the process up until they are answered
            os._exit(INTERRUPTED_EXIT_CODE)
        raise


if __name__ == "__main__":
    main()
