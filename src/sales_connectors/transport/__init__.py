"""The only code that speaks HTTP: signing, budget, retry, timeouts, debug and redaction."""

from ..sdk.request import Response
from .client import Client

__all__ = ["Client", "Response"]
