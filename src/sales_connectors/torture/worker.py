"""A process that is tortured: ``python -m sales_connectors.torture.worker``, with its orders on standard input."""

from importlib import import_module

from .processes import Desk


def main() -> None:
    desk = Desk()
    module, _, job = desk.spec["job"].partition(":")
    getattr(import_module(f".{module}", __package__), job)(desk.open())


if __name__ == "__main__":
    main()
