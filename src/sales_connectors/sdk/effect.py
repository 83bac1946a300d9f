"""What an action does to the records of a service."""

from enum import StrEnum


class Effect(StrEnum):
    """Retries, dry runs, idempotency keys and the hints to agents follow from it."""

    READ = "read"
    CREATE = "create"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"
    ANY = "any"
    """What the inputs say, as in a raw request; it is repeated as its method allows."""

    @property
    def is_read_only(self) -> bool:
        """Whether nothing is changed."""
        return self is Effect.READ

    @property
    def is_destructive(self) -> bool:
        """Whether something that was there may be gone afterwards: a record, or what one of its fields held."""
        return self not in (Effect.READ, Effect.CREATE)

    @property
    def is_idempotent(self) -> bool:
        """Whether doing it twice leaves what doing it once does, so that a failed call may be repeated."""
        return self not in (Effect.CREATE, Effect.ANY)
