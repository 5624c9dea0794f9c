"""From a file in clear to a stored item in one pass: hashed, sealed and written side by side, a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.evidence import store
from habeas.evidence.stores.contract import Reader
from habeas.evidence.stores.digests import Digest

if TYPE_CHECKING:
    from habeas.access.models import CaseKey


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of a file. Hashes in hex, of the original; ``name`` is what the store calls the sealed bytes."""

    name: str
    sha256: str
    sha512: str
    size_bytes: int


class Hashed:
    """A reader that hashes what passes through it."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._sha256, self._sha512 = Digest("sha256"), Digest("sha512")
        self.size_bytes = 0

    def read(self, size: int, /) -> bytes:
        piece = self._reader.read(size)
        # The slower one first: it decides when all are done.
        self._sha512.update(piece)
        self._sha256.update(piece)
        self.size_bytes += len(piece)
        return piece

    def hashes(self) -> tuple[str, str]:
        """SHA-256 and SHA-512 of all that was read, hex. Nothing can be read afterwards."""
        return self._sha256.hexdigest(), self._sha512.hexdigest()

    def close(self) -> None:
        self._sha256.close()
        self._sha512.close()


@contextmanager
def hashed(reader: Reader) -> Iterator[Hashed]:
    """``reader``, hashed as it is read."""
    passing = Hashed(reader)
    try:
        yield passing
    finally:
        passing.close()


def seal_into(place: Path | str, key: CaseKey, reader: Reader, context: str) -> Stored:
    """Seal all that ``reader`` gives under a case's key and store it. Memory: a few MiB, whatever the length.

    context: as for ``keys.seal``, for example ``item/<id>``
    Raises KeyDestroyed, and whatever reading or storing raises; then nothing stands in the store.
    """
    from habeas.access import keys

    with hashed(reader) as original:
        name = store.put_pieces(place, keys.sealed_blocks(key, original, context))
        return Stored(name, *original.hashes(), original.size_bytes)
