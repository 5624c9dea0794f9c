"""Acts on services that remember no keys: what was begun there and what became of it, kept here instead.

One small file for each act: empty while it is out, then the number the service gave. It is made before anything leaves,
so whatever stops in between leaves a mark, and nothing is sent twice unseen. Workers on several machines share the
folder. A file tells nothing: its name is a digest, and its content the service's own number.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from habeas.platforms.core.dispatch import NotReached


class NotKnown(RuntimeError):
    """It was begun, and nobody knows whether it was done."""


class Once:
    """folder: made where it is not there; channel: acts of others do not count."""

    def __init__(self, folder: Path, channel: str) -> None:
        self._folder, self._channel = folder, channel

    def begin(self, key: str) -> str | None:
        """Note that an act goes out now; the number of one that was done already. Raises NotKnown, NotReached."""
        file = self._file(key)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                if number := file.read_text("ascii"):
                    return number
                raise NotKnown(self._channel) from None
            _settle(self._folder)
        except (OSError, ValueError) as trouble:
            # Without a note of what is out, nothing goes.
            raise NotReached(f"no note could be made of what is sent ({type(trouble).__name__})") from None
        return None

    def take_back(self, key: str) -> None:
        """Nothing was done: it may be begun again."""
        with suppress(OSError):
            self._file(key).unlink(missing_ok=True)

    def done(self, key: str, number: str) -> None:
        """It was done. Where that cannot be noted, a later try finds it out and its number unknown."""
        file = self._file(key)
        fresh = file.with_suffix(".new")
        with suppress(OSError):
            with fresh.open("w", encoding="ascii") as stream:
                stream.write(number)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(file)
            _settle(self._folder)

    def _file(self, key: str) -> Path:
        return self._folder / hashlib.sha256(f"{self._channel} {key}".encode("utf-8", "surrogatepass")).hexdigest()


def _settle(folder: Path) -> None:
    """Survive a power cut: a new name in a folder does once the folder is written."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
