"""The command line: a door that reads the manifests and calls the runtime.  It knows no component and no action."""

INTERRUPTED_EXIT_CODE = 130
"""The exit code after Ctrl-C, as a shell reports it."""
TERMINATED_EXIT_CODE = 143
"""The exit code after SIGTERM."""
