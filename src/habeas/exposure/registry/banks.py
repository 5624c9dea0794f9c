"""The picture hashes that others share, on disk: like known pictures, but they come and go by whole pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from habeas.exposure.registry.pictures import Pictures

# Each hash of the journal waits for the disk, some 4 ms; from so many on one new snapshot is quicker.
FEW = 30


class Banks(Pictures):
    """Hashes of others under the numbers of their ``BankedHash``."""

    kind = "banks"

    def change(self, kept: Mapping[int, bytes], gone: Iterable[int]) -> None:
        """Take out some numbers and hold others, all in one step. What is as it should be stays untouched.

        kept: number -> PDQ hash; one number always has the same hash
        """
        leaving = [number for number in gone if number in self]
        coming = {number: bits for number, bits in kept.items() if number not in self}
        if not leaving and len(coming) <= FEW:
            for number, bits in coming.items():
                self.add(number, bits)
            return
        with self.writing():
            for number in leaving:
                if number in self._index:
                    self._index.remove(number)
            for number, bits in coming.items():
                if number not in self._index:
                    self._index.add(number, self.disguised(bits))
            self._snapshot()
