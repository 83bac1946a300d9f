"""Doors: they read the manifests and call what lies below; none of them knows a component or an action."""
