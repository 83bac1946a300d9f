"""What one trial has shown."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Report:
    """A promise, how it was tried, what was counted, and where it was broken; an empty list is a proof."""

    promise: str
    trial: Mapping[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0
    began: float = field(default_factory=time.monotonic, repr=False)

    @property
    def proven(self) -> bool:
        return not self.broken

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note what is broken where something does not hold."""
        if not holds:
            self.broken.append(otherwise)

    def ended(self) -> "Report":
        self.seconds = round(time.monotonic() - self.began, 1)
        return self

    def as_json(self) -> dict[str, Any]:
        return {
            "promise": self.promise,
            "proven": self.proven,
            "trial": dict(self.trial),
            "facts": self.facts,
            "broken": self.broken,
            "seconds": self.seconds,
        }
