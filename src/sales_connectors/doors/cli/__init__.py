"""The command line: a door that reads the manifests and calls the runtime.  It knows no component and no action."""

PROGRAM_NAME = "sales-connectors"
INTERRUPTED_EXIT_CODE = 130
"""The exit code after Ctrl-C, as a shell reports it."""
SIGNALLED_EXIT_CODE = 128
"""The exit code after another signal is this and its number."""
