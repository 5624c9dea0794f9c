"""Keys of invented organisations, always the same, and their signatures."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from habeas.ledger.core import checkpoints, notes, tree
from habeas.ledger.core.notes import Note, SigningKey

ORIGIN = "helpline.example.org/ledger"
AT = 1_772_798_400  # 2026-03-06 12:00 UTC


def key(name: str, kind: int) -> SigningKey:
    return SigningKey(name, kind, hashlib.sha256(f"{name} {kind}".encode()).digest())


LOG = (key(ORIGIN, notes.ED25519), key(ORIGIN, notes.ML_DSA_44))


def witness(name: str) -> tuple[SigningKey, SigningKey]:
    return key(f"{name}/witness", notes.ED25519_COSIGNATURE), key(f"{name}/witness", notes.ML_DSA_44)


def entries(count: int) -> list[bytes]:
    return [f'{{"index":{index}}}'.encode() for index in range(count)]


def leaves(count: int) -> list[bytes]:
    return [tree.leaf_hash(entry) for entry in entries(count)]


def hash_at(count: int):
    """Node hashes of the tree over so many entries, from scratch."""
    all_leaves = leaves(count)

    def at(level: int, index: int) -> bytes:
        return tree.root_of(all_leaves[index << level : (index + 1) << level])

    return at


def checkpoint(size: int, origin: str = ORIGIN) -> checkpoints.Checkpoint:
    return checkpoints.Checkpoint(origin, size, tree.root_of(leaves(size)))


def cosigned(size: int, *by: Sequence[SigningKey], at: int = AT) -> Note:
    """A checkpoint of our log, signed by it and by these witnesses."""
    keys = [*LOG, *(one for keys in by for one in keys)]
    return checkpoints.signed(checkpoint(size), keys, at)
