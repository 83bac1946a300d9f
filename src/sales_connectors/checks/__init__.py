"""Hold a component against itself: its manifest, its handlers and its schemas, problem by problem, by file and line."""

from .document import Problem
from .manifest import check

__all__ = ["Problem", "check"]
