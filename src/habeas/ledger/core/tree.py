"""The Merkle tree of RFC 6962: hashes that make any later change of any entry visible.

A tree of n leaves is kept as its *frontier*: the roots of the perfect subtrees that n's binary digits name, largest
first. That is all an append needs, and all a root needs.
Source: RFC 6962, section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32


def leaf_hash(entry: bytes) -> bytes:
    """The 32-byte hash of one entry. The prefix keeps a leaf from ever passing for a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(frontier: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """The frontier after one more leaf.

    frontier: one 32-byte hash per 1-bit of ``size``, largest subtree first
    """
    grown = [*frontier, leaf]
    # Every trailing 1-bit of the old size is a subtree that the new leaf completes.
    while size & 1:
        right = grown.pop()
        grown[-1] = node_hash(grown[-1], right)
        size >>= 1
    return grown


def root(frontier: Sequence[bytes]) -> bytes:
    """The root over a frontier; the hash of nothing for an empty tree."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    result = frontier[-1]
    for subtree in reversed(frontier[:-1]):
        result = node_hash(subtree, result)
    return result


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, from scratch."""
    frontier: list[bytes] = []
    for size, leaf in enumerate(leaves):
        frontier = grow(frontier, size, leaf)
    return root(frontier)
