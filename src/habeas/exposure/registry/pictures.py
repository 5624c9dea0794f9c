"""Known pictures by their perceptual hash, on disk.

A perceptual hash shows, roughly, what is in the picture. So none is stored as it is: the registry's key puts the 256
bits of every hash in another order and turns half of them over. Distances stay what they were, so near pictures are
found all the same; without the key the stored bits show nothing.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from habeas.exposure.core.image_index import ImageIndex, Neighbour, UnreadableIndex
from habeas.exposure.core.pdq import HASH_BYTES, MATCH_DISTANCE
from habeas.exposure.registry.folder import BrokenRegistry, Folder, write_whole

JOURNAL_PICTURES = 4_000
_RECORD = struct.Struct(f"<Q{HASH_BYTES}s")
_CHECK_BYTES = 8


class Pictures(Folder):
    """What is kept of known pictures: disguised PDQ hashes, under the numbers of their entries."""

    kind = "pictures"

    def __init__(self, folder: Path, key: bytes) -> None:
        """key: at least 16 bytes."""
        super().__init__(folder)
        self._check = blake2b(digest_size=_CHECK_BYTES, key=key, person=b"habeas check").digest()
        self._order, self._turned = _disguise(key)
        self._index, self._since = ImageIndex(), 0

    def search(self, bits: bytes, radius: int = MATCH_DISTANCE) -> list[Neighbour]:
        """The known pictures within ``radius`` bits, nearest first."""
        with self.threads:
            self.refresh()
            return self._index.search(self.disguised(bits), radius)

    def __len__(self) -> int:
        with self.threads:
            self.refresh()
            return len(self._index)

    def __contains__(self, entry: int) -> bool:
        with self.threads:
            self.refresh()
            return entry in self._index

    def add(self, entry: int, bits: bytes) -> None:
        """Make a picture known as a numbered entry. Done again, it replaces it."""
        with self.writing():
            if entry in self._index:
                self._take_out(entry)
            self.append(_RECORD.pack(entry, self.disguised(bits)))
            if self._since >= JOURNAL_PICTURES:
                self._snapshot()

    def withdraw(self, entry: int) -> bool:
        """Take an entry out of every file at once; whether it was there."""
        with self.writing():
            if entry not in self._index:
                return False
            self._take_out(entry)
        return True

    def rebuild(self, pictures: Iterable[tuple[int, bytes]]) -> int:
        """Make the registry anew from (entry, hash); the old one answers until the new one is whole."""
        index = ImageIndex.of((entry, self.disguised(bits)) for entry, bits in pictures)
        with self.writing():
            self._index = index
            self._snapshot()
        return len(index)

    def disguised(self, bits: bytes) -> bytes:
        """A hash as it is stored."""
        spread = np.unpackbits(np.frombuffer(bits, np.uint8))[self._order] ^ self._turned
        return np.packbits(spread).tobytes()

    # ---------------------------------------------------------------------------------------------------- the files

    def opened(self, snapshots: Sequence[Path]) -> None:
        self._index, self._since = ImageIndex(), 0
        for path in snapshots:
            self._index = self._read(path)

    def take(self, record: bytes) -> None:
        entry, bits = _RECORD.unpack(record)
        if entry in self._index:
            self._index.remove(entry)
        self._index.add(entry, bits)
        self._since += 1

    def _take_out(self, entry: int) -> None:
        self._index.remove(entry)
        self._snapshot()

    def _snapshot(self) -> None:
        self._index.compact()
        index = self._index

        def write(path: Path) -> None:
            write_whole(path, self._check, index.to_bytes())

        self.switch([write])

    def _read(self, path: Path) -> ImageIndex:
        try:
            content = np.memmap(path, np.uint8, "r")
            if bytes(content[:_CHECK_BYTES]) != self._check:
                raise BrokenRegistry(path.name, "was made under another key", "restore that key, or ")
            return ImageIndex.from_buffer(content[_CHECK_BYTES:])
        except (OSError, ValueError, UnreadableIndex) as error:
            raise BrokenRegistry(path.name, "cannot be read") from error


def _disguise(key: bytes) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """(where each bit comes from, which bits are turned over)"""
    seed = blake2b(digest_size=64, key=key, person=b"habeas pictures").digest()
    chance = random.Random(seed)  # noqa: S311 - seeded by a keyed hash; only needs to be the same each time
    order = list(range(8 * HASH_BYTES))
    chance.shuffle(order)
    turned = [chance.getrandbits(1) for _ in order]
    return np.array(order, np.int64), np.array(turned, np.uint8)
