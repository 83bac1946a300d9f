"""The manifest of a component: what exists, who handles it, and which form it takes."""

from .component import Component, Entry, load_component, load_components
from .forms import Form

__all__ = ["Component", "Entry", "Form", "load_component", "load_components"]
