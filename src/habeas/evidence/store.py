"""The store of sealed items: named by content, written once, there before the database says so.

Where it is, one word says: a folder of this machine (``HABEAS_EVIDENCE``), or ``s3://bucket/prefix``. Every function
here takes that word first. What each promises stands in ``stores/contract.py``.
"""

from __future__ import annotations

import errno
import os
import secrets
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from habeas.evidence.stores.contract import (
    PIECE_BYTES,
    ItemDamaged,
    NoSuchStore,
    OpenItem,
    Reader,
    Store,
    StoreUnreachable,
    described,
    is_name,
    pieces_of,
    require_name,
)
from habeas.evidence.stores.digests import Digest

__all__ = ["Disk", "ItemDamaged", "NoSuchStore", "OpenItem", "Store", "StoreUnreachable", "at", "delete", "get", "has"]
__all__ += ["names", "open_stream", "put", "put_file", "put_pieces", "put_stream"]

_NEW = ".new-"
_GOING = ".going-"
_OPEN_FILES = "/proc/self/fd"
# A write takes minutes at most; what is older was left by a process that died.
LEFT_OVER_SECONDS = 24 * 60 * 60


def at(place: Path | str) -> Store:
    """The store a setting names. Raises NoSuchStore."""
    if str(place).startswith("s3://"):
        return _s3(str(place))
    if "://" in str(place):
        raise NoSuchStore(f"HABEAS_EVIDENCE: {str(place).split('://')[0]}:// is unknown; name a folder or s3://bucket")
    return Disk(Path(place))


def put(place: Path | str, sealed: bytes) -> str:
    """Store bytes durably and return their name. Storing the same bytes again changes nothing."""
    return at(place).put_pieces([sealed])


def put_stream(place: Path | str, reader: Reader) -> str:
    """As ``put``, for what is too long for memory."""
    return at(place).put_stream(reader)


def put_pieces(place: Path | str, pieces: Iterable[bytes]) -> str:
    """As ``put``, for bytes that come in pieces."""
    return at(place).put_pieces(pieces)


def put_file(place: Path | str, file: Path) -> str:
    """As ``put``, for a file that holds sealed bytes. The file stays where it is."""
    with file.open("rb") as stream:
        return at(place).put_stream(stream)


def get(place: Path | str, name: str) -> bytes:
    """The bytes stored under a name. Raises ItemDamaged."""
    with at(place).open(name) as item:
        return b"".join(pieces_of(item))


def open_stream(place: Path | str, name: str) -> OpenItem:
    """The stored bytes as a stream; close it. Raises ItemDamaged, for changed bytes at the end of reading."""
    return at(place).open(name)


def has(place: Path | str, name: str) -> bool:
    """Whether something is stored under a name."""
    return at(place).has(name)


def delete(place: Path | str, name: str) -> None:
    """Take a stored item out for good. Safe to do again."""
    at(place).delete(name)


def names(place: Path | str) -> Iterator[str]:
    """Every stored name."""
    return at(place).names()


@lru_cache(maxsize=4)
def _s3(place: str) -> Store:
    from habeas.evidence.stores import s3

    return s3.from_settings(place)


class Disk:
    """A folder: ``<first two digits>/<name>``.

    New bytes are written to a file that has no name yet, and get one only when they are on the disk: whatever dies in
    between leaves nothing behind. Where the file system knows no nameless files, a leftover ``.new-…`` may stay, sealed
    like everything else, until ``tidy``.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_stream(self, reader: Reader) -> str:
        return self.put_pieces(pieces_of(reader))

    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        self._make(self._folder)
        digest = Digest("sha256")
        new = _NewFile(self._folder)
        try:
            for piece in pieces:
                digest.update(piece)
                new.write(piece)
            name = digest.hexdigest()
            place = self._place(name)
            self._make(place.parent)
            if not place.exists():
                new.sync()
                new.appear_as(place)
        finally:
            # On a full disk, half-written files would only make it fuller.
            digest.close()
            new.close()
        # A name is durable only once its folder is: also where another writer gave it a moment ago.
        _sync_folder(place.parent)
        _sync_folder(self._folder)
        return name

    def open(self, name: str) -> OpenItem:
        try:
            return OpenItem(_Readable(self._place(require_name(name)), name), name)
        except OSError as error:
            raise _unreadable(name, error) from error

    def has(self, name: str) -> bool:
        return is_name(name) and self._place(name).is_file()

    def delete(self, name: str) -> None:
        """Take the name away, write over the bytes, take the file away.

        Writing over reaches no copy that the disk keeps by itself (flash, snapshots). What makes an item unreadable
        everywhere is that the key of its case is destroyed; this frees the room and is one safeguard more.
        """
        place = self._place(require_name(name))
        going = place.with_name(_GOING + name)
        with suppress(FileNotFoundError):
            os.replace(place, going)
        # Also what an earlier attempt left here when it died half-way.
        if going.exists():
            _write_over(going)
            going.unlink()
            _sync_folder(place.parent)

    def names(self) -> Iterator[str]:
        if not self._folder.is_dir():
            return
        for folder in self._folder.iterdir():
            if len(folder.name) == 2 and folder.is_dir():
                yield from (file.name for file in folder.iterdir() if is_name(file.name))

    def tidy(self, older_than_seconds: float = LEFT_OVER_SECONDS) -> int:
        """Take away what processes that died left: files that never got a name. Returns how many."""
        count = 0
        latest = time.time() - older_than_seconds
        for pattern in (f"{_NEW}*", f"*/{_NEW}*", f"*/{_GOING}*"):
            for file in self._folder.glob(pattern):
                with suppress(FileNotFoundError):
                    if file.stat().st_mtime <= latest:
                        file.unlink()
                        count += 1
        return count

    def _place(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _make(self, folder: Path) -> None:
        if folder.is_dir():
            return
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


class _NewFile:
    """A file without a name, in a folder, until ``appear_as``."""

    def __init__(self, folder: Path) -> None:
        self._named: Path | None = None
        nameless = _nameless(folder)
        if nameless is not None:
            self._descriptor = nameless
        else:
            self._descriptor, named = tempfile.mkstemp(dir=folder, prefix=_NEW)
            self._named = Path(named)

    def write(self, piece: bytes) -> None:
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def appear_as(self, place: Path) -> None:
        if self._named is not None:
            os.replace(self._named, place)
            self._named = None
            return
        folder = os.open(place.parent, os.O_RDONLY)
        try:
            # Naming the folder makes Python call linkat, which follows /proc/self/fd/… to the file; link does not.
            # Another writer of the same bytes may have been first: then the name has what it should already.
            with suppress(FileExistsError):
                os.link(f"{_OPEN_FILES}/{self._descriptor}", place.name, dst_dir_fd=folder)
        finally:
            os.close(folder)

    def close(self) -> None:
        os.close(self._descriptor)
        if self._named is not None:
            self._named.unlink(missing_ok=True)


class _Readable:
    """A file on disk, whose faults are named for what they mean here."""

    def __init__(self, file: Path, name: str) -> None:
        self._stream = file.open("rb", buffering=0)
        self._name = name

    def read(self, size: int, /) -> bytes:
        try:
            return self._stream.read(size) or b""
        except OSError as error:
            raise _unreadable(self._name, error) from error

    def close(self) -> None:
        self._stream.close()


def _nameless(folder: Path) -> int | None:
    """The descriptor of a file without a name, or None where this system or file system knows none."""
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir(_OPEN_FILES):
        return None
    try:
        return os.open(folder, os.O_TMPFILE | os.O_WRONLY, 0o600)
    except OSError as error:
        if error.errno in {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL}:
            return None
        raise


def _unreadable(name: str, error: OSError) -> ItemDamaged:
    return ItemDamaged(f"{described(name)} cannot be read ({error.strerror}); restore it from a backup")


def _write_over(file: Path) -> None:
    with file.open("r+b", buffering=0) as stream:
        left = os.fstat(stream.fileno()).st_size
        while left:
            left -= stream.write(secrets.token_bytes(min(left, PIECE_BYTES)))
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
