"""What one trial has shown."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


class TrialAborted(Exception):
    """A trial that could not be ended, so that nothing is proven."""


@dataclass
class Report:
    """A promise, how it was tried, what was counted, and where it was broken; an empty list is a proof."""

    promise: str
    trial: Mapping[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.broken

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note what is broken where something does not hold."""
        if not holds:
            self.broken.append(otherwise)

    @contextmanager
    def measure(self) -> Iterator[None]:
        """The trial itself; one that breaks off has broken the promise."""
        began = time.monotonic()
        try:
            yield
        except TrialAborted as broken:
            self.broken.append(str(broken))
        finally:
            self.seconds = round(time.monotonic() - began, 1)

    def as_json(self) -> dict[str, Any]:
        return {
            "promise": self.promise,
            "proven": self.passed,
            "trial": dict(self.trial),
            "facts": self.facts,
            "broken": self.broken,
            "seconds": self.seconds,
        }

    def as_text(self) -> str:
        lines = [self.promise, f"Tried with {describe_trial(self.trial)}; {self.seconds:.0f} s."]
        for name, counted in self.facts.items():
            lines += ["", f"{name}:", *(f"  {value:>8}  {fact}" for fact, value in counted.items())]
        verdict = ["Proven."] if self.passed else ["BROKEN:", *(f"  {broken}" for broken in self.broken)]
        return "\n".join([*lines, "", *verdict])


def describe_trial(trial: Mapping[str, Any]) -> str:
    """How it was tried, in a line."""
    return ", ".join(f"{name}: {value:g}" for name, value in trial.items())
