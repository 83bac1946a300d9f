"""The version of this package; its metadata is read from here."""

__version__ = "0.1.0"
USER_AGENT = f"sales-connectors/{__version__}"
