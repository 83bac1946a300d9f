"""Keep secrets out of everything that is shown: by value, however it is written, and by name."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"

NAMES = re.compile(
    r"(authorization|cookie|token|secret|password|passwd|api[-_]?key|apikey|credential|private[-_]?key|signature)"
    r"|^(code|code_verifier|assertion|refresh|access)$",
    re.IGNORECASE,
)
"""Names whose values are secrets, wherever they stand."""

PAIRS = re.compile(
    r"(?i)([\"']?(?:authorization|[\w-]*token|[\w-]*secret|password|api[-_]?key|code_verifier)[\"']?\s*[=:]\s*[\"']?(?:bearer\s+|basic\s+)?)"
    r"([^\s\"'&,;}]+)"
)

ERROR_CODE = re.compile(r"[a-z]{2,20}(_[a-z]{2,20}){0,4}|\d{1,5}")
"""A ``code`` that names an error, which the reader needs; one of OAuth is long and random."""


class Redactor:
    """Replaces every secret that it was told, plain and encoded; the longest first, so that none survives in part."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if secret and len(secret) >= 4 for form in encoded(secret)}
        self._pattern = re.compile("|".join(map(re.escape, sorted(forms, key=len, reverse=True)))) if forms else None

    def text(self, text: str) -> str:
        """Text without the known secrets, and without what follows a telling name."""
        if self._pattern:
            text = self._pattern.sub(HIDDEN, text)
        return PAIRS.sub(lambda match: match[1] + HIDDEN, text)

    def value(self, value: Any, name: str = "") -> Any:
        """A value of any shape without secrets."""
        if name and NAMES.search(name) and value is not None and not isinstance(value, Mapping | list):
            return value if name == "code" and ERROR_CODE.fullmatch(str(value)) else HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item, str(key)) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value


def encoded(secret: str) -> set[str]:
    """The forms in which a secret travels: plain, in a URL, in base64 at any offset, in JSON."""
    forms = {secret, quote(secret, safe=""), quote_plus(secret), secret.encode("unicode_escape").decode()}
    for offset in range(3):
        # base64 depends on where the secret starts within three bytes; what its neighbours touch is cut off
        padded = b"\0" * offset + secret.encode()
        for encode in (b64encode, urlsafe_b64encode):
            text = encode(padded).decode().rstrip("=")
            core = text[(0, 2, 3)[offset] : len(text) - (1 if len(padded) % 3 else 0)]
            if len(core) >= 6:
                forms |= {core, quote(core, safe="")}
    return forms


def secrets_of(value: Any, name: str = "") -> Iterable[str]:
    """Every secret in connection fields or a token: what a telling name holds."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from secrets_of(item, str(key))
    elif isinstance(value, str) and NAMES.search(name):
        yield value
