"""Tiles: the tree of the log cut into pieces of 256 hashes, by which anybody can recompute any root and any proof.

A tile of level 0 holds leaf hashes; one of level n the roots over 256 hashes of level n-1. A full tile never changes.
Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from habeas.ledger.core import tree

WIDTH = 256
HEIGHT = 8
_PATH = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([0-9]{1,3}))?")
_MOST_LEVEL = 5
_MOST_GROUPS = 6

# (level, index, width) -> the first ``width`` hashes of a tile, 32 bytes each
Read = Callable[[int, int, int], bytes]


class NoSuchTile(ValueError):
    """Not the path of a tile, or of one that the log does not have yet."""


def path(level: int, index: int, width: int = WIDTH) -> str:
    """Where a tile is served, below ``tile/``: ``0/x001/234``, and ``1/000.p/17`` for one that is not full."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    return f"{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def parse(level: int, rest: str) -> tuple[int, int]:
    """(index, width) of a tile from what stands behind its level in a path. Raises NoSuchTile."""
    found = _PATH.fullmatch(rest)
    if found is None or not 0 <= level <= _MOST_LEVEL or rest.count("/") > _MOST_GROUPS:
        raise NoSuchTile("no path of a tile; it looks like 0/x001/234 or 1/000.p/17")
    index = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2]) if found[2] else WIDTH
    if path(level, index, width) != f"{level}/{rest}" or not 0 < width <= WIDTH or (found[2] and width == WIDTH):
        raise NoSuchTile("no path of a tile: numbers stand in groups of three without empty ones")
    return index, width


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes a tile holds in a log of ``size`` entries: 0 to 256."""
    return min(WIDTH, max(0, (size >> (HEIGHT * level)) - index * WIDTH))


def tile_root(hashes: bytes) -> bytes:
    """The root over the 2**n hashes of a tile or a part of one, 32 bytes each."""
    row = [hashes[start : start + tree.HASH_BYTES] for start in range(0, len(hashes), tree.HASH_BYTES)]
    return root_of_row(row)


def root_of_row(row: Sequence[bytes]) -> bytes:
    """The root over 2**n hashes."""
    while len(row) > 1:
        row = [tree.node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
    return row[0]


def hash_at(level: int, index: int, read: Read) -> bytes:
    """The hash of the perfect subtree ``index`` of 2**level leaves, out of the one tile it lies in."""
    tile_level, height = divmod(level, HEIGHT)
    first = index << height
    tile, start = divmod(first, WIDTH)
    count = 1 << height
    hashes = read(tile_level, tile, start + count)
    begin = start * tree.HASH_BYTES
    return tile_root(hashes[begin : begin + count * tree.HASH_BYTES])
