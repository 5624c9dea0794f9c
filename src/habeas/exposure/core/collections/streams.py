"""Bytes that can be looked into before they are read, and unpacking that stops in time."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol

from habeas.exposure.core.collections.model import Limits
from habeas.exposure.core.documents import UnreadableFile

CHUNK_BYTES = 65_536

Source = Callable[[int], bytes]
"""Gives at most so many bytes, and none at the end. Raises UnreadableFile where the bytes end in trouble."""


class Feed:
    """A stream of bytes with a look ahead.

    Trouble in the source counts as its end: what came before is still read. Whoever opened the feed tells of
    ``trouble`` when done with it. ``end_told`` says that it was told already that something is missing from here on.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ahead = bytearray()
        self._ended = False
        self.trouble: UnreadableFile | None = None
        self.end_told = False
        self.read_bytes = 0

    def peek(self, size: int) -> bytes:
        """The next bytes, which stay; fewer than ``size`` only at the end."""
        self._fetch(size)
        return bytes(self._ahead[:size])

    def read(self, size: int) -> bytes:
        """The next bytes; fewer than ``size`` only at the end."""
        self._fetch(size)
        taken = bytes(self._ahead[:size])
        del self._ahead[:size]
        self.read_bytes += len(taken)
        return taken

    def read_some(self, size: int) -> bytes:
        """The next bytes, at most ``size`` and as they come; none only at the end."""
        self._fetch(1)
        taken = bytes(self._ahead[:size])
        del self._ahead[:size]
        self.read_bytes += len(taken)
        return taken

    def read_line(self, limit_bytes: int) -> bytes:
        """Up to and with the next line feed, or ``limit_bytes`` bytes of a longer line."""
        looked = 0
        while True:
            end = self._ahead.find(b"\n", looked, limit_bytes)
            if end >= 0:
                return self.read(end + 1)
            looked = len(self._ahead)
            if looked >= limit_bytes or not self._fetch(looked + 1):
                return self.read(limit_bytes)

    def unread(self, data: bytes) -> None:
        """Put back what was read too far."""
        self._ahead[:0] = data
        self.read_bytes -= len(data)

    def skip(self, size: int | None = None) -> int:
        """Leave out the next ``size`` bytes, or all; how many there were."""
        skipped = 0
        while size is None or skipped < size:
            taken = self.read_some(CHUNK_BYTES if size is None else min(CHUNK_BYTES, size - skipped))
            if not taken:
                break
            skipped += len(taken)
        return skipped

    def at_end(self) -> bool:
        return not self._fetch(1)

    def take_trouble(self) -> UnreadableFile | None:
        """What ended the feed before its time; told once, so that an inner and an outer feed do not both tell it."""
        trouble, self.trouble = self.trouble, None
        return trouble

    def _fetch(self, size: int) -> bool:
        """Have ``size`` bytes ahead; whether there are so many."""
        while len(self._ahead) < size and not self._ended:
            try:
                fetched = self._source(max(CHUNK_BYTES, size - len(self._ahead)))
            except UnreadableFile as trouble:
                self.trouble = trouble
                fetched = b""
            if not fetched:
                self._ended = True
            self._ahead += fetched
        return len(self._ahead) >= size


def of_file(stream: BinaryIO, shown: str, on_progress: Callable[[int], None]) -> Source:
    """The bytes of an open file. on_progress: called with the number of bytes of each step"""

    def source(size: int) -> bytes:
        try:
            data = stream.read(size)
        except (OSError, ValueError, EOFError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise UnreadableFile(
                "broken", f"{shown} could be read only in part ({reason}): copy it again, and read the copy."
            ) from None
        on_progress(len(data))
        return data

    return source


def of_window(feed: Feed, size_bytes: int, shown: str) -> Source:
    """The next ``size_bytes`` bytes of another feed."""
    left = size_bytes

    def source(size: int) -> bytes:
        nonlocal left
        if left <= 0:
            return b""
        data = feed.read_some(min(size, left))
        left -= len(data)
        if not data:
            feed.end_told = True
            raise feed.take_trouble() or cut_off(shown)
        return data

    return source


class Account:
    """What has been unpacked out of one file, on all levels, against what may be."""

    def __init__(self, limits: Limits, size_bytes: int) -> None:
        self.limits = limits
        self.size_bytes = size_bytes
        self.unpacked_bytes = 0
        self.members = 0

    @property
    def exhausted(self) -> bool:
        """Whether nothing more may be unpacked."""
        return (
            self.unpacked_bytes > self.limits.unpacked_bytes
            or self.unpacked_bytes > self.limits.ratio_from_bytes + self.limits.unpacking_ratio * self.size_bytes
            or self.members > self.limits.members
        )

    def unpacked(self, size: int, shown: str) -> None:
        """Count bytes as they are unpacked. Raises UnreadableFile."""
        self.unpacked_bytes += size
        if self.exhausted:
            raise UnreadableFile(
                "too_large",
                f"{shown} was read only in part: the file unpacks to more than {self.unpacked_bytes // 1_000_000} MB, "
                "which is out of all proportion. Unpack what matters, and send that.",
            )

    def member(self, shown: str) -> None:
        """Count a member of an archive. Raises UnreadableFile."""
        self.members += 1
        if self.members > self.limits.members:
            raise UnreadableFile(
                "too_large",
                f"{shown} and what is in it hold more than {self.limits.members:,} files: the rest was left out. "
                "Unpack what matters, and send that.",
            )


class _Decompressor(Protocol):
    """One compressed stream, unpacked in steps of bounded size."""

    def step(self, data: bytes, limit_bytes: int) -> bytes: ...
    def wants_input(self) -> bool: ...
    def ended(self) -> bool: ...
    def left_over(self) -> bytes: ...


class _Deflate:
    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)
        self._has_more = False

    def step(self, data: bytes, limit_bytes: int) -> bytes:
        unpacked = self._inner.decompress(self._inner.unconsumed_tail + data, limit_bytes)
        # A full step may leave bytes inside even where all input is taken.
        self._has_more = len(unpacked) >= limit_bytes
        return unpacked

    def wants_input(self) -> bool:
        return not self._has_more and not self._inner.unconsumed_tail

    def ended(self) -> bool:
        return self._inner.eof

    def left_over(self) -> bytes:
        return self._inner.unused_data


class _Block:
    """bz2 and lzma, whose objects of the standard library behave alike."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    def step(self, data: bytes, limit_bytes: int) -> bytes:
        return self._inner.decompress(data, limit_bytes)

    def wants_input(self) -> bool:
        return self._inner.needs_input

    def ended(self) -> bool:
        return self._inner.eof

    def left_over(self) -> bytes:
        return self._inner.unused_data


class _Brotli:
    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped,unused-ignore]

        self._inner = brotli.Decompressor()

    def step(self, data: bytes, limit_bytes: int) -> bytes:
        return bytes(self._inner.process(data, output_buffer_limit=limit_bytes))

    def wants_input(self) -> bool:
        return bool(self._inner.can_accept_more_data())

    def ended(self) -> bool:
        return bool(self._inner.is_finished())

    def left_over(self) -> bytes:
        return b""


def _raw_lzma(properties: bytes, window_bytes: int, shown: str) -> lzma.LZMADecompressor:
    """The decompressor of a zip's LZMA member. properties: one byte of settings and the dictionary size"""
    settings, dictionary_bytes = properties[0], int.from_bytes(properties[1:5], "little")
    if settings >= 225 or settings % 9 + settings // 9 % 5 > 4:
        raise damaged(shown)
    if dictionary_bytes > window_bytes:
        raise _too_hungry(shown)
    return lzma.LZMADecompressor(
        lzma.FORMAT_RAW,
        filters=[
            {
                "id": lzma.FILTER_LZMA1,
                "dict_size": dictionary_bytes,
                "lc": settings % 9,
                "lp": settings // 9 % 5,
                "pb": settings // 45,
            }
        ],
    )


_MAGIC = {"gzip": b"\x1f\x8b\x08", "bzip2": b"BZh", "xz": b"\xfd7zXZ\x00"}
_FAILURES = (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError)


class Unpacking:
    """The content of a compressed stream, counted while it is unpacked.

    method: gzip, bzip2, xz (any number of streams one after the other),
            deflate, zlib, raw-bzip2, zip-lzma, brotli (one)
    Calling it gives the next bytes. Raises UnreadableFile: broken, too_large, unknown_type.
    """

    def __init__(self, feed: Feed, method: str, shown: str, account: Account) -> None:
        self._feed = feed
        self._method = method
        self._shown = shown
        self._account = account
        self._began = feed.read_bytes
        self._unpacked_bytes = 0
        self._decompressor: _Decompressor | None = None
        self._done = False

    def __call__(self, size: int) -> bytes:
        try:
            return self._next(size)
        except UnreadableFile:
            self._feed.end_told = True
            raise

    def _next(self, size: int) -> bytes:
        while not self._done:
            if self._decompressor is None:
                self._decompressor = self._begin()
            data = self._step(self._decompressor, min(size, CHUNK_BYTES))
            if data:
                self._count(len(data))
                return data
        return b""

    def _step(self, decompressor: _Decompressor, size: int) -> bytes:
        packed = b""
        if decompressor.wants_input():
            # Small bites: what is left over must be handed back, and some decompressors hold what they are given.
            packed = self._feed.read_some(8_192)
            if not packed:
                raise self._feed.take_trouble() or cut_off(self._shown)
        try:
            data = decompressor.step(packed, size)
        except _FAILURES as error:
            raise _too_hungry(self._shown) if "Memory" in str(error) else damaged(self._shown) from None
        except Exception as error:
            # Brotli has an error class of its own.
            if type(error).__module__.partition(".")[0] not in {"brotli", "_brotli"}:
                raise
            raise damaged(self._shown) from None
        if decompressor.ended():
            self._feed.unread(decompressor.left_over())
            self._decompressor = None
            self._done = not self._another_follows()
        return data

    def _another_follows(self) -> bool:
        magic = _MAGIC.get(self._method)
        if magic is None:
            return False
        while self._feed.peek(4) == b"\0\0\0\0":
            self._feed.read(4)
        return self._feed.peek(len(magic)) == magic

    def _count(self, size: int) -> None:
        self._unpacked_bytes += size
        self._account.unpacked(size, self._shown)
        limits = self._account.limits
        packed_bytes = self._feed.read_bytes - self._began
        if (
            self._unpacked_bytes > limits.ratio_from_bytes
            and self._unpacked_bytes > limits.unpacking_ratio * packed_bytes
        ):
            raise UnreadableFile(
                "too_large",
                f"{self._shown} was read only in part: it unpacks to more than {limits.unpacking_ratio} times its "
                "size, as files do that are made to fill a disk. Send the part that matters.",
            )

    def _begin(self) -> _Decompressor:
        limits = self._account.limits
        match self._method:
            case "gzip":
                return _Deflate(31)
            case "zlib":
                return _Deflate(15)
            case "deflate":
                return _Deflate(-15)
            case "bzip2" | "raw-bzip2":
                return _Block(bz2.BZ2Decompressor())
            case "xz":
                return _Block(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=limits.window_bytes))
            case "zip-lzma":
                head = self._feed.read(4)
                properties = self._feed.read(int.from_bytes(head[2:4], "little"))
                if len(properties) != 5:
                    raise self._feed.take_trouble() or damaged(self._shown)
                return _Block(_raw_lzma(properties, limits.window_bytes, self._shown))
            case "brotli":
                try:
                    return _Brotli()
                except ImportError:
                    pass
        raise UnreadableFile(
            "unknown_type",
            f"{self._shown} is packed in a way that is not read here: unpack it, and send what is in it.",
        )


def cut_off(shown: str) -> UnreadableFile:
    return UnreadableFile("broken", f"{shown} is cut off: what came before was read. Fetch the file again.")


def damaged(shown: str) -> UnreadableFile:
    return UnreadableFile("broken", f"{shown} is damaged: what came before was read. Fetch the file again.")


def _too_hungry(shown: str) -> UnreadableFile:
    return UnreadableFile(
        "too_large", f"{shown} asks for too much memory to be unpacked: unpack it and send what is in it."
    )
