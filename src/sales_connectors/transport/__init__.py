"""The only code that speaks HTTP: signing, budget, retry, timeouts, debug and redaction."""

from .client import Client
from .request import Reply

__all__ = ["Client", "Reply"]
