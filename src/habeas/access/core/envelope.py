"""Encryption of what is personal: a data key per case, wrapped by a versioned key of the house.

Every sealed value is bound to its context (which field of which record), so that a value copied into another row does
not open. Destroying a case's data key makes everything sealed under it unreadable.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_VERSION = b"\x01"


class CannotOpen(ValueError):
    """The sealed bytes do not open: another key, another context, or changed bytes. Says nothing of the content."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, content: bytes, context: str) -> bytes:
    """Encrypt with AES-256-GCM; ``context`` must be given again to open. 29 bytes longer than the content."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, content, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """What was sealed. Raises CannotOpen."""
    if sealed[:1] != _VERSION:
        raise CannotOpen(f"{context}: not sealed by this version of Habeas")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, context.encode())
    except InvalidTag as error:
        raise CannotOpen(f"{context}: the key or the place is wrong, or the bytes were changed") from error
