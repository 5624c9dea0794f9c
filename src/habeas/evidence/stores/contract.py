"""What every store of sealed bytes keeps to, wherever it is.

A name is the SHA-256 of the stored bytes in hex, so a store can be checked by itself and nothing is ever written over.
Once a name was returned, the bytes stay, through a crash too; before that, nothing stands under the name. Two writers
of the same bytes do not disturb each other.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Protocol

PIECE_BYTES = 1 << 20
_NAME = re.compile(r"[0-9a-f]{64}")


class ItemDamaged(RuntimeError):
    """A stored item is missing or no longer has its hash."""


class StoreUnreachable(RuntimeError):
    """The store does not answer, or answers that it cannot. What was asked may be asked again."""


class NoSuchStore(ValueError):
    """The setting names no store that could be used. The message says what is missing."""


class Reader(Protocol):
    """Gives up to ``size`` bytes, and none only at the end."""

    def read(self, size: int, /) -> bytes: ...


class Store(Protocol):
    def put_pieces(self, pieces: Iterable[bytes]) -> str:
        """Store bytes that come in pieces, durably, and return their name. The same bytes again change nothing."""

    def put_stream(self, reader: Reader) -> str:
        """As ``put_pieces``, for all that ``reader`` gives."""

    def open(self, name: str) -> OpenItem:
        """The stored bytes as a stream, checked as they are read. Raises ItemDamaged, at the latest at the end."""

    def has(self, name: str) -> bool:
        """Whether something is stored under a name. Says nothing on whether it is whole."""

    def delete(self, name: str) -> None:
        """Take it out for good. What is not there is not missed."""

    def names(self) -> Iterator[str]:
        """Every stored name, in no order."""


class OpenItem:
    """A stored item being read: ends with ItemDamaged where its bytes are not those it is named by.

    Whoever stops reading before the end has checked nothing.
    """

    def __init__(self, stream: Reader, name: str, where: str = "on disk") -> None:
        self._stream, self._name, self._where = stream, name, where
        self._hash = hashlib.sha256()
        self._checked = False

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, none only at the end. Raises ItemDamaged, StoreUnreachable."""
        piece = self._stream.read(size)
        self._hash.update(piece)
        if not piece and size and not self._checked:
            if self._hash.hexdigest() != self._name:
                raise ItemDamaged(f"{described(self._name)} was changed {self._where}; restore it from a backup")
            self._checked = True
        return piece

    def close(self) -> None:
        close = getattr(self._stream, "close", None)
        if close is not None:
            close()

    def __enter__(self) -> OpenItem:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def pieces_of(reader: Reader) -> Iterator[bytes]:
    while piece := reader.read(PIECE_BYTES):
        yield piece


def is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def require_name(name: str) -> str:
    """The name itself. Raises ItemDamaged: a name that is none could lead anywhere in the file system."""
    if not is_name(name):
        raise ItemDamaged(f"stored item {name[:12]!r}… cannot be read (not a name); restore the database from a backup")
    return name


def described(name: str) -> str:
    return f"stored item {name[:12]}…"
