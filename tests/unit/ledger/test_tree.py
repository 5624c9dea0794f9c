"""The Merkle tree of RFC 6962, against an independent reading of the standard and its known vectors."""

from __future__ import annotations

import hashlib

import pytest

from habeas.ledger.core.tree import grow, leaf_hash, root, root_of


def standard(entries: list[bytes]) -> bytes:
    """The definition of section 2.1, word by word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + standard(entries[:split]) + standard(entries[split:])).digest()


@pytest.mark.parametrize("size", range(130))
def test_every_size_has_the_root_of_the_standard(size):
    entries = [f"entry {number}".encode() for number in range(size)]
    assert root_of(map(leaf_hash, entries)) == standard(entries)


# The inputs and roots used by the reference implementations of Certificate Transparency.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def test_the_known_vectors():
    frontier: list[bytes] = []
    for size, (entry, expected) in enumerate(zip(ENTRIES, ROOTS, strict=True)):
        frontier = grow(frontier, size, leaf_hash(bytes.fromhex(entry)))
        assert root(frontier).hex() == expected


def test_any_changed_entry_changes_the_root():
    leaves = [leaf_hash(bytes([n])) for n in range(37)]
    whole = root_of(leaves)
    for place in range(37):
        changed = [*leaves[:place], leaf_hash(b"changed"), *leaves[place + 1 :]]
        assert root_of(changed) != whole


def test_the_frontier_has_one_hash_for_each_binary_one_of_the_size():
    frontier: list[bytes] = []
    for size in range(300):
        frontier = grow(frontier, size, leaf_hash(b"x"))
        assert len(frontier) == (size + 1).bit_count()
