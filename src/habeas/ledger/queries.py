"""Reading, proving and checking the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from habeas.ledger.core import tiles, tree
from habeas.ledger.models import Checkpoint, Entry, Head, Tile

CHUNK = 4_096


class NoSuchEntry(LookupError):
    """The log has no entry of this index, or had not at this size."""


def entries_of(case: object) -> list[dict[str, Any]]:
    """What was done in one case, oldest first: the entries as they were written."""
    return [json.loads(bytes(entry.body)) for entry in Entry.objects.filter(case=str(case)).order_by("index")]


def entry_bytes(index: int) -> bytes:
    """The exact bytes of an entry, as they were hashed. Raises NoSuchEntry."""
    body = Entry.objects.filter(index=index).values_list("body", flat=True).first()
    if body is None:
        raise NoSuchEntry(f"the log has no entry {index}")
    return bytes(body)


def head() -> tuple[int, bytes]:
    """How many entries there are, and the 32-byte root over them."""
    row = Head.objects.filter(id=1).first()
    if row is None:
        return 0, tree.root([])
    return row.size, tree.root([bytes.fromhex(node) for node in row.frontier])


def root_at(size: int) -> bytes:
    """The root as it was when the log had ``size`` entries. Raises NoSuchEntry."""
    now, known = _size_and_edge()
    return tree.range_root(0, _require_reached(size, now), _Tiles(known).hash_at)


def root_in_tiles(size: int) -> bytes:
    """The root as the stored tree alone says it, without what the head remembers. Raises NoSuchEntry."""
    now, _ = _size_and_edge()
    return tree.range_root(0, _require_reached(size, now), _Tiles().hash_at)


def inclusion(index: int, size: int | None = None) -> list[bytes]:
    """What shows that entry ``index`` stands in the log of ``size`` entries (now, where none is given)."""
    now, known = _size_and_edge()
    size = now if size is None else _require_reached(size, now)
    if not 0 <= index < size:
        raise NoSuchEntry(f"the log of {size} entries has no entry {index}")
    return tree.inclusion_proof(index, size, _Tiles(known).hash_at)


def consistency(old_size: int, size: int | None = None) -> list[bytes]:
    """What shows that the log of ``size`` entries begins with the one of ``old_size``. Raises NoSuchEntry."""
    now, known = _size_and_edge()
    size = now if size is None else _require_reached(size, now)
    if not 0 <= old_size <= size:
        raise NoSuchEntry(f"the log of {size} entries never had {old_size}")
    return tree.consistency_proof(old_size, size, _Tiles(known).hash_at)


def hash_at(level: int, index: int) -> bytes:
    """The hash over the perfect subtree ``index`` of 2**level leaves. Raises NoSuchEntry."""
    return _Tiles().hash_at(level, index)


def tile(level: int, index: int, width: int = tiles.WIDTH) -> bytes:
    """The first ``width`` hashes of a tile, 32 bytes each. Raises NoSuchEntry where it does not hold as many yet."""
    if level == 0 and width < tiles.WIDTH:
        start = index * tiles.WIDTH
        rows = Entry.objects.filter(index__gte=start, index__lt=start + width).order_by("index")
        hashes = b"".join(bytes(leaf) for leaf in rows.values_list("leaf_hash", flat=True))
    else:
        held = Tile.objects.filter(level=level, index=index).values_list("hashes", flat=True).first()
        hashes = bytes(held or b"")[: width * tree.HASH_BYTES]
    if len(hashes) != width * tree.HASH_BYTES:
        raise NoSuchEntry(f"tile {tiles.path(level, index, width)} is not there (yet)")
    return hashes


def _size_and_edge() -> tuple[int, dict[tuple[int, int], bytes]]:
    """The size, and the subtrees along the right edge, (level, index) to hash: no tile need be read for them."""
    with connection.cursor() as cursor:
        cursor.execute(_SELECT_HEAD)
        row = cursor.fetchone()
    if row is None:
        return 0, {}
    size, nodes = row[0], json.loads(row[1]) if isinstance(row[1], str) else row[1]
    levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
    # Below its bit of ``size`` a subtree of the frontier has nothing to its right but smaller ones.
    return size, {(level, (size >> level) - 1): bytes.fromhex(node) for level, node in zip(levels, nodes, strict=True)}


def _require_reached(size: int, now: int) -> int:
    if not 0 <= size <= now:
        raise NoSuchEntry(f"the log has {now} entries, not {size}")
    return size


class _Tiles:
    """The tiles read for one proof, each once."""

    def __init__(self, known: dict[tuple[int, int], bytes] | None = None) -> None:
        self._known = known or {}
        self._read: dict[tuple[int, int], bytes] = {}

    def hash_at(self, level: int, index: int) -> bytes:
        known = self._known.get((level, index))
        return known if known is not None else tiles.hash_at(level, index, self._tile)

    def _tile(self, level: int, index: int, width: int) -> bytes:
        held = self._read.get((level, index), b"")
        if len(held) < width * tree.HASH_BYTES:
            held = self._read[level, index] = self._most_of(level, index, width)
        return held

    def _most_of(self, level: int, index: int, width: int) -> bytes:
        with connection.cursor() as cursor:
            cursor.execute(_SELECT_TILE, [level, index])
            row = cursor.fetchone()
        return bytes(row[0]) if row is not None else tile(level, index, width)


_SELECT_HEAD = f"SELECT size, frontier FROM {Head._meta.db_table} WHERE id = 1"  # noqa: S608 (our own names)
_SELECT_TILE = f'SELECT hashes FROM {Tile._meta.db_table} WHERE level = %s AND "index" = %s'  # noqa: S608


# ------------------------------------------------------------------------------------------------------------ checking


def faults(progress: Callable[[int], object] = lambda _: None) -> Iterator[str]:
    """Sentences that name whatever does not hold: an entry, a tile, a checkpoint or the head.

    progress: told now and then how many entries were checked
    """
    check = _Check()
    for row in Entry.objects.order_by("index").values_list(*_COLUMNS).iterator(chunk_size=CHUNK):
        missing = check.gap_before(row[0])
        if missing:
            yield missing
            return
        yield from check.entry(row)
        if check.size % (16 * CHUNK) == 0:
            progress(check.size)
    yield from check.the_rest()


_COLUMNS = ("index", "at", "kind", "case", "body", "leaf_hash")


class _Check:
    """Follows the log from its first entry, rebuilding the tree as it goes."""

    def __init__(self) -> None:
        self.size = 0
        self._frontier: list[bytes] = []
        # For each level the hashes of the tile that is not full yet, as they must be.
        self._open: list[list[bytes]] = [[]]
        self._tiles = {(row.level, row.index): bytes(row.hashes) for row in Tile.objects.filter(level__gt=0)}
        self._leaf_tiles = iter(
            Tile.objects.filter(level=0).order_by("index").values_list("index", "hashes").iterator(chunk_size=64)
        )
        self._next_tile = next(self._leaf_tiles, None)
        self._checkpoints = dict(Checkpoint.objects.values_list("size", "root"))

    def gap_before(self, index: int) -> str:
        return "" if index == self.size else f"entry {self.size} is missing; the next one present is {index}"

    def entry(self, row: tuple[Any, ...]) -> Iterator[str]:
        index, at, kind, case, body, kept = row
        body, kept = bytes(body), bytes(kept)
        leaf = tree.leaf_hash(body)
        if leaf != kept:
            yield f"entry {index} was changed after it was written: its body no longer has its hash"
        else:
            yield from _filed_elsewhere(index, at, kind, case, body)
        # The tree is rebuilt from what is kept, so that one changed entry is named once and not with all after it.
        self._frontier = tree.grow(self._frontier, index, kept)
        self.size += 1
        self._open[0].append(kept)
        if len(self._open[0]) == tiles.WIDTH:
            yield from self._leaf_tile(index // tiles.WIDTH)
        root = self._checkpoints.pop(self.size, None)
        if root is not None and bytes(root) != tree.root(self._frontier):
            yield f"the checkpoint at {self.size} entries has another root than the entries lead to"

    def the_rest(self) -> Iterator[str]:
        for size, root in self._checkpoints.items():
            if size > self.size:
                yield f"a checkpoint counts {size} entries but {self.size} are there"
            elif size == 0 and bytes(root) != tree.root([]):
                yield "the checkpoint of the empty log has a root that is not that of nothing"
        yield from self._last_tiles()
        yield from self._head()

    def _leaf_tile(self, index: int) -> Iterator[str]:
        row, self._open[0] = self._open[0], []
        while self._next_tile is not None and self._next_tile[0] < index:
            yield f"tile {tiles.path(0, self._next_tile[0])} is there a second time or out of place"
            self._next_tile = next(self._leaf_tiles, None)
        if self._next_tile is None or self._next_tile[0] != index:
            yield f"tile {tiles.path(0, index)} is missing"
        else:
            if bytes(self._next_tile[1]) != b"".join(row):
                yield f"tile {tiles.path(0, index)} was changed: it does not hold the hashes of its entries"
            self._next_tile = next(self._leaf_tiles, None)
        yield from self._up(1, index, tiles.root_of_row(row))

    def _up(self, level: int, place: int, root: bytes) -> Iterator[str]:
        if level == len(self._open):
            self._open.append([])
        self._open[level].append(root)
        if len(self._open[level]) == tiles.WIDTH:
            row, self._open[level] = self._open[level], []
            index = place // tiles.WIDTH
            yield from self._compare(level, index, row)
            yield from self._up(level + 1, index, tiles.root_of_row(row))

    def _compare(self, level: int, index: int, row: list[bytes]) -> Iterator[str]:
        kept = self._tiles.pop((level, index), None)
        if kept is None:
            yield f"tile {tiles.path(level, index, len(row))} is missing"
        elif kept != b"".join(row):
            yield f"tile {tiles.path(level, index, len(row))} was changed: it does not hold the roots below it"

    def _last_tiles(self) -> Iterator[str]:
        for level in range(1, len(self._open)):
            if self._open[level]:
                yield from self._compare(level, (self.size >> (tiles.HEIGHT * (level + 1))), self._open[level])
        for level, index in self._tiles:
            yield f"tile {tiles.path(level, index)} is there, but the log is not as long"
        if self._next_tile is not None:
            yield f"tile {tiles.path(0, self._next_tile[0])} is there, but the log is not as long"

    def _head(self) -> Iterator[str]:
        row = Head.objects.filter(id=1).first()
        if row is None:
            if self.size:
                yield f"the log holds {self.size} entries but its head is gone"
            return
        if row.size != self.size:
            yield f"the head counts {row.size} entries but {self.size} are there"
        elif [node.hex() for node in self._frontier] != row.frontier:
            yield f"the entries lead to root {tree.root(self._frontier).hex()[:16]}…, the head says another"


def _filed_elsewhere(index: int, at: Any, kind: str, case: str, body: bytes) -> Iterator[str]:
    """What the log is searched by stands beside the hashed bytes; moved, it would hide an entry from its case."""
    try:
        written = json.loads(body)
        written = {name: written[name] for name in ("index", "kind", "case", "at")}
    except (ValueError, TypeError, KeyError, RecursionError):
        yield f"entry {index} is not written as entries are"
        return
    if written["index"] != index:
        yield f"entry {index} stands in the place of another: its body says it is entry {written['index']}"
        return
    beside = {"kind": kind, "case": case, "at": at.isoformat(timespec="microseconds")}
    for column, value in beside.items():
        if written[column] != value:
            yield f"entry {index} is filed under another {column} than its body says"
