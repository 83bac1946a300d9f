"""Text that can be sent, kept and shown: Python's may hold halves of characters, and others' may talk to a terminal."""

import codecs
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

CONTROL_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\U000e0001-\U000e007f]"
)
"""Characters with which a record could play tricks on a terminal, or be read as what it is not."""

HALF_CHARACTERS = re.compile("[\ud800-\udfff]")

ACCENTS = re.compile("[\u0300-\u036f]")
"""Marks on the letters of Latin, Greek and Cyrillic; elsewhere a mark may be a vowel."""


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


def replace_halves(value: Any) -> Any:
    """A value of JSON with the sign for a broken character in the place of every half of a character."""
    if isinstance(value, str):
        return HALF_CHARACTERS.sub("\ufffd", value)
    if isinstance(value, Mapping):
        return {replace_halves(key): replace_halves(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [replace_halves(item) for item in value]
    return value


def fold_text(text: str) -> str:
    """Text as a search compares it: in one case and one normal form, without accents that a keyboard may lack."""
    if text.isascii():
        return text.lower()
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", text.casefold())).replace("\u0131", "i")
    return unicodedata.normalize("NFKC", plain).casefold()


def strip_controls(text: str) -> str:
    """Text of others, without what a terminal would obey."""
    return CONTROL_CHARACTERS.sub("", text)


def escape_controls(text: str) -> str:
    """JSON that says the same, without what a terminal would obey."""
    return CONTROL_CHARACTERS.sub(_escape_character, text) if not text.isascii() or "\x7f" in text else text


def escape_all(text: str) -> str:
    """JSON that says the same in ASCII alone."""
    return re.sub(r"[^\n -~]", _escape_character, text)


def decode_file(content: bytes) -> str:
    """The text of a file, whatever mark an editor or a shell put in front of it; UnicodeError where it is none."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    return content.decode("utf-8-sig")


def _escape_character(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
