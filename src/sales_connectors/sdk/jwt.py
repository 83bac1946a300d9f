"""JSON Web Tokens (RFC 7519) that an application signs with a key of its own."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidInput


def sign_jwt(claims: Mapping[str, Any], private_key: str, name: str = "privateKey") -> str:
    """A token with these claims, signed with RS256; ``private_key`` is an RSA key in PEM.

    InvalidInput where it is none; ``name`` is the connection field that holds it.
    """
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_mend_lines(private_key).encode(), None)
    except (ValueError, TypeError):  # the words of the library may quote the key
        key = None
    if not isinstance(key, RSAPrivateKey):
        message = "must be an RSA private key in PEM, without a password: -----BEGIN PRIVATE KEY----- and so on"
        raise InvalidInput(
            f"{name} {message}", code="invalid_connection", fields=[{"path": f"/fields/{name}", "message": message}]
        )
    signed = f"{_encode({'alg': 'RS256', 'typ': 'JWT'})}.{_encode(claims)}"
    return f"{signed}.{_encode_bytes(key.sign(signed.encode(), PKCS1v15(), SHA256()))}"


def _mend_lines(text: str) -> str:
    """A key whose line breaks came as ``\\n``, as in the JSON and the variables of an environment."""
    return text.strip().replace("\\n", "\n")


def _encode(part: Mapping[str, Any]) -> str:
    return _encode_bytes(json.dumps(part, separators=(",", ":")).encode())


def _encode_bytes(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
