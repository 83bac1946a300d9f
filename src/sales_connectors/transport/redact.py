"""Keep secrets out of everything that is shown: by value, however it is written, and by name."""

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from ..errors import SalesError

HIDDEN = "***"

MIN_SECRET_LENGTH, MIN_BASE64_LENGTH = 4, 6
"""Characters that a secret, or what base64 leaves of it, has at least; shorter ones stand in every other word."""

SECRET_NAMES = re.compile(
    r"(authorization|cookie|token|secret|password|passwd|api[-_]?key|apikey|credential|private[-_]?key|signature)"
    r"|^(code|code_verifier|assertion|refresh|access)$",
    re.IGNORECASE,
)
"""Names whose values are secrets, wherever they stand."""

PUBLIC_NAMES = re.compile(r"(url|type)$", re.IGNORECASE)
"""Names that only sound like a secret: tokenUrl, token_type."""

SECRET_PAIRS = re.compile(
    r"""((?:authorization|cookie|token|secret|passw(?:or)?d|api[-_]?key|credentials?|private[-_]?key"""
    r"""|signature|code_verifier)\\?["']?\s*[=:]\s*\\?["']?(?:bearer\s+|basic\s+)?)([^\s"'&,;}\\]+)""",
    re.IGNORECASE,
)
"""The same in text: a telling name and what follows it."""

ERROR_CODE = re.compile(r"[a-z]{2,20}(_[a-z]{2,20}){0,4}|\d{1,5}")
"""A ``code`` that names an error, which the reader needs; one of OAuth is long and random."""


PROSE = re.compile(r"(?:token|signature|credentials?|authorization): [A-Za-z]{1,12}", re.IGNORECASE)
"""Such a name in a sentence, and the word that goes on with it: ``refused a token: The refresh token is unknown``."""

MAX_SHOWN_CHARACTERS = 2000
"""Characters that are shown of a page where JSON belongs."""


class Redactor:
    """Replaces every secret that it was told, plain and encoded; the longest first, so that none survives in part."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= MIN_SECRET_LENGTH for form in encode_secret(secret)}
        longest_first = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
        # it looks ahead, so that two secrets that overlap in a text are both found
        self._pattern = re.compile(f"(?=({longest_first}))") if forms else None

    def text(self, text: str) -> str:
        """Text without the known secrets, and without what follows a telling name."""
        return SECRET_PAIRS.sub(_hide_pair, self._hide_secrets(text))

    def _hide_secrets(self, text: str) -> str:
        kept, end = [], 0
        for found in self._pattern.finditer(text) if self._pattern else ():
            if found.start() >= end:
                kept += [text[end : found.start()], HIDDEN]
            end = max(end, found.end(1))
        return "".join([*kept, text[end:]])

    def value(self, value: Any, name: str = "") -> Any:
        """A value of any shape without secrets."""
        if name and SECRET_NAMES.search(name) and value is not None and not isinstance(value, Mapping | list):
            return self.value(value) if name == "code" and ERROR_CODE.fullmatch(str(value)) else HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item, str(key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value


def redact_error(error: SalesError, redactor: Redactor) -> None:
    """No secret leaves in an error, even where the service echoes one."""
    error.message = redactor.text(error.message)
    error.args = (error.message,)
    error.code = redactor.text(error.code)
    error.request_id = error.request_id and redactor.text(error.request_id)
    error.vendor = redactor.value(error.vendor)
    if isinstance(error.vendor, str):
        error.vendor = error.vendor[:MAX_SHOWN_CHARACTERS]
    error.fields = [
        {**fault, "path": redactor.text(fault["path"]), "message": redactor.text(fault["message"])}
        for fault in error.fields
    ]


def _hide_pair(match: re.Match[str]) -> str:
    return match[0] if PROSE.fullmatch(match[0]) else match[1] + HIDDEN


def encode_secret(secret: str) -> set[str]:
    """The forms in which a secret travels: plain, in a URL, in a page, in JSON, in base64 at any offset."""
    forms = {secret, html.escape(secret), repr(secret)[1:-1]}
    for text in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        forms |= {text, text.replace("/", "\\/")}
    quoted = {quote(secret, safe=""), quote(secret), quote_plus(secret)}
    forms |= quoted | {re.sub("%..", lambda escape: escape[0].lower(), form) for form in quoted}
    for raw in (secret.encode("utf-8", "surrogatepass"), secret.encode("latin-1", "replace")):
        forms |= _encode_base64(raw)
    return {form for form in forms if len(form) >= MIN_SECRET_LENGTH}


def _encode_base64(raw: bytes) -> set[str]:
    """Base64 depends on where the secret starts within three bytes; what its neighbours touch is cut off."""
    forms = set()
    for offset in range(3):
        padded = b"\0" * offset + raw
        for encode in (b64encode, urlsafe_b64encode):
            text = encode(padded).decode().rstrip("=")
            core = text[(0, 2, 3)[offset] : len(text) - (1 if len(padded) % 3 else 0)]
            forms |= {core, quote(core, safe="")} if len(core) >= MIN_BASE64_LENGTH else set()
    return forms


def find_secrets(value: Any, name: str = "") -> Iterable[str]:
    """Every secret in connection fields, a token or a reply: what a telling name holds."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from find_secrets(item, str(key))
    elif isinstance(value, list):
        for item in value:
            yield from find_secrets(item, name)
    elif isinstance(value, str) and SECRET_NAMES.search(name) and not _is_public(name, value):
        yield value


def _is_public(name: str, value: str) -> bool:
    """Whether a name only sounds like a secret, or holds the code of an error."""
    return bool(PUBLIC_NAMES.search(name) or (name == "code" and ERROR_CODE.fullmatch(value)))
