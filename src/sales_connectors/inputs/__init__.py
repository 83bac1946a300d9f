"""What a caller sends, made into what a handler may trust."""

from .accept import accept_inputs

__all__ = ["accept_inputs"]
