"""Tiles: named as the specification names them, and enough to recompute every hash of the tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.tiles import tile_path

from habeas.ledger.core import tiles, tree

LEAVES = [tree.leaf_hash(f"entry {number}".encode()) for number in range(256 * 4 + 17)]


def read(level: int, index: int, width: int) -> bytes:
    """Tiles made from all leaves, slowly."""
    step = tiles.WIDTH**level
    row = [tree.root_of(LEAVES[n * step : (n + 1) * step]) for n in range(index * 256, index * 256 + width)]
    return b"".join(row)


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "0/000"),
        (0, 1234067, 256, "0/x001/x234/067"),
        (1, 0, 17, "1/000.p/17"),
        (2, 1000, 256, "2/x001/000"),
        (0, 999, 1, "0/999.p/1"),
    ],
)
def test_a_tile_has_the_name_of_the_specification(level, index, width, path):
    assert tiles.path(level, index, width) == path
    assert tiles.parse(level, path.partition("/")[2]) == (index, width)


@given(st.integers(0, 5), st.integers(0, 10**12), st.integers(1, 256))
def test_names_and_tiles_are_one_to_one_and_an_outside_oracle_agrees(level, index, width):
    path = tiles.path(level, index, width)
    assert tiles.parse(level, path.partition("/")[2]) == (index, width)
    partial = width if width < 256 else 0
    assert path == "/".join(tile_path(level, index, partial)).removeprefix("tile/")


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "0",
        "00",
        "x001",
        "x000/001",
        "000.p/0",
        "000.p/256",
        "000.p/300",
        "000.p/017",
        "../000",
        "000/",
        "x001/x2/3",
    ],
)
def test_what_is_no_name_of_a_tile_is_refused(rest):
    with pytest.raises(tiles.NoSuchTile):
        tiles.parse(0, rest)


@given(st.text(max_size=40))
def test_any_text_is_a_tile_or_refused_by_name(rest):
    try:
        index, width = tiles.parse(0, rest)
    except tiles.NoSuchTile:
        return
    assert tiles.path(0, index, width) == f"0/{rest}"


@given(st.integers(0, 10), st.data())
def test_every_perfect_subtree_lies_in_one_tile(level, data):
    most = len(LEAVES) >> level
    index = data.draw(st.integers(0, most - 1))
    assert tiles.hash_at(level, index, read) == tree.root_of(LEAVES[index << level : (index + 1) << level])


@pytest.mark.parametrize(
    ("level", "index", "size", "width"),
    [
        (0, 0, 0, 0),
        (0, 0, 17, 17),
        (0, 0, 256, 256),
        (0, 1, 257, 1),
        (1, 0, 511, 1),
        (1, 0, 65536, 256),
        (2, 0, 65535, 0),
    ],
)
def test_a_tile_grows_with_the_log(level, index, size, width):
    assert tiles.width_at(level, index, size) == width
