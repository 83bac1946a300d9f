"""Server-to-server tokens: an application signs a token of its own, and gets one for an installation in exchange."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from sales_connectors.imitation import Mint, Reply, Request, Route, Store

from .errors import not_found, refused, write_document
from .scopes import OF_SERVERS

CONNECTION = "s2s"
GUID = "8d7f1c52-6a0b-4a83-9d1e-2f5c0b7a9e44"
INSTALL_ID = "70011"
LIFE = 3600
APART = 60
"""Seconds that clocks may differ by (inferred)."""
NOBODY = 0
"""The user behind a server's own token."""


def build_routes(mint: Mint) -> list[Route]:
    def exchange(request: Request) -> Reply:
        """Give a server its token: no user stands behind it, and nothing refreshes it but another exchange."""
        check_signature(request)
        if request.params["id"] != INSTALL_ID:
            raise not_found("install", request.params["id"])
        minted = mint(NOBODY, OF_SERVERS, expires_in=LIFE, refreshable=False)
        return write_document(200, {"data": {"meta": {"accessToken": minted["access_token"]}}})

    return [Route("POST", "/api/app/installs/{id}/actions/accessToken", exchange, open=True)]


def describe_connection(store: Store) -> Mapping[str, Any]:
    """What an application knows of its installation here."""
    key = find_key(store).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return {"s2sGuid": GUID, "privateKey": key, "installId": INSTALL_ID}


def find_key(store: Store) -> RSAPrivateKey:
    """The key of the sandbox's application, which is made when it is first needed."""
    keys = store.collection("sandbox_keys")
    kept = keys.first()
    if kept is None:
        key = generate_private_key(65537, 2048)
        keys.insert({"pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()})
        return key
    read = load_pem_private_key(kept["pem"].encode(), None)
    assert isinstance(read, RSAPrivateKey)
    return read


def check_signature(request: Request) -> None:
    """The request brings a token that the application has signed a moment ago."""
    claims = _read_claims(request, request.bearer() or "")
    times = [claims.get(name) for name in ("iat", "exp")]
    if claims.get("iss") != GUID or not all(isinstance(at, int | float) for at in times):
        raise _not_signed_in("The app token has to say iss, iat and exp.")
    made, ends = (float(at or 0) for at in times)
    is_current = any(made - APART <= now < ends for now in (request.clock.now(), request.clock.unmoved()))
    if not is_current or ends - made > LIFE:
        raise _not_signed_in("The app token has expired, or is good for more than an hour.")


def _read_claims(request: Request, token: str) -> dict[str, Any]:
    signed, _, signature = token.rpartition(".")
    header, _, claims = signed.partition(".")
    try:
        algorithm, read = json.loads(_decode(header)), json.loads(_decode(claims))
        given = _decode(signature)
    except ValueError:
        raise _not_signed_in("The app token is no JWT.") from None
    if not isinstance(algorithm, dict) or algorithm.get("alg") != "RS256" or not isinstance(read, dict):
        raise _not_signed_in("The app token has to be signed with RS256.")
    try:
        find_key(request.store).public_key().verify(given, signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise _not_signed_in("The signature of the app token is wrong.") from None
    return read


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _not_signed_in(detail: str) -> Exception:
    return refused(401, detail)
