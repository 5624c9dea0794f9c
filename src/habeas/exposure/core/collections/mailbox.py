"""A mailbox: each mail a text of its own."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from habeas.exposure.core.collections import texts
from habeas.exposure.core.collections.model import Unit
from habeas.exposure.core.collections.streams import Feed
from habeas.exposure.core.documents import UnreadableFile, read_document, too_large

if TYPE_CHECKING:
    from habeas.exposure.core.collections.walk import Walk

_FROM_LINE = re.compile(rb"From [^\r\n]{1,300} \d{4}(?: [-+]\d{4})?\r?\n\Z")
_QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")
_LINE_BYTES = 65_536


def mails(walk: Walk, feed: Feed, path: tuple[str, ...], place: str) -> Iterator[Unit]:
    """One Unit for each mail, by its headers, texts and attachments."""
    for number, (data, size_bytes) in enumerate(_messages(feed, walk.limits.document_bytes), start=1):
        where = texts.joined(place, f"message {number}")
        try:
            if size_bytes > len(data):
                raise too_large(f"message {number} of {path[-1]}", size_bytes, walk.limits.document_bytes)
            # Named as a mail, because one with a single header line is a mail here.
            document = read_document(data, f"message {number}.eml", limit_bytes=walk.limits.document_bytes)
        except UnreadableFile as trouble:
            yield walk.trouble(path, where, trouble)
        else:
            yield walk.found(path, where, document)


def _messages(feed: Feed, limit_bytes: int) -> Iterator[tuple[bytes, int]]:
    """(bytes, size) of each mail without its separator; the bytes are fewer than the size where it is too large."""
    held = bytearray()
    size_bytes = 0
    after_blank = True
    begun = False
    if feed.peek(3) == codecs.BOM_UTF8:
        feed.read(3)
    while line := feed.read_line(_LINE_BYTES):
        if after_blank and _FROM_LINE.match(line):
            if begun:
                yield _QUOTED_FROM.sub(rb"\1", bytes(held)), size_bytes - _quotes(held)
            held.clear()
            size_bytes = 0
            begun = True
        else:
            begun = True
            size_bytes += len(line)
            if len(held) + len(line) <= limit_bytes and size_bytes - len(line) == len(held):
                held += line
        after_blank = line in {b"\n", b"\r\n"}
    if begun:
        yield _QUOTED_FROM.sub(rb"\1", bytes(held)), size_bytes - _quotes(held)


def _quotes(data: bytearray) -> int:
    return len(_QUOTED_FROM.findall(data))
