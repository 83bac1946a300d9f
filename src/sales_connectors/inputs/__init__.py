"""What a caller sends, made into what a handler may trust."""

from .accept import accepted

__all__ = ["accepted"]
