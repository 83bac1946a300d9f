"""Keep secrets out of everything that is shown: by value, however it is written, and by name."""

import html
import json
import re
from base64 import b32encode, b64encode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import takewhile
from typing import Any
from urllib.parse import quote, quote_plus

from ..errors import SalesError

HIDDEN = "***"

MIN_SECRET_LENGTH, MIN_BASE64_LENGTH, MIN_ANY_CASE_LENGTH = 4, 6, 8
"""Characters that a secret, what base64 leaves of it, and one in the other case have at least; shorter ones stand in
every other word."""
MIN_PIECE_LENGTH = 12
"""Characters that a beginning or an end of a secret has at least to be hidden, and half of the secret: services repeat
tokens cut off."""
BREAKS = re.compile(
    r"=\r?\n|\\+[rnt]|<wbr */?>|&(?:shy|#1[03]|#8203|#x(?:[ad]|200b));|[\s\\\x00\u00ad\u200b-\u200d\u2060\ufeff]",
    re.IGNORECASE,
)
"""What stands between the characters of a secret where a service breaks it into lines or groups: plain, escaped in
JSON, in quoted-printable, in a page."""
SHOWN_OF_INPUT = range(50, 61)
"""Characters of a long input that messages show of it."""

TELLING = (
    r"authorization|cookie|token|secret|passw(?:or)?d|passphrase|passcode|api[-_]?key|access[-_]?key|private[-_]?key"
    r"|credential|signature|assertion|code[-_]?verifier|auth[-_]?code|session[-_]?(?:id|key)"
)
"""What a name holds that tells of a secret wherever it stands."""
AMBIGUOUS = r"code|refresh|access|pass|pwd|bearer|auth|jwt|otp|sid|sig|session"
"""What tells of a secret where it is the whole name."""

SECRET_NAMES = re.compile(rf"({TELLING})|^({AMBIGUOUS})$|[-_]auth$", re.IGNORECASE)
"""Names whose values are secrets, wherever they stand."""

SECRET_PARENTS = re.compile(TELLING, re.IGNORECASE)
"""Names below which all is secret."""

PUBLIC_NAMES = re.compile(r"(url|type)$", re.IGNORECASE)
"""Names that only sound like a secret: tokenUrl, token_type."""

SMALL_LETTERS = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

NAME_KEYS, VALUE_KEYS = ("key", "name", "field", "header"), ("value", "values")
"""How pairs are written whose name stands in a value: ``{"key": "password", "value": …}``."""

SECRET_PAIRS = re.compile(
    rf"""((?:{TELLING})s?\\?["']?\s*(?:[=:]\s*\\?["']?(?:(?:bearer|basic|token|digest|oauth|apikey)\s+)?|>))"""
    r"""((?:[\w-]+=\\?"[^"\\]*\\?"[\s,]*)+|[^\s"'&,;}<\\]+)"""
    r"""((?:[ \t]+(?=\S*\d)(?=\S*[a-z])[^\s"'&,;}<\\]{6,})*)""",
    re.IGNORECASE,
)
"""The same in text: a telling name and what follows it, of several words those that no sentence has."""

SECRET_PARAMETERS = re.compile(rf"""(?<![\w-])((?:{AMBIGUOUS})=)([^\s"'&;<>]+)""", re.IGNORECASE)
"""A query or a form, in which a whole name can be told."""

SECRET_PARTS = re.compile(r"""(\bname="([^"\r\n]+)"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)(.*?)(?=\r\n--|\Z)""", re.DOTALL)
"""Parts of a multipart form, whose names say which is secret."""

USERINFO = re.compile(
    r"""(://[^/\s:@"']{0,100}:)[^\s"']{1,200}(?=@)|(%3A%2F%2F[^%\s&]{0,100}%3A)[^\s&"']{1,300}?(?=%40)""", re.IGNORECASE
)
"""A password in an address, as it is or as the value of a query."""

ERROR_CODE = re.compile(r"[a-z]{2,20}(_[a-z]{2,20}){0,4}|\d{1,5}")
"""A ``code`` that names an error, which the reader needs; one of OAuth is long and random."""

PROSE = re.compile(r"(?:token|signature|credentials?|authorization): [A-Za-z]{1,12}", re.IGNORECASE)
"""Such a name in a sentence, and the word that goes on with it: ``refused a token: The refresh token is unknown``."""
SENTENCE = re.compile(r"[A-Za-z][a-z']*( [A-Za-z0-9'(),.:/-]{1,20}){2,}")
"""What a service says of a field with such a name: ``must be longer than 8 characters``."""

MAX_SHOWN_DEPTH = 100
"""Levels of a value that are shown; nobody reads what is nested more deeply."""
MAX_SHOWN_CHARACTERS = 2000
"""Characters that are shown of a page where JSON belongs."""


class Redactor:
    """Replaces every secret that it was told, plain and encoded, and whatever stands under a telling name."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH}
        forms = [sort_forms(secret) for secret in known]
        self._short = frozenset[str]().union(*(short for short, _ in forms))
        self._long = sorted({form for _, long in forms for form in long})

    def text(self, text: str) -> str:
        """Text without the known secrets, and without what follows a telling name."""
        text = SECRET_PAIRS.sub(_hide_pair, self._hide_secrets(text))
        text = SECRET_PARAMETERS.sub(_hide_parameter, text)
        text = SECRET_PARTS.sub(_hide_part, text) if "\r\n\r\n" in text else text
        return USERINFO.sub(lambda found: (found[1] or found[2]) + HIDDEN, text)

    def _hide_secrets(self, text: str) -> str:
        kept, end = [], 0
        for start, after in sorted(self._find_secrets(text)):
            if start >= end:
                kept += [text[end:start], HIDDEN]
            end = max(end, after)
        return "".join([*kept, text[end:]])

    def _find_secrets(self, text: str) -> Iterable[tuple[int, int]]:
        """Where secrets stand: short ones as they are, long ones in either case, broken into lines and cut off too."""
        for form in self._short:
            yield from _find_all(form, text)
        if not self._long or len(text) < self._long[0][0]:
            return
        squeezed, places = _squeeze(text)
        for length, form in takewhile(lambda sought: sought[0] <= len(squeezed), self._long):
            for start, after in _find_pieces(form, length, squeezed):
                yield (start, after) if places is None else (places[start], places[after - 1] + 1)

    def value(self, value: Any, name: str = "", depth: int = 0) -> Any:
        """A value of any shape without secrets."""
        if depth > MAX_SHOWN_DEPTH:
            return HIDDEN
        if name and SECRET_NAMES.search(name) and value is not None:
            if not isinstance(value, Mapping | list | tuple):
                return self.value(value) if name == "code" and ERROR_CODE.fullmatch(str(value)) else HIDDEN
            if SECRET_PARENTS.search(name):
                return self._hide_all(value, depth)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        if isinstance(value, Mapping):
            pairs = ((key, item, _name_item(key, value)) for key, item in value.items())
            return {self.text(str(key)): self.value(item, name, depth + 1) for key, item, name in pairs}
        if isinstance(value, list | tuple):
            return [self.value(item, "", depth + 1) for item in value]
        return value

    def _hide_all(self, value: Any, depth: int) -> Any:
        """What stands below a telling name: its shape, and what a service says about it."""
        if depth > MAX_SHOWN_DEPTH:
            return HIDDEN
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._hide_all(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._hide_all(item, depth + 1) for item in value]
        if value is None or isinstance(value, bool):
            return value
        return self.text(value) if isinstance(value, str) and SENTENCE.fullmatch(value) else HIDDEN


def _name_item(key: Any, pair: Mapping[Any, Any]) -> str:
    """What an entry of an object is called: by its key, or by the name that stands beside it."""
    if key in VALUE_KEYS:
        return next((str(pair[name]) for name in NAME_KEYS if isinstance(pair.get(name), str)), str(key))
    return str(key)


def _find_all(form: str, text: str) -> Iterable[tuple[int, int]]:
    start = text.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = text.find(form, start + 1)


def _find_pieces(form: str, length: int, text: str) -> Iterable[tuple[int, int]]:
    """Where a form stands, whole or cut off at either end, of which so many characters are there."""
    for start, after in _find_all(form[:length], text):
        yield start, after + _count_common(form[length:], text[after : after + len(form) - length])
    if length < len(form):
        for start, after in _find_all(form[-length:], text):
            before = text[max(0, start - len(form) + length) : start]
            yield start - _count_common(form[-length - 1 :: -1], before[::-1]), after


def _count_common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return len([*takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))])


def _squeeze(text: str) -> tuple[str, list[int] | None]:
    """A text in small letters without what breaks it up, and where its characters stood; None where nothing did.

    Only letters of ASCII are made small: others may turn into two.
    """
    small = text.lower() if text.isascii() else text.translate(SMALL_LETTERS)
    if BREAKS.search(small) is None:
        return small, None
    places, end = list[int](), 0
    for found in BREAKS.finditer(small):
        places += range(end, found.start())
        end = found.end()
    places += range(end, len(small))
    return "".join([small[place] for place in places]), places


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


def _hide_parameter(match: re.Match[str]) -> str:
    return match[0] if match[1].lower() == "code=" and ERROR_CODE.fullmatch(match[2]) else match[1] + HIDDEN


def _hide_part(match: re.Match[str]) -> str:
    return match[1] + HIDDEN if SECRET_NAMES.search(match[2]) else match[0]


@lru_cache(maxsize=64)  # every exchange that is shown asks for the same ones
def sort_forms(secret: str) -> tuple[frozenset[str], frozenset[tuple[int, str]]]:
    """The forms of a secret: short ones, which are looked for as they are, and long ones, squeezed, each with how many
    characters a piece of it has at least."""
    squeezed = {form: _squeeze(form)[0] for form in encode_secret(secret)}
    long = {small for small in squeezed.values() if len(small) >= MIN_ANY_CASE_LENGTH}
    pieces = frozenset((min(len(form), max(MIN_PIECE_LENGTH, (len(form) + 1) // 2)), form) for form in long)
    return frozenset(form for form, small in squeezed.items() if small not in long), pieces


def encode_secret(secret: str) -> frozenset[str]:
    """The forms in which a secret travels: plain, backwards, in a URL, a page or JSON, as codes, in base64 anywhere."""
    forms = {secret, secret[::-1], html.escape(secret), repr(secret)[1:-1], '","'.join(secret)}
    for text in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        forms |= {text, text.replace("/", "\\/")}
    whole = secret.encode("utf-8", "surrogatepass")
    quoted = {quote(whole, safe=""), quote(whole), quote_plus(whole)}
    forms |= quoted | {quote(form, safe="") for form in quoted}
    forms |= {whole.decode("latin-1"), repr(whole)[2:-1]}  # as a header is read, and as Python prints it
    for raw in (whole, secret.encode("latin-1", "replace")):
        plain = _encode_base64(raw)
        forms |= plain | {again for form in plain for again in _encode_base64(form.encode())}
        forms |= {raw.hex(), raw.hex(":"), f"%{raw.hex('%')}", ",".join(map(str, raw)), ",".join(map(hex, raw))}
        forms |= {b64encode(raw.hex().encode()).decode()[:-4], b32encode(raw).decode().rstrip("=")}
    for charset in ("utf-16-le", "utf-16-be"):
        forms |= _encode_base64(secret.encode(charset, "surrogatepass"))
    for pattern in ("&#{};", "&#x{:x};", "\\u{:04x}", "\\x{:02x}"):
        forms.add("".join(pattern.format(ord(sign)) for sign in secret))
    if len(secret) >= MIN_ANY_CASE_LENGTH:
        forms |= {secret.upper(), secret.lower()}
    return frozenset(form for form in forms if len(form) >= MIN_SECRET_LENGTH)


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


def list_texts(value: Any) -> Iterable[str]:
    """Every text in a value, and what a message shows of a long one."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from list_texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from list_texts(item)
    elif isinstance(value, str):
        yield from {value, *(value[:length] for length in SHOWN_OF_INPUT)}


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
