"""Names for things: case references people read aloud, and receipts that only their holder knows."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid

# Crockford's alphabet: no I, L, O or U, so that nothing is misread and nothing is spelt by accident.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
RECEIPT_LENGTH = 16
RECEIPT_BITS = RECEIPT_LENGTH * 5
REFERENCE_LENGTH = 6


def new_id() -> uuid.UUID:
    return uuid.uuid4()


def new_reference() -> str:
    """A case reference such as ``HB-7KQ2M9``: said on the phone, not a secret, not countable."""
    return "HB-" + _random(REFERENCE_LENGTH)


def receipt_for(key: bytes, submission: str) -> str:
    """The receipt of one submission, 80 bits in groups of four: ``7KQ2-M9XD-40RT-HW8C``.

    It follows from the house key and the form's own random token, so that the same form sent twice (a double press, a
    reload, a broken line) shows the same receipt, although receipts are stored nowhere.
    """
    number = int.from_bytes(keyed_digest(key, "receipt-of-submission", submission)[: RECEIPT_BITS // 8])
    code = "".join(_ALPHABET[number >> shift & 31] for shift in range(RECEIPT_BITS - 5, -1, -5))
    return "-".join(code[i : i + 4] for i in range(0, RECEIPT_LENGTH, 4))


def read_receipt(typed: str) -> str | None:
    """A typed receipt in its one true form, or None where it cannot be one. Case, spaces and dashes do not matter."""
    code = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_MISREAD)
    if len(code) != RECEIPT_LENGTH or any(sign not in _ALPHABET for sign in code):
        return None
    return "-".join(code[i : i + 4] for i in range(0, RECEIPT_LENGTH, 4))


def keyed_digest(key: bytes, purpose: str, value: str) -> bytes:
    """32 bytes that find ``value`` again without showing it. One purpose's digests say nothing about another's."""
    return hmac.new(key, f"{purpose}\x00{value}".encode(), hashlib.sha256).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
