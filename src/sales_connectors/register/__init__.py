"""The register of a component: what exists, who handles it, and which form it takes."""

from .component import Component, Entry, component, components
from .forms import Form

__all__ = ["Component", "Entry", "Form", "component", "components"]
