"""Web archives (WARC): pages, pictures and documents that a crawler or browser kept, with their address and time.

Source: ISO 28500 (WARC 1.1), and RFC 9112 for the messages within.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from habeas.exposure.core.collections import streams, texts
from habeas.exposure.core.collections.model import Unit
from habeas.exposure.core.collections.streams import Feed, Unpacking, cut_off
from habeas.exposure.core.documents import UnreadableFile, clean_text, recognise, shown_name

if TYPE_CHECKING:
    from habeas.exposure.core.collections.walk import Walk

_VERSION = re.compile(rb"WARC/\d\.\d{1,2}\s*\Z")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? \d{3}")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n\Z")
_ADDRESS_CHARACTERS = 300
_HEAD_BYTES = 65_536

# Records that hold something people saw. A conversion is the text that was taken out of a page.
_KEPT = {"response", "resource", "conversion"}
_LEFT_OUT = re.compile(r"(?i)^(?:audio|video|font)/|javascript|ecmascript|\bcss\b|font")
_READABLE = re.compile(
    r"text/|image/|message/rfc822|application/(?:pdf|mbox|zip|gzip|x-xz|x-bzip2|x-ole|rtf|vnd\.open|vnd\.oasis)"
)
_ENCODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "zlib", "br": "brotli"}


def is_warc(head: bytes) -> bool:
    return _VERSION.match(head[:40].partition(b"\n")[0]) is not None


def records(walk: Walk, feed: Feed, path: tuple[str, ...], place: str, depth: int) -> Iterator[Unit]:
    """The texts in every record that holds a page, picture, document or text."""
    limits = walk.limits
    number = troubles = 0
    while line := feed.read_line(limits.header_bytes):
        if not line.strip():
            continue
        number += 1
        headers = _headers(feed, limits.header_bytes) if _VERSION.match(line) else None
        length = (headers or {}).get("content-length", "")
        if headers is None or not re.fullmatch(r"\d{1,18}", length):
            if feed.at_end() and feed.trouble is not None:
                return
            yield walk.trouble(path, texts.joined(place, f"record {number}"), _broken_record(path[-1]))
            troubles += 1
            if troubles >= limits.troubles or not _to_next_record(feed, limits.header_bytes):
                return
            continue
        window = Feed(streams.of_window(feed, int(length), path[-1]))
        walk.account.member(path[-1])
        where = texts.joined(place, ", ".join(filter(None, (f"record {number}", *_origin(headers)))))
        if headers.get("warc-type", "").lower() in _KEPT:
            yield from _content(walk, window, headers, path, where, depth)
        if walk.account.exhausted:
            return
        window.skip()
        ended_in = window.take_trouble()
        if ended_in is not None:
            yield walk.trouble(path, where, ended_in)
        if feed.end_told:
            return


def _origin(headers: dict[str, str]) -> tuple[str, str]:
    """The address and time of a record, as they may be shown."""
    address = clean_text(headers.get("warc-target-uri", "")).replace("\n", " ").strip("<> ")
    return address[:_ADDRESS_CHARACTERS], clean_text(headers.get("warc-date", ""))[:40]


def _headers(feed: Feed, limit_bytes: int) -> dict[str, str] | None:
    """Header lines up to the empty one, by lower-case name; None where they never end."""
    found: dict[str, str] = {}
    name = ""
    left = limit_bytes
    while line := feed.read_line(max(1, left)):
        left -= len(line)
        if not line.strip():
            return found
        if left <= 0:
            return None
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text[0] in " \t" and name:
            found[name] += " " + text.strip()
            continue
        name, _, value = text.partition(":")
        name = name.strip().lower()
        found[name] = value.strip()
    return None


def _to_next_record(feed: Feed, limit_bytes: int) -> bool:
    """Move on to where the next record begins; whether there is one."""
    while line := feed.read_line(limit_bytes):
        if _VERSION.match(line):
            feed.unread(line)
            return True
    return False


def _content(
    walk: Walk, window: Feed, headers: dict[str, str], path: tuple[str, ...], place: str, depth: int
) -> Iterator[Unit]:
    """The texts in one record. What is neither text nor page, picture or document is left out without a word."""
    address = headers.get("warc-target-uri", "").strip("<> ").partition("?")[0]
    name = shown_name(address) if "/" in address.partition("://")[2].rstrip("/") else "the page"
    media_type = headers.get("content-type", "")
    body = window
    try:
        if media_type.lower().startswith("application/http") or _STATUS.match(window.peek(16)):
            if "msgtype=request" in media_type.lower():
                return
            window.read_line(walk.limits.header_bytes)
            message = _headers(window, walk.limits.header_bytes)
            if message is None:
                # The record ends with the header lines, or is cut off within them, which the caller tells.
                return
            media_type = message.get("content-type", "")
            if _LEFT_OUT.search(media_type):
                return
            body = _decoded(walk, window, message, name)
        elif _LEFT_OUT.search(media_type):
            return
        head = body.peek(_HEAD_BYTES)
        if head and not _READABLE.match(recognise(head, name)):
            return
    except UnreadableFile as trouble:
        yield walk.trouble(path, place, trouble)
        return
    if head:
        yield from walk.open(body, path, place, depth - 1, name=name)
    elif (ended_in := body.take_trouble()) is not None:
        yield walk.trouble(path, place, ended_in)


def _decoded(walk: Walk, window: Feed, message: dict[str, str], name: str) -> Feed:
    """The body of an HTTP message as it was meant: out of its chunks, and unpacked."""
    body = window
    if "chunked" in message.get("transfer-encoding", "").lower() and _CHUNK.match(_first_line(window)):
        # Some crawlers keep the header line and store the body put together.
        body = Feed(_Chunked(window, name, walk.limits.header_bytes))
    codings = [coding.strip() for coding in message.get("content-encoding", "").lower().split(",")]
    for coding in reversed([coding for coding in codings if coding not in {"", "identity", "none", "utf-8"}][:4]):
        start = body.peek(2)
        if not start:
            break
        method = _ENCODINGS.get(coding, coding)
        if method == "gzip" and start != b"\x1f\x8b":
            continue  # stored unpacked, though the header line still says otherwise
        if method == "zlib" and (start[0] & 0x0F != 8 or int.from_bytes(start, "big") % 31):
            method = "deflate"  # servers never agreed which of the two is meant
        body = Feed(Unpacking(body, method, name, walk.account))
    return body


def _first_line(feed: Feed) -> bytes:
    head = feed.peek(200)
    return head[: head.find(b"\n") + 1]


class _Chunked:
    """A body sent in chunks, each under its size in hexadecimal digits."""

    def __init__(self, feed: Feed, shown: str, limit_bytes: int) -> None:
        self._feed = feed
        self._shown = shown
        self._limit_bytes = limit_bytes
        self._left = 0
        self._begun = False
        self._done = False

    def __call__(self, size: int) -> bytes:
        if self._done:
            return b""
        if self._left == 0:
            if self._begun:
                self._feed.read_line(2)
            self._begun = True
            line = self._feed.read_line(self._limit_bytes)
            match = _CHUNK.match(line)
            if match is None:
                self._done = True
                raise self._feed.take_trouble() or cut_off(self._shown)
            self._left = int(match[1], 16)
            if self._left == 0:
                self._done = True
                return b""
        data = self._feed.read_some(min(size, self._left))
        if not data:
            self._done = True
            raise self._feed.take_trouble() or cut_off(self._shown)
        self._left -= len(data)
        return data


def _broken_record(shown: str) -> UnreadableFile:
    return UnreadableFile(
        "broken", f"{shown} has a record that is damaged: reading goes on at the next one. Fetch the file again."
    )
