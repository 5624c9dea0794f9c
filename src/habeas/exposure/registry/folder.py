"""A folder of snapshots and one journal, that several threads and processes read and write.

    current.json   which files count; replaced in one step
    <kind>-<n>-<m> a snapshot, mapped into memory
    journal-<n>    what came since, one record each, checked by CRC
    lock           held by whoever writes

Every question first looks whether the journal has grown or other files count by now, so what one process writes counts
for all with their next question. A crash leaves the old state or the new one, and at most half a record, which the
next writer cuts off.
"""

from __future__ import annotations

import fcntl
import json
import os
import struct
import threading
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("<I")
_CRC = struct.Struct("<I")

# Writes one snapshot to the path it is given.
Writer = Callable[[Path], None]


class BrokenRegistry(RuntimeError):
    """The registry's files cannot be used. The message says which one and what to do."""

    def __init__(self, file: str, what: str, otherwise: str = "") -> None:
        super().__init__(f"{file} {what}: {otherwise}run `habeas registry rebuild`")


class Folder(ABC):
    """What one kind of registry stands on. Subclasses keep what is open, and say how to read and write it."""

    kind: str

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.threads = threading.RLock()
        self.names: tuple[str, ...] = ()
        self._current: tuple[int, int] | None = None
        self._journal = ""
        self._journal_read = 0

    @abstractmethod
    def opened(self, snapshots: Sequence[Path]) -> None:
        """Open these snapshots in the place of what was open, with nothing since."""

    @abstractmethod
    def take(self, record: bytes) -> None:
        """Take in one record of the journal."""

    def refresh(self) -> None:
        """Read what other threads and processes changed since the last look."""
        try:
            state = (self.folder / "current.json").stat()
        except FileNotFoundError:
            if self._current is not None:
                self._current, self._journal, self.names = None, "", ()
                self.opened(())
            return
        if (state.st_ino, state.st_mtime_ns) != self._current:
            current = self._read_current()
            self.names = tuple(current["snapshots"])
            self.opened([self.folder / name for name in self.names])
            self._journal, self._journal_read = str(current["journal"]), 0
            self._current = (state.st_ino, state.st_mtime_ns)
        self._read_journal()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One writer at a time, among all threads and processes."""
        with self.threads:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "lock").open("wb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not (self.folder / "current.json").exists():
                    self.switch([])
                self.refresh()
                yield

    def append(self, record: bytes) -> None:
        """Add one record to the journal. Only while ``writing``."""
        with (self.folder / self._journal).open("r+b") as journal:
            journal.seek(self._journal_read)
            journal.truncate()
            journal.write(_framed(record))
            journal.flush()
            os.fsync(journal.fileno())
        self.refresh()

    def switch(self, snapshots: Sequence[Writer] | None, journal: Iterable[bytes] = ()) -> None:
        """Write new files, let them count in one step, take the old ones away. Only while ``writing``.

        snapshots: None keeps those there are
        """
        generation = self._generation() + 1
        names = list(self.names)
        if snapshots is not None:
            names = [f"{self.kind}-{generation}-{place}" for place in range(len(snapshots))]
            for name, write in zip(names, snapshots, strict=True):
                write(self.folder / name)
        new_journal = f"journal-{generation}"
        write_whole(self.folder / new_journal, *map(_framed, journal))
        current = {"generation": generation, "snapshots": names, "journal": new_journal}
        write_whole(self.folder / "current.json", json.dumps(current).encode())
        for file in (*self.folder.glob(f"{self.kind}-*"), *self.folder.glob("journal-*")):
            if file.name not in {*names, new_journal}:
                file.unlink()
        self.refresh()

    def _generation(self) -> int:
        return int(self._read_current()["generation"]) if (self.folder / "current.json").exists() else 0

    def _read_current(self) -> dict[str, Any]:
        try:
            current: dict[str, Any] = json.loads((self.folder / "current.json").read_bytes())
        except ValueError as error:
            raise BrokenRegistry("current.json", "cannot be read") from error
        return current

    def _read_journal(self) -> None:
        try:
            with (self.folder / self._journal).open("rb") as journal:
                if os.fstat(journal.fileno()).st_size <= self._journal_read:
                    return
                journal.seek(self._journal_read)
                content = journal.read()
        except FileNotFoundError:
            return  # another process has just switched; the next look opens the new files
        done = 0
        for record, end in _records(content):
            self.take(record)
            done = end
        self._journal_read += done


def _framed(record: bytes) -> bytes:
    return _LENGTH.pack(len(record)) + record + _CRC.pack(zlib.crc32(record))


def _records(content: bytes) -> Iterator[tuple[bytes, int]]:
    """(record, where it ends), as far as they are whole."""
    place = 0
    while place + _LENGTH.size + _CRC.size <= len(content):
        start = place + _LENGTH.size
        end = start + _LENGTH.unpack_from(content, place)[0]
        if end + _CRC.size > len(content) or _CRC.unpack_from(content, end)[0] != zlib.crc32(content[start:end]):
            return
        place = end + _CRC.size
        yield content[start:end], place


def write_whole(path: Path, *content: bytes | memoryview) -> None:
    """Write a file so that after a crash it is the old one or the new one, never half of it."""
    half = path.with_name(path.name + ".half")
    with open(half, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.writelines(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
