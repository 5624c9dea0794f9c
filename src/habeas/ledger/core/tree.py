"""The Merkle tree of RFC 6962: hashes that make any later change of any entry visible.

A tree of n leaves is kept as its *frontier*: the roots of the perfect subtrees that n's binary digits name, largest
first. That is all an append needs, and all a root needs.
Source: RFC 6962, section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

HASH_BYTES = 32

# (level, index) -> hash of the perfect subtree over the leaves index * 2**level to (index + 1) * 2**level - 1
HashAt = Callable[[int, int], bytes]


class ProofFails(ValueError):
    """A proof does not lead where it must: something was changed or left out, or it is of another tree."""


def leaf_hash(entry: bytes) -> bytes:
    """The 32-byte hash of one entry. The prefix keeps a leaf from ever passing for a node."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def grow(frontier: Sequence[bytes], size: int, leaf: bytes) -> list[bytes]:
    """The frontier after one more leaf.

    frontier: one 32-byte hash per 1-bit of ``size``, largest subtree first
    """
    grown = list(frontier)
    grow_in_place(grown, size, leaf)
    return grown


def grow_in_place(frontier: list[bytes], size: int, leaf: bytes) -> None:
    """The same on the list itself, for whoever adds many."""
    # Every trailing 1-bit of the old size is a subtree that the new leaf completes.
    while size & 1:
        leaf = hashlib.sha256(b"\x01" + frontier.pop() + leaf).digest()
        size >>= 1
    frontier.append(leaf)


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


def inclusion_proof(index: int, size: int, hash_at: HashAt) -> list[bytes]:
    """What shows that leaf ``index`` stands in the tree of ``size`` leaves: hashes from leaf to root, 32 bytes each.

    Raises ValueError where the tree has no such leaf.
    Source: RFC 6962, section 2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            proof.append(range_root(middle, end, hash_at))
            end = middle
        else:
            proof.append(range_root(start, middle, hash_at))
            start = middle
    return proof[::-1]


def consistency_proof(old_size: int, size: int, hash_at: HashAt) -> list[bytes]:
    """What shows that a tree of ``size`` leaves begins with the one of ``old_size``: hashes, 32 bytes each.

    Empty for an empty or an equal old tree. Raises ValueError where the old tree is the larger one.
    Source: RFC 6962, section 2.1.2.
    """
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {size} leaves cannot begin with one of {old_size}")
    if old_size in {0, size}:
        return []
    proof: list[bytes] = []
    start, end, whole = 0, size, True
    while old_size != end:
        middle = start + _largest_power_below(end - start)
        if old_size <= middle:
            proof.append(range_root(middle, end, hash_at))
            end = middle
        else:
            proof.append(range_root(start, middle, hash_at))
            start, whole = middle, False
    if not whole:
        proof.append(range_root(start, end, hash_at))
    return proof[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at ``index`` under ``root``. Raises ProofFails.

    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise ProofFails(f"a tree of {size} leaves has no leaf {index}")
    node, last, result = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise ProofFails(f"the proof of leaf {index} has more hashes than a tree of {size} leaves is high")
        if node & 1 or node == last:
            result = node_hash(step, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = node_hash(result, step)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofFails(f"the proof of leaf {index} has fewer hashes than a tree of {size} leaves is high")
    if result != root:
        raise ProofFails(f"the proof of leaf {index} leads to root {result.hex()[:16]}…, not to {root.hex()[:16]}…")


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree under ``root`` begins with the one under ``old_root``. Raises ProofFails.

    Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old_size <= size:
        raise ProofFails(f"a log of {old_size} entries cannot have shrunk to {size}")
    if old_size in {0, size}:
        _check_without_proof(old_size, old_root, size, root, proof)
        return
    # The old root is a node of the new tree where its size is a power of two; the proof then leaves it out.
    steps = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not steps:
        raise ProofFails(f"nothing shows that {size} entries begin with the {old_size} before")
    before, after = _both_roots(old_size, size, steps)
    if before != old_root:
        raise ProofFails(f"the proof leads back to root {before.hex()[:16]}…, not to {old_root.hex()[:16]}…")
    if after != root:
        raise ProofFails(f"the proof leads to root {after.hex()[:16]}…, not to {root.hex()[:16]}…")


def _check_without_proof(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    if proof:
        raise ProofFails("a proof stands where none is needed")
    if old_size == size and old_root != root:
        raise ProofFails(f"two roots for one size of {size}: {old_root.hex()[:16]}… and {root.hex()[:16]}…")
    if old_size == 0 and old_root != hashlib.sha256(b"").digest():
        raise ProofFails("the root of the empty log is not the hash of nothing")


def _both_roots(old_size: int, size: int, steps: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The roots, before and after, that the steps of a consistency proof lead to."""
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofFails("the proof has more hashes than the tree is high")
        if node & 1 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ProofFails("the proof has fewer hashes than the tree is high")
    return before, after


def range_root(start: int, end: int, hash_at: HashAt) -> bytes:
    """The root over the leaves from ``start`` to ``end`` - 1, where ``start`` begins a perfect subtree large enough."""
    subtrees: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        subtrees.append(hash_at(level, start >> level))
        start += 1 << level
    return root(subtrees)


def _largest_power_below(size: int) -> int:
    """The largest power of two smaller than ``size``, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
