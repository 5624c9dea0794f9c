"""What a stream of bytes is, and who reads it: from the outermost file into archives, and out come texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from habeas.exposure.core.collections import streams, texts
from habeas.exposure.core.collections.model import Limits, Unit
from habeas.exposure.core.collections.streams import Account, Feed
from habeas.exposure.core.documents import (
    Document,
    UnreadableFile,
    clean_text,
    is_visible,
    read_document,
    recognise,
    shown_name,
    too_large,
)
from habeas.exposure.core.readers import plain

HEAD_BYTES = 65_536

_NOT_ASCII = bytes(range(128, 256))
_PACKED = {"application/gzip": "gzip", "application/x-bzip2": "bzip2", "application/x-xz": "xz"}
_PACKED_ENDINGS = {
    ".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".gz": "", ".bz2": "", ".xz": "",
}  # fmt: skip


def units(stream: BinaryIO, name: str, *, size_bytes: int, limits: Limits) -> Iterator[Unit]:
    """See ``habeas.exposure.core.collections.units``."""
    walk = Walk(stream, name, size_bytes, limits)
    yield from walk.outermost()


class Walk:
    """One file on its way: how far we are, and what has been unpacked."""

    def __init__(self, stream: BinaryIO, name: str, size_bytes: int, limits: Limits) -> None:
        self.limits = limits
        self.account = Account(limits, size_bytes)
        self.stream = stream
        self._name = name
        self._done_bytes = 0

    def outermost(self) -> Iterator[Unit]:
        shown = shown_name(self._name)
        feed = Feed(streams.of_file(self.stream, shown, self._advance))
        yield from self.open(feed, (shown,), "", self.limits.depth, outermost=True)

    def _advance(self, size: int) -> None:
        self._done_bytes += size

    def at(self, done_bytes: int) -> None:
        """Where in the outermost file we are, for readers that move about in it."""
        self._done_bytes = done_bytes

    # --- what readers give -------------------------------------------------------------------------------------------

    def found(self, path: tuple[str, ...], place: str, document: Document) -> Unit:
        return Unit(path, place, document, None, self._done_bytes)

    def trouble(self, path: tuple[str, ...], place: str, trouble: UnreadableFile) -> Unit:
        return Unit(path, place, None, trouble, self._done_bytes)

    def text(self, path: tuple[str, ...], place: str, text: str, media_type: str, note: str = "") -> Iterator[Unit]:
        """A clean text as one Unit, or several where it is too long; none where there is nothing to see."""
        if not is_visible(text):
            return
        pieces = enumerate(texts.cut(text, self.limits), start=1)
        for number, piece in pieces:
            where = place if len(text) <= self.limits.piece_characters else texts.joined(place, f"piece {number}")
            document = texts.as_document(path[-1], piece, media_type, where or "text", note)
            yield self.found(path, where, document)

    # --- what a stream is --------------------------------------------------------------------------------------------

    def open(
        self,
        feed: Feed,
        path: tuple[str, ...],
        place: str,
        depth: int,
        *,
        name: str | None = None,
        outermost: bool = False,
    ) -> Iterator[Unit]:
        """Every text in a feed; at its end what ended it too early. Raises nothing for its content.

        depth: levels of archives that may still be opened
        name:  what to call it in messages, and a tie-breaker between kinds; the last of the path where None
        """
        shown = name or path[-1]
        try:
            yield from self._read(feed, path, place, depth, shown, outermost)
        except UnreadableFile as trouble:
            # What the bytes ended in is the cause; what a reader made of the rest only follows from it.
            yield self.trouble(path, place, feed.take_trouble() or trouble)
        except Exception as error:
            yield self.trouble(path, place, feed.take_trouble() or _unexpected(shown, error))
        ended_in = feed.take_trouble()
        if ended_in is not None:
            yield self.trouble(path, place, ended_in)

    def _read(
        self, feed: Feed, path: tuple[str, ...], place: str, depth: int, name: str, outermost: bool
    ) -> Iterator[Unit]:
        from habeas.exposure.core.collections import archives, mailbox, warc

        head = feed.peek(HEAD_BYTES)
        kind = "application/octet-stream"
        if archives.is_tar(head):
            kind = "application/x-tar"
        elif warc.is_warc(head):
            kind = "application/warc"
        elif head:
            kind = recognise(head, name)
        if kind.startswith("application/vnd.openxml") and not archives.is_office(head):
            kind = "application/zip"
        if kind in {"application/zip", "application/x-tar"} or kind in _PACKED:
            if depth <= 0:
                raise UnreadableFile(
                    "too_large",
                    f"{name} lies too deep, in an archive within archives: unpack it and send what is in it.",
                )
            if kind == "application/zip":
                yield from archives.zip_members(self, feed, path, place, depth, outermost)
            elif kind == "application/x-tar":
                yield from archives.tar_members(self, feed, path, place, depth)
            else:
                yield from self._unpacked(feed, _PACKED[kind], path, place, depth)
        elif kind == "application/warc":
            yield from warc.records(self, feed, path, place, depth)
        elif kind == "application/mbox":
            yield from mailbox.mails(self, feed, path, place)
        elif kind in {"text/plain", "text/html"}:
            yield from self._text(feed, head, kind, path, place, name)
        else:
            yield self.found(path, place, self.document(feed, name))

    def _unpacked(self, feed: Feed, method: str, path: tuple[str, ...], place: str, depth: int) -> Iterator[Unit]:
        from habeas.exposure.core.collections import archives, warc

        inner_name = unpacked_name(path[-1])
        inner = Feed(streams.Unpacking(feed, method, path[-1], self.account))
        head = inner.peek(HEAD_BYTES)
        if archives.is_tar(head) or warc.is_warc(head):
            # One archive to people: "mail.tar.gz" holds mails, and not a tar that does.
            yield from self.open(inner, path, place, depth)
        elif not head and inner.trouble is not None:
            yield self.trouble(path, place, inner.trouble)
        else:
            yield from self.open(inner, (*path, inner_name), place, depth - 1)

    def _text(self, feed: Feed, head: bytes, kind: str, path: tuple[str, ...], place: str, name: str) -> Iterator[Unit]:
        from habeas.exposure.core.collections import json_records, sql, tables

        whole = len(head) < HEAD_BYTES
        start = _text_of(head, name)
        if start is not None and not start.lstrip("\ufeff \t\r\n").startswith("<"):
            if json_records.is_json(start, name, whole):
                yield from json_records.records(self, feed, path, place)
                return
            if sql.is_dump(start, name):
                yield from sql.rows(self, feed, path, place)
                return
            table = tables.layout(start, name, whole) if kind == "text/plain" else None
            if table is not None:
                yield from tables.rows(self, feed, table, path, place)
                return
        limit_bytes = self.limits.document_bytes if kind == "text/html" else self.limits.text_bytes
        if len(feed.peek(limit_bytes + 1)) <= limit_bytes:
            yield self.found(path, place, self.document(feed, name))
        else:
            stream = texts.TextStream(feed, name)
            for lines, text in texts.lines_in_pieces(texts.Cursor(stream), self.limits):
                yield from self.text(path, texts.joined(place, lines), text, kind, stream.note)

    def document(self, feed: Feed, name: str) -> Document:
        """A whole feed as one document. Raises UnreadableFile."""
        data = feed.read(self.limits.document_bytes + 1)
        if len(data) > self.limits.document_bytes:
            raise too_large(name, max(len(data), self.account.size_bytes), self.limits.document_bytes)
        return read_document(data, name, limit_bytes=self.limits.document_bytes)


def unpacked_name(name: str) -> str:
    """The name of what is in a compressed file: "dump.sql.gz" holds "dump.sql"."""
    lowered = name.lower()
    for ending, instead in _PACKED_ENDINGS.items():
        if lowered.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)] + instead
    return name


def _text_of(head: bytes, name: str) -> str | None:
    """The start of a text, for recognising tables and the like; None where it is no text."""
    cut_off = len(head) >= HEAD_BYTES
    if cut_off and b"\0" not in head:
        line_end = head.rfind(b"\n") + 1
        # Not within a character; a dump may have lines of a megabyte, so not always at the end of one.
        head = head[:line_end] if line_end > len(head) // 2 else head.rstrip(_NOT_ASCII)
    try:
        return plain.decode(head, name).text
    except UnreadableFile:
        return None


def _unexpected(shown: str, error: Exception) -> UnreadableFile:
    # Readers meet hostile bytes in code that is not ours. The cause is not chained, because it may quote the file.
    return UnreadableFile(
        "broken",
        f"{clean_text(shown)} could be read only in part: it is damaged or not what it seems ({type(error).__name__}). "
        "Fetch the file again.",
    )
