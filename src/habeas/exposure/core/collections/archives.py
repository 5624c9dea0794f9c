"""Archives: every file in a zip or tar, read where it lies and never written to disk.

No size that an archive states is trusted: bytes are counted as they come. The directory of a zip is read with the
standard library, its members are not, because that unpacks bzip2 and LZMA in steps of any size.
"""

from __future__ import annotations

import io
import re
import struct
import tarfile
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from habeas.exposure.core.collections import streams
from habeas.exposure.core.collections.model import Unit
from habeas.exposure.core.collections.streams import Feed, Unpacking, cut_off, damaged
from habeas.exposure.core.documents import UnreadableFile, clean_text

if TYPE_CHECKING:
    from habeas.exposure.core.collections.walk import Walk

_NAME_CHARACTERS = 200
_BLOCK = 512
_TAR_NAME_BYTES = 1_000_000

_LOCAL = struct.Struct("<4s5H3I2H")
_METHODS = {8: "deflate", 12: "raw-bzip2", 14: "zip-lzma"}
_METHOD_NAMES = {9: "Deflate64", 93: "Zstandard", 95: "XZ", 96: "JPEG", 97: "WavPack", 98: "PPMd", 99: "AES"}
_ENCRYPTED, _SIZES_FOLLOW, _UTF8_NAME = 0x1, 0x8, 0x800


def is_office(head: bytes) -> bool:
    """Whether a zip starts as Office documents do, not only names a folder "password/" """
    return (
        b"[Content_Types].xml" in head[:4096]
        or re.search(rb"PK\x03\x04.{26}(?:word|xl|ppt)/", head, re.DOTALL) is not None
    )


def is_tar(head: bytes) -> bool:
    if len(head) < _BLOCK or not head[:1].strip(b"\0"):
        return False
    try:
        tarfile.TarInfo.frombuf(head[:_BLOCK], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    # Seven bytes of a text could add up by chance; fields of numbers do not.
    return head[257:262] == b"ustar" or head[100:108].strip(b"\0 ").isdigit()


def safe_name(name: str) -> str:
    """A member's path as it may be shown: no way up or to the root, no characters that hide or turn the text."""
    visible = "".join(
        " " if character in "\n\t" else character
        for character in clean_text(name.replace("\\", "/"))
        if unicodedata.category(character) not in {"Cf", "Co", "Cs"}
    )
    steps = [step.strip() for step in visible.split("/")]
    kept = "/".join(step for step in steps if step and step not in {".", ".."})
    if len(kept) > _NAME_CHARACTERS:
        kept = "…" + kept[-_NAME_CHARACTERS + 1 :]
    return kept or "a file without name"


# --- zip -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Member:
    """What a zip says of one of its files. packed_bytes: None where it only follows the content"""

    name: str
    method: int
    flags: int
    packed_bytes: int | None
    checksum: int | None


def zip_members(
    walk: Walk, feed: Feed, path: tuple[str, ...], place: str, depth: int, outermost: bool
) -> Iterator[Unit]:
    """The texts in all members of a zip: by its directory where that can be reached, else from its front."""
    archive: BinaryIO | None = None
    if outermost and _can_seek(walk.stream):
        archive = walk.stream
    else:
        whole = feed.peek(walk.limits.archive_bytes + 1)
        if len(whole) <= walk.limits.archive_bytes and feed.trouble is None:
            archive = io.BytesIO(whole)
        del whole
    directory = _directory(archive, walk.limits.directory_bytes) if archive is not None else None
    if archive is None or directory is None:
        yield from _from_front(walk, feed, path, place, depth)
        return
    if archive is not walk.stream:
        feed.skip()
    for info in directory:
        if info.is_dir():
            continue
        if walk.account.exhausted:
            return
        walk.account.member(path[-1])
        inner_path = (*path, safe_name(info.filename))
        yield from _listed(walk, archive, info, inner_path, place, depth)


def _can_seek(stream: BinaryIO) -> bool:
    try:
        return stream.seekable()
    except (OSError, ValueError, AttributeError):
        return False


class _Capped:
    """A file whose directory is read in one go: a longer one than may be held is refused."""

    def __init__(self, stream: BinaryIO, limit_bytes: int) -> None:
        self._stream = stream
        self._limit_bytes = limit_bytes

    def read(self, size: int = -1) -> bytes:
        if size > self._limit_bytes:
            raise zipfile.BadZipFile
        data = self._stream.read(size if size >= 0 else self._limit_bytes + 1)
        if len(data) > self._limit_bytes:
            raise zipfile.BadZipFile
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True


def _directory(archive: BinaryIO, limit_bytes: int) -> list[zipfile.ZipInfo] | None:
    """What a zip says it holds, in the order in which it lies there; None where its directory cannot be read."""
    stood = archive.tell()
    try:
        with zipfile.ZipFile(_Capped(archive, limit_bytes)) as listed:
            return sorted(listed.infolist(), key=lambda info: info.header_offset)
    except Exception:
        # The module has many ways to fail on a damaged directory, and all mean the same here.
        return None
    finally:
        archive.seek(stood)


def _listed(
    walk: Walk, archive: BinaryIO, info: zipfile.ZipInfo, path: tuple[str, ...], place: str, depth: int
) -> Iterator[Unit]:
    shown = path[-1]
    try:
        archive.seek(info.header_offset)
        header = archive.read(_LOCAL.size)
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise damaged(shown)
        fields = _LOCAL.unpack(header)
        start = info.header_offset + _LOCAL.size + fields[9] + fields[10]
        archive.seek(start)
    except (OSError, ValueError, OverflowError) as error:
        yield walk.trouble(path, place, error if isinstance(error, UnreadableFile) else damaged(shown))
        return
    read_bytes = 0

    def advance(size: int) -> None:
        nonlocal read_bytes
        read_bytes += size
        if archive is walk.stream:
            walk.at(start + read_bytes)

    window = Feed(streams.of_window(Feed(streams.of_file(archive, shown, advance)), info.compress_size, shown))
    member = _Member(info.filename, info.compress_type, info.flag_bits, info.compress_size, info.CRC)
    yield from _member(walk, window, member, path, place, depth)


def _member(walk: Walk, packed: Feed, member: _Member, path: tuple[str, ...], place: str, depth: int) -> Iterator[Unit]:
    """The texts in one member of a zip, whose packed bytes come next."""
    shown = path[-1]
    if member.flags & _ENCRYPTED:
        yield walk.trouble(
            path,
            place,
            UnreadableFile(
                "encrypted", f"{shown} is locked with a password: unpack the archive with it, and send what is inside."
            ),
        )
        return
    if member.method == 0:
        source: streams.Source = _counted(packed, shown, walk)
        packed_feed: Feed | None = packed
    elif member.method in _METHODS:
        source = Unpacking(packed, _METHODS[member.method], shown, walk.account)
        packed_feed = None
    else:
        method = _METHOD_NAMES.get(member.method, f"number {member.method}")
        yield walk.trouble(
            path,
            place,
            UnreadableFile(
                "unknown_type",
                f"{shown} is packed by a method that is not read here ({method}): unpack the archive, and send what is "
                "inside.",
            ),
        )
        return
    checked = _Checked(source, packed_feed, member.checksum, shown)
    inner = Feed(checked)
    yield from walk.open(inner, path, place, depth - 1)
    if member.packed_bytes is None and not walk.account.exhausted:
        # Where the member ends is only known when all of it is unpacked.
        inner.skip()


def _counted(packed: Feed, shown: str, walk: Walk) -> streams.Source:
    """Bytes stored as they are. They count as unpacked, because members may lie over one another."""

    def source(size: int) -> bytes:
        data = packed.read_some(size)
        walk.account.unpacked(len(data), shown)
        return data

    return source


class _Checked:
    """The content of a member, held against its checksum at the end."""

    def __init__(self, source: streams.Source, packed: Feed | None, checksum: int | None, shown: str) -> None:
        self._source = source
        self._packed = packed
        self._expected = checksum
        self._shown = shown
        self._found = 0
        self._told = False

    def __call__(self, size: int) -> bytes:
        data = self._source(size)
        if data:
            self._found = zlib.crc32(data, self._found)
            return data
        if self._packed is not None and (trouble := self._packed.take_trouble()):
            raise trouble
        if self._expected is not None and self._found != self._expected and not self._told:
            self._told = True
            raise damaged(self._shown)
        return b""


def _from_front(walk: Walk, feed: Feed, path: tuple[str, ...], place: str, depth: int) -> Iterator[Unit]:
    """The members of a zip one after the other, without its directory, as far as they can be told apart."""
    shown = path[-1]
    while True:
        header = feed.peek(_LOCAL.size)
        if header[:4] in {b"PK\x01\x02", b"PK\x05\x06"}:
            feed.skip()
            # A directory that could not be used though it is there: the members were read without it.
            return
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            if feed.end_told:
                return
            raise feed.take_trouble() or (cut_off(shown) if len(header) < _LOCAL.size else damaged(shown))
        _, _, flags, method, _, _, checksum, packed_bytes, _, name_bytes, extra_bytes = _LOCAL.unpack(
            feed.read(_LOCAL.size)
        )
        raw_name = feed.read(name_bytes)
        packed_size = _packed_size(packed_bytes, feed.read(extra_bytes))
        if walk.account.exhausted:
            return
        walk.account.member(shown)
        name = raw_name.decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
        inner_path = (*path, safe_name(name))
        follows = bool(flags & _SIZES_FOLLOW) and packed_size == 0
        if follows and (method not in _METHODS or flags & _ENCRYPTED):
            if name.endswith("/"):
                continue
            raise UnreadableFile(
                "broken",
                f"{shown} could be read only in part: its list of contents is missing, and {inner_path[-1]} does not "
                "say where it ends. Fetch the file again.",
            )
        window = feed if follows else Feed(streams.of_window(feed, packed_size, inner_path[-1]))
        if not name.endswith("/"):
            member = _Member(name, method, flags, None if follows else packed_size, None if follows else checksum)
            yield from _member(walk, window, member, inner_path, place, depth)
        if follows:
            if feed.peek(4) == b"PK\x07\x08":
                feed.read(4)
            # Checksum and sizes, of four bytes or in large archives of eight.
            feed.read(12 if feed.peek(14)[12:] == b"PK" else 20)
        else:
            window.skip()


def _packed_size(stated: int, extra: bytes) -> int:
    """The packed size of a local header, which in large archives stands in an extra field."""
    if stated != 0xFFFFFFFF:
        return stated
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, position)
        if kind == 1 and length >= 16 and position + 20 <= len(extra):
            return int(struct.unpack_from("<Q", extra, position + 12)[0])
        position += 4 + length
    return stated


# --- tar -------------------------------------------------------------------------------------------------------------

_KINDS = {
    tarfile.LNKTYPE: "a link", tarfile.SYMTYPE: "a link", tarfile.CHRTYPE: "a device", tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
}  # fmt: skip
_FILES = {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE}
_PAX_RECORD = re.compile(rb"(\d{1,9}) ([^=]{1,100})=")


def tar_members(walk: Walk, feed: Feed, path: tuple[str, ...], place: str, depth: int) -> Iterator[Unit]:
    """The texts in all members of a tar, from its front."""
    settings: dict[str, str] = {}
    standing: dict[str, str] = {}
    while not walk.account.exhausted and (block := _tar_header(feed, path[-1])):
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError):
            raise feed.take_trouble() or damaged(path[-1]) from None
        if info.type in {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE}:
            into = standing if info.type == tarfile.XGLTYPE else settings
            into.update(_pax(_extended(feed, info.size, path[-1])))
            continue
        if info.type in {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}:
            long_name = _extended(feed, info.size, path[-1]).split(b"\0")[0].decode("utf-8", "replace")
            if info.type == tarfile.GNUTYPE_LONGNAME:
                settings["path"] = long_name
            continue
        stated = {**standing, **settings}
        settings = {}
        name = stated.get("path") or info.name
        size = int(stated["size"][:20]) if re.fullmatch(r"[0-9]+", stated.get("size", "")) else info.size
        inner_path = (*path, safe_name(name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")))
        more_at = 482
        while info.type == tarfile.GNUTYPE_SPARSE and block[more_at : more_at + 1] > b"\0":
            # The map of a sparse file goes on in further blocks.
            block, more_at = feed.read(_BLOCK), 504
        yield from _tar_member(walk, feed, info, max(0, size), stated, inner_path, place, depth)


def _tar_header(feed: Feed, shown: str) -> bytes:
    """The next block that is not empty; none at the end. Raises UnreadableFile where it is cut off."""
    while True:
        block = feed.read(_BLOCK)
        if len(block) == _BLOCK and block.strip(b"\0"):
            return block
        if len(block) < _BLOCK:
            trouble = feed.take_trouble()
            if trouble is not None or (block.strip(b"\0") and not feed.end_told):
                raise trouble or cut_off(shown)
            return b""


def _tar_member(
    walk: Walk,
    feed: Feed,
    info: tarfile.TarInfo,
    size: int,
    stated: dict[str, str],
    path: tuple[str, ...],
    place: str,
    depth: int,
) -> Iterator[Unit]:
    shown = path[-1]
    if info.type in _KINDS:
        # These have no content, whatever size they state.
        yield walk.trouble(
            path, place, UnreadableFile("unknown_type", f"{shown} is {_KINDS[info.type]} and no file: it was left out.")
        )
        return
    if info.type == tarfile.DIRTYPE or (info.type == tarfile.AREGTYPE and info.name.endswith("/")):
        return
    walk.account.member(path[0])
    window = Feed(streams.of_window(feed, size, shown))
    if info.type not in _FILES or any(key.startswith("GNU.sparse") for key in stated):
        yield walk.trouble(
            path,
            place,
            UnreadableFile(
                "unknown_type", f"{shown} is stored in a way that is not read here: unpack the archive, and send it."
            ),
        )
    else:
        yield from walk.open(window, path, place, depth - 1)
    if walk.account.exhausted:
        return
    window.skip()
    if window.trouble is not None:
        # The rest of the member is missing, and nothing comes after it.
        feed.trouble = window.take_trouble()
        return
    feed.skip(-size % _BLOCK)


def _extended(feed: Feed, size: int, shown: str) -> bytes:
    """A long name or extended header."""
    if not 0 <= size <= _TAR_NAME_BYTES:
        raise damaged(shown)
    data = feed.read(size)
    if len(data) < size:
        raise feed.take_trouble() or cut_off(shown)
    feed.skip(-size % _BLOCK)
    return data


def _pax(data: bytes) -> dict[str, str]:
    """The records "length key=value" of an extended header."""
    found = {}
    position = 0
    while match := _PAX_RECORD.match(data, position):
        end = position + int(match[1])
        if end <= match.end():
            break
        found[match[2].decode("utf-8", "replace")] = data[match.end() : end - 1].decode("utf-8", "replace")
        position = end
    return found
