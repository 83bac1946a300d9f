"""Proof by force: what the connection, the budget, creates and picklists promise, tried until it would have broken.

Each of the modules ``refresh``, ``signals``, ``forks``, ``reconnects``, ``budget``, ``creates``, ``cuts`` and
``pickers`` has one function ``run(…) -> Report``.  They let real processes with threads loose on a sandbox that runs in
a process of its own, kill some of them, and count what the sandbox saw.  Nothing in the rest of the package knows of
this one: who shall die at a certain step has that step patched in its own process.
"""

from .report import Report

__all__ = ["Report"]
