"""Hashing beside other work: the hash runs in a thread of its own while the next piece is read, sealed or written."""

from __future__ import annotations

import hashlib
import queue
import threading

# Below this a thread costs more than it saves.
_WORTH_A_THREAD = 1 << 19
_PIECES_WAITING = 4


class Digest:
    """A hash that is fed piece by piece and asked once. Memory: a few pieces, however much is fed.

    name: sha256 or sha512
    """

    def __init__(self, name: str) -> None:
        self._hash = hashlib.new(name)
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_PIECES_WAITING)
        self._thread: threading.Thread | None = None

    def update(self, piece: bytes) -> None:
        if self._thread is None and len(piece) < _WORTH_A_THREAD:
            self._hash.update(piece)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="hashing", daemon=True)
            self._thread.start()
        self._pieces.put(piece)

    def hexdigest(self) -> str:
        """The hash of all that was fed. Nothing can be fed afterwards."""
        self.close()
        return self._hash.hexdigest()

    def close(self) -> None:
        """End the thread, where there is one. Needed where ``hexdigest`` is never asked for."""
        if self._thread is not None:
            self._pieces.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (piece := self._pieces.get()) is not None:
            self._hash.update(piece)
