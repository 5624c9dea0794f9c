"""Which known pictures have a hash within 31 bits of this one? All of them, and no other, in a quarter millisecond.

A hash is cut into 4 words of 64 bits, a word into 4 chunks of 16 bits. Two hashes that differ in at most 31 bits have
one word that differs in at most 7 (31 // 4), and in it one chunk that differs in at most 1 (7 // 4). So it is enough to
look up each of the 16 chunks and its 16 neighbours, and of what stands there to keep what differs in at most 7 bits in
that very word: by chance that is one in some millions. What is left is compared whole. So nothing near is missed.

What is stored, for n pictures (108 MB for a million):

hashes  4 x n words, one array a word             32 n bytes
ids     n numbers the caller gave, ascending       8 n bytes
places  16 tables of all n hashes, by chunk       64 n bytes
starts  16 x 65,537 places where a chunk begins    4.2 MB

New hashes wait in a short tail that is searched one by one, and are merged when it is full. A removed hash is never
found again; it leaves the tables when they are next merged, and is never written to a file.

The bytes that ``write`` makes are these arrays as they are: ``open_index`` maps a file into memory, ready to search.
Very many hashes alike (blank pictures, say) would make searches slow: leave out what ``PictureHash.is_telling`` denies.
Not made for threads: whoever adds or removes must keep others from searching meanwhile.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from habeas.exposure.core.pdq import HASH_BYTES, MATCH_DISTANCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Ids = NDArray[np.int64]
    Numbers = NDArray[np.uint32]

WORDS = 4
CHUNKS = 16
# One by one takes about 10 microseconds for a thousand hashes.
TAIL_LIMIT = 4096

_KEYS = 1 << 16
_CHUNKS_PER_WORD = CHUNKS // WORDS
# A chunk itself and what it becomes when one of its bits is turned.
_NEIGHBOURS = np.array([0, *(1 << bit for bit in range(16))], dtype=np.int64)
_MAX_ROWS = (1 << 32) // CHUNKS - 1
_FIRST_STARTS = np.arange(CHUNKS)[:, None] * (_KEYS + 1)
_HEADER = struct.Struct("<8sQI44x")
_MAGIC = b"HABPDQ1\n"


class UnreadableIndex(ValueError):
    """Bytes that are not an index, or not a whole one."""


class Neighbour(NamedTuple):
    """A known picture near the one searched for. distance: bits in which they differ."""

    id: int
    distance: int


class _Tables(NamedTuple):
    """The merged part, never changed once made. Rows stand in the order of their ids."""

    ids: Ids
    hashes: Words  # the first words of all rows, then the second ones …
    places: Numbers  # chunk by chunk, ordered by its value; a place is word * n + row, an index into ``hashes``
    starts: Numbers  # chunk by chunk, where each value begins in ``places``, and the end


class ImageIndex:
    """Hashes of 256 bits, each with an id of its own, to be found again by hashes near them."""

    def __init__(self) -> None:
        self._tables = _made(np.empty(0, dtype="<i8"), np.empty((0, WORDS), dtype="<u8"))
        self._gone: set[int] = set()  # rows of ``_tables``
        self._empty_tail()

    @classmethod
    def of(cls, known: Iterable[tuple[int, bytes]]) -> ImageIndex:
        """An index of pairs of id and hash. Raises ValueError where an id comes twice or a hash has not 32 bytes."""
        pairs = list(known)
        bits = b"".join(_checked(each) for _, each in pairs)
        ids = np.fromiter((id_ for id_, _ in pairs), dtype="<i8", count=len(pairs))
        return cls.of_arrays(ids, np.frombuffer(bits, dtype=np.uint8).reshape(-1, HASH_BYTES))

    @classmethod
    def of_arrays(cls, ids: NDArray[np.int64], hashes: NDArray[np.uint8]) -> ImageIndex:
        """An index of n ids and n x 32 bytes, for very many. Raises ValueError like ``of``."""
        if hashes.shape != (len(ids), HASH_BYTES) or hashes.dtype != np.uint8:
            raise ValueError(f"{len(ids)} ids need an array of {len(ids)} x {HASH_BYTES} bytes, not {hashes.shape}")
        words = np.ascontiguousarray(hashes).view("<u8")
        order = np.argsort(ids, kind="stable")
        ids = ids[order].astype("<i8")
        twice = np.flatnonzero(ids[1:] == ids[:-1])
        if len(twice):
            raise ValueError(f"id {ids[twice[0]]} comes twice: give each picture an id of its own")
        index = cls()
        index._tables = _made(ids, words[order])
        return index

    def __len__(self) -> int:
        return len(self._tables.ids) - len(self._gone) + len(self._tail_rows)

    def __contains__(self, id_: object) -> bool:
        return isinstance(id_, int) and (id_ in self._tail_rows or self._row(id_) is not None)

    @property
    def nbytes(self) -> int:
        """What the arrays take, in memory or mapped from a file."""
        return sum(array.nbytes for array in (*self._tables, self._tail, self._tail_ids))

    def add(self, id_: int, bits: bytes) -> None:
        """Know one more hash, at once. Every 4,096 times the tail is merged: half a second for a million hashes.

        Raises ValueError where the id is known already or the hash has not 32 bytes.
        """
        if id_ in self:
            raise ValueError(f"id {id_} is in the index already: remove it first")
        row = len(self._tail_rows)
        self._tail[:, row] = np.frombuffer(_checked(bits), dtype="<u8")
        self._tail_ids[row] = id_
        self._tail_rows[id_] = row
        if row + 1 == TAIL_LIMIT:
            self.compact()

    def remove(self, id_: int) -> None:
        """Find this hash no more, from now on. Raises KeyError where the id is not known.

        The tables hold it until ``compact``, which comes by itself when an eighth of them is removed.
        """
        row = self._tail_rows.pop(id_, None)
        if row is not None:
            last = len(self._tail_rows)
            if row != last:
                moved = int(self._tail_ids[last])
                self._tail[:, row], self._tail_ids[row], self._tail_rows[moved] = self._tail[:, last], moved, row
            self._tail[:, last], self._tail_ids[last] = 0, 0
            return
        row = self._row(id_)
        if row is None:
            raise KeyError(id_)
        self._gone.add(row)
        if len(self._gone) > max(TAIL_LIMIT, len(self._tables.ids) // 8):
            self.compact()

    def search(self, bits: bytes, radius: int = MATCH_DISTANCE) -> list[Neighbour]:
        """Every known hash that differs in at most ``radius`` bits, the nearest first; equally near ones by id.

        radius: 0..31. Raises ValueError for another, because the tables find nothing surely beyond 31.
        """
        if not 0 <= radius <= MATCH_DISTANCE:
            raise ValueError(f"a radius must lie in 0..{MATCH_DISTANCE}, not {radius}")
        wanted = np.frombuffer(_checked(bits), dtype="<u8")
        found = self._in_tables(wanted, radius) + self._in_tail(wanted, radius)
        return sorted(found, key=lambda near: (near.distance, near.id))

    def compact(self) -> None:
        """Merge the tail, and leave nothing of what was removed. Takes as much memory again while it runs."""
        count = len(self._tail_rows)
        if not count and not self._gone:
            return
        old = self._tables
        kept = np.ones(len(old.ids), dtype=bool)
        kept[list(self._gone)] = False
        ids = np.concatenate([old.ids[kept], self._tail_ids[:count]])
        hashes = np.concatenate([old.hashes.reshape(WORDS, -1)[:, kept].T, self._tail[:, :count].T])
        order = np.argsort(ids, kind="stable")
        self._tables = _made(ids[order], hashes[order])
        self._gone = set()
        self._empty_tail()

    def write(self, file: BinaryIO) -> None:
        """Compact the index and write it, for ``open_index``. Nothing of removed hashes is in the file."""
        self.compact()
        checksum = 0
        for array in self._tables:
            checksum = zlib.crc32(_as_bytes(array), checksum)
        file.write(_HEADER.pack(_MAGIC, len(self._tables.ids), checksum))
        for array in self._tables:
            file.write(_as_bytes(array))

    def to_bytes(self) -> bytes:
        """What ``write`` writes."""
        file = io.BytesIO()
        self.write(file)
        return file.getvalue()

    @classmethod
    def from_buffer(cls, buffer: bytes | memoryview | NDArray[np.uint8], *, verify: bool = True) -> ImageIndex:
        """The index that ``write`` wrote, on the very bytes given, which must not change from then on.

        verify: compare the checksum, which reads all of it (0.1 s for a million hashes)
        Raises UnreadableIndex.
        """
        raw = np.frombuffer(buffer, dtype=np.uint8)
        if len(raw) < _HEADER.size or bytes(raw[: len(_MAGIC)]) != _MAGIC:
            raise UnreadableIndex("these bytes are not an index of pictures: write one with ImageIndex.write")
        _, count, checksum = _HEADER.unpack(bytes(raw[: _HEADER.size]))
        sizes = (8 * count, 8 * WORDS * count, 4 * CHUNKS * count, 4 * CHUNKS * (_KEYS + 1))
        if count > _MAX_ROWS or len(raw) != _HEADER.size + sum(sizes):
            raise UnreadableIndex(
                f"the index says it has {count} hashes, which take {_HEADER.size + sum(sizes)} bytes, but it has "
                f"{len(raw)}: it was cut off; write it again"
            )
        if verify and zlib.crc32(_as_bytes(raw)[_HEADER.size :]) != checksum:
            raise UnreadableIndex("the index was changed after it was written: its checksum is another; write it again")
        ids, hashes, places, starts = np.split(raw[_HEADER.size :], np.cumsum(sizes)[:-1])
        index = cls()
        index._tables = _Tables(ids.view("<i8"), hashes.view("<u8"), places.view("<u4"), starts.view("<u4"))
        return index

    def _empty_tail(self) -> None:
        self._tail = np.zeros((WORDS, TAIL_LIMIT), dtype="<u8")
        self._tail_ids = np.zeros(TAIL_LIMIT, dtype="<i8")
        self._tail_rows: dict[int, int] = {}

    def _row(self, id_: int) -> int | None:
        ids = self._tables.ids
        row = int(np.searchsorted(ids, id_))
        return row if row < len(ids) and ids[row] == id_ and row not in self._gone else None

    def _in_tables(self, wanted: Words, radius: int) -> list[Neighbour]:
        ids, hashes, places, starts = self._tables
        if not len(ids):
            return []
        word_radius = radius // WORDS
        values = _NEIGHBOURS if word_radius >= _CHUNKS_PER_WORD else _NEIGHBOURS[:1]
        keys = ((wanted.view("<u2")[:, None] ^ values) + _FIRST_STARTS).ravel()
        begins = starts.take(keys).astype(np.int64)
        lengths = starts.take(keys + 1).astype(np.int64)
        lengths -= begins
        ends = lengths.cumsum()
        # One list of all entries of all chunks looked up: each run starts where its chunk begins in the table.
        entries = (begins - ends + lengths).repeat(lengths)
        entries += np.arange(len(entries))
        candidates = places.take(entries)
        words = hashes.take(candidates)
        start = 0
        for word, end in enumerate(ends[_CHUNKS_PER_WORD * len(values) - 1 :: _CHUNKS_PER_WORD * len(values)].tolist()):
            words[start:end] ^= wanted[word]
            start = end
        near = np.flatnonzero(np.bitwise_count(words) <= word_radius)
        if not len(near):
            return []
        rows = np.unique(candidates[near] % len(ids))
        distances = np.bitwise_count(hashes.reshape(WORDS, -1)[:, rows] ^ wanted[:, None]).sum(axis=0, dtype=np.int64)
        return [
            Neighbour(id_, distance)
            for row, id_, distance in zip(rows.tolist(), ids[rows].tolist(), distances.tolist(), strict=True)
            if distance <= radius and row not in self._gone
        ]

    def _in_tail(self, wanted: Words, radius: int) -> list[Neighbour]:
        count = len(self._tail_rows)
        if not count:
            return []
        distances = np.bitwise_count(self._tail[:, :count] ^ wanted[:, None]).sum(axis=0, dtype=np.uint16)
        near = np.flatnonzero(distances <= radius)
        return [
            Neighbour(id_, distance)
            for id_, distance in zip(self._tail_ids[near].tolist(), distances[near].tolist(), strict=True)
        ]


def open_index(path: Path, *, verify: bool = True) -> ImageIndex:
    """The index in a file, mapped into memory: pages are read when a search first touches them.

    Raises UnreadableIndex, or OSError where the file cannot be opened. Put a new index in place by renaming, never by
    writing over one that is open.
    """
    if path.stat().st_size < _HEADER.size:
        raise UnreadableIndex(f"{path.name} is too short to be an index of pictures: write it again")
    return ImageIndex.from_buffer(np.memmap(path, dtype=np.uint8, mode="r"), verify=verify)


def _checked(bits: bytes) -> bytes:
    if len(bits) != HASH_BYTES:
        raise ValueError(f"a PDQ hash has {HASH_BYTES} bytes, not {len(bits)}")
    return bits


def _as_bytes(array: NDArray[np.generic]) -> memoryview:
    return array.data.cast("B")


def _made(ids: Ids, rows: Words) -> _Tables:
    """The tables of n ids in ascending order and their n x 4 words."""
    count = len(ids)
    if count > _MAX_ROWS:
        raise ValueError(f"an index holds at most {_MAX_ROWS:,} hashes, not {count:,}: split it")
    hashes = np.ascontiguousarray(rows.T)
    places = np.empty((CHUNKS, count), dtype="<u4")
    starts = np.empty((CHUNKS, _KEYS + 1), dtype="<u4")
    for chunk in range(CHUNKS):
        word, within = divmod(chunk, _CHUNKS_PER_WORD)
        values = hashes[word].view("<u2")[within::_CHUNKS_PER_WORD]
        places[chunk] = np.argsort(values, kind="stable")
        places[chunk] += word * count
        starts[chunk, 0] = chunk * count
        starts[chunk, 1:] = chunk * count + np.cumsum(np.bincount(values, minlength=_KEYS))
    return _Tables(ids, hashes.ravel(), places.ravel(), starts.ravel())
