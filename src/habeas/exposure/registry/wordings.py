"""Known texts by their wording, on disk."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from habeas.exposure.core.known import wording
from habeas.exposure.core.known.grams import GRAM, KEY_BYTES, Numbers
from habeas.exposure.core.known.wording import Match, Recent, Segment
from habeas.exposure.registry.folder import BrokenRegistry, Folder, write_whole

# After so many texts the journal becomes a segment, merged into the one there is.
JOURNAL_TEXTS = 20_000
# Fewer grams are too few to tell a text from others.
LEAST_GRAMS = 12
_MAGIC = b"HBW2"
_HEADER = struct.Struct("<4sBBBx8sQQQQ")
_RECORD = struct.Struct("<IB")

Lengths = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass(frozen=True, slots=True)
class _Opened:
    """One segment file, mapped. lengths: uint8 per entry number from 0; 0 for what is not in it."""

    content: np.memmap[Any, np.dtype[np.uint8]]
    segment: Segment
    lengths: Lengths


class Wordings(Folder):
    """What is kept of known texts: keyed samples of their wording, under the numbers of their entries."""

    kind = "wording"

    def __init__(self, folder: Path, key: bytes) -> None:
        """key: at least 16 bytes; the keys that are used are derived from it."""
        super().__init__(folder)
        self._key = blake2b(digest_size=KEY_BYTES, key=key, person=b"habeas wording").digest()
        self._check = blake2b(digest_size=8, key=key, person=b"habeas check").digest()
        self._opened: list[_Opened] = []
        self._recent = Recent()

    def search(self, text: str, most: int = 5) -> list[Match]:
        """The known texts that a text repeats, best first."""
        with self.threads:
            self.refresh()
            parts = [*(one.segment for one in self._opened), self._recent]
            return wording.search(text, self._key, parts, self._length_of, most)

    def __len__(self) -> int:
        with self.threads:
            self.refresh()
            return self._recent.texts + sum(int(np.count_nonzero(one.lengths)) for one in self._opened)

    def __contains__(self, entry: int) -> bool:
        with self.threads:
            self.refresh()
            return self._length_of(entry) > 0

    @property
    def size_bytes(self) -> int:
        """What the segments take, on disk and where they are mapped."""
        return sum(len(one.content) for one in self._opened)

    def sketch(self, text: str) -> Numbers:
        return wording.sketch(text, self._key)

    def add(self, entry: int, text: str) -> bool:
        """Make a text known as a numbered entry; whether it says enough to be. Done again, it replaces it."""
        numbers = self.sketch(text)
        with self.writing():
            for one in self._opened:
                numbers = wording.chosen(numbers, one.segment.common)
            numbers = numbers[: wording.SKETCH]
            if self._length_of(entry):
                self._strike(entry)
            if len(numbers) < LEAST_GRAMS:
                return False
            self.append(_record(entry, numbers))
            if self._recent.texts >= JOURNAL_TEXTS:
                self._compact()
        return True

    def withdraw(self, entry: int) -> bool:
        """Take an entry out of every file at once; whether it was there."""
        with self.writing():
            if not self._length_of(entry):
                return False
            self._strike(entry)
        return True

    def compact(self) -> None:
        """Build the journal into the segment there is."""
        with self.writing():
            self._compact()

    def rebuild(self, texts: Iterable[tuple[int, str]]) -> int:
        """Make the registry anew from (entry, text); the old one answers until the new one is whole."""
        return self.fill((entry, self.sketch(text)) for entry, text in texts)

    def fill(self, sketches: Iterable[tuple[int, Numbers]]) -> int:
        """Put the given sketches in the place of all there is; how many they are."""
        segment, kept = wording.build((entry, numbers) for entry, numbers in sketches if len(numbers) >= LEAST_GRAMS)
        with self.writing():
            self.switch([self._writer(segment, _lengths(kept))] if kept else [])
        return len(kept)

    # ---------------------------------------------------------------------------------------------------- the files

    def opened(self, snapshots: Sequence[Path]) -> None:
        self._opened = [_read_segment(path, self._check) for path in snapshots]
        self._recent = Recent()

    def take(self, record: bytes) -> None:
        entry, _ = _RECORD.unpack_from(record)
        self._recent.add(entry, np.frombuffer(record, "<u8", offset=_RECORD.size).astype(np.uint64))

    def _length_of(self, entry: int) -> int:
        sketched = self._recent.sketches.get(entry)
        if sketched is not None:
            return len(sketched)
        return next((int(one.lengths[entry]) for one in self._opened if 0 <= entry < len(one.lengths)), 0)

    def _strike(self, entry: int) -> None:
        for one in self._opened:
            if entry < len(one.lengths) and one.lengths[entry]:
                one.segment.strike(entry)
                one.lengths[entry] = 0
                one.content.flush()
        if entry in self._recent.sketches:
            left = [(other, numbers) for other, numbers in self._recent.sketches.items() if other != entry]
            self.switch(None, [_record(other, numbers) for other, numbers in left])

    def _compact(self) -> None:
        fresh = self._recent.sketches
        if not fresh:
            return
        built, kept = wording.build(fresh.items())
        size = max([*(len(one.lengths) for one in self._opened), *(entry + 1 for entry in kept)])
        lengths = _lengths(kept, size)
        for one in self._opened:
            lengths[: len(one.lengths)] |= one.lengths
        segments = [*(one.segment for one in self._opened), built]
        self.switch([self._writer(wording.merged(segments), lengths)])

    def _writer(self, segment: Segment, lengths: Lengths) -> Any:
        def write(path: Path) -> None:
            header = _HEADER.pack(
                _MAGIC,
                segment.bits,
                segment.tags.itemsize,
                GRAM,
                self._check,
                len(segment.tags),
                len(segment.common),
                segment.texts,
                len(lengths),
            )
            arrays = (segment.common, segment.offsets, segment.tags, segment.low, segment.high, lengths)
            write_whole(path, header, *(np.ascontiguousarray(array).data for array in arrays if len(array)))

        return write


def _record(entry: int, numbers: Numbers) -> bytes:
    return _RECORD.pack(entry, len(numbers)) + numbers.astype("<u8").tobytes()


def _lengths(kept: Mapping[int, int], size: int = 0) -> Lengths:
    """Per entry number, how many grams were kept; a text of nothing but common grams is there all the same, with 1."""
    lengths = np.zeros(max(size, max(kept, default=-1) + 1), np.uint8)
    for entry, count in kept.items():
        lengths[entry] = max(1, count)
    return lengths


def _read_segment(path: Path, check: bytes) -> _Opened:
    try:
        content = np.memmap(path, np.uint8, "r+")
        magic, bits, tag_bytes, gram, seal, grams, common, texts, entries = _HEADER.unpack_from(content[: _HEADER.size])
    except (OSError, ValueError, struct.error) as error:
        raise BrokenRegistry(path.name, "cannot be read") from error
    if magic != _MAGIC or gram != GRAM:
        raise BrokenRegistry(path.name, "is of another version")
    if seal != check:
        raise BrokenRegistry(path.name, "was made under another key", "restore that key, or ")
    sizes = (4 * common, 4 * ((1 << bits) + 1), tag_bytes * grams, 2 * grams, grams, entries)
    if _HEADER.size + sum(sizes) != len(content):
        raise BrokenRegistry(path.name, "is cut short")
    kinds = (np.uint32, np.uint32, np.uint16 if tag_bytes == 2 else np.uint32, np.uint16, np.uint8, np.uint8)
    views: list[Any] = []
    place = _HEADER.size
    for size, kind in zip(sizes, kinds, strict=True):
        views.append(np.ndarray((size // np.dtype(kind).itemsize,), kind, content, place))
        place += size
    shared, offsets, tags, low, high, lengths = views
    return _Opened(content, Segment(offsets, tags, low, high, shared, texts), lengths)
