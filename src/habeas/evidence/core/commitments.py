"""What may be shown of an item without showing anything: a commitment, salted from the key of its case.

A plain hash of a telephone number or an address is guessed in seconds. So what the ledger holds and what leaves the
house to be time-stamped is a hash over a salt as well. Whoever is given item and salt can check it; once the case's key
is destroyed the salt is gone, and the commitment says nothing to anybody for ever.
"""

from __future__ import annotations

import hashlib

SALT_BYTES = 32
_WHAT = b"habeas item commitment, version 1\n"


def commitment(salt: bytes, sha512: bytes) -> bytes:
    """The 32-byte commitment to an original.

    salt:   32 bytes, secret as long as the item is
    sha512: the 64-byte SHA-512 of the original
    Raises ValueError for other lengths: a shorter salt could be guessed.
    """
    if len(salt) != SALT_BYTES or len(sha512) != 64:
        raise ValueError(
            f"a commitment needs a salt of 32 and a SHA-512 of 64 bytes, not {len(salt)} and {len(sha512)}"
        )
    return hashlib.sha256(_WHAT + salt + sha512).digest()


def stamped_digest(commitment: bytes) -> bytes:
    """The 64-byte SHA-512 that a time-stamp authority is given for a commitment (or the 32-byte root of a tree)."""
    return hashlib.sha512(commitment).digest()
