"""Text that can be sent and kept: Python's may hold halves of characters."""


def has_lone_surrogates(text: str) -> bool:
    """Whether half a character stands in a text, which cannot be sent or kept."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def can_be_kept(text: str) -> bool:
    """Whether every database takes the text: whole characters, and none of them NUL."""
    return "\0" not in text and not has_lone_surrogates(text)
