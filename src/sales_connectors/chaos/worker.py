"""A process that is tortured: ``python -m sales_connectors.chaos.worker``, with its orders on standard input."""

from importlib import import_module

from .processes import Worker


def main() -> None:
    desk = Worker()
    module, _, job = desk.spec["job"].partition(":")
    getattr(import_module(f".{module}", __package__), job)(desk.open())


if __name__ == "__main__":
    main()
