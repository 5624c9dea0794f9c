"""E-mail as mail programs save it: headers, the message, and what is attached to it."""

from __future__ import annotations

import email
import email.header
import email.policy
import email.utils
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any

from habeas.exposure.core import readers
from habeas.exposure.core.documents import UnreadableFile, clean_text, is_visible, shown_name
from habeas.exposure.core.readers import Budget, Reading, html, plain

# Shown to people and searched, in this order. Who relayed the message is left to the evidence.
_SHOWN = ("From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Subject", "Date", "Message-ID", "X-Originating-IP",
          "Snapshot-Content-Location")  # fmt: skip
_MAX_HEADER = 20_000
_LONG_HEADER = 2_000
_MAX_NESTING = 40
_MAX_MESSAGES = 1_000

_MBOX_LINE = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\r\n\r\n))From [^\r\n]{1,300} \d{4}(?: [-+]\d{4})?\r?\n")
_QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")
_CONTENT_HEADER = re.compile(rb"(?im)^content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*")
_BOUNDARY = re.compile(rb"(?i)boundary\s*=")


def read(data: bytes, name: str, budget: Budget) -> Reading:
    """All messages of the file, each with its readable attachments. Raises UnreadableFile."""
    messages = _messages(data)
    reading = Reading()
    if len(messages) == 1:
        _read_message(messages[0], "", name, budget, reading)
        return reading
    for number, message in enumerate(messages[:_MAX_MESSAGES], start=1):
        if budget.parts_left <= 0 or budget.bytes_left <= 0:
            reading.notes.append(f"only the first {number - 1} of {len(messages)} messages were read")
            break
        _read_message(message, f"message {number}, ", name, budget, reading)
    if len(messages) > _MAX_MESSAGES:
        reading.notes.append(f"only the first {_MAX_MESSAGES} of {len(messages)} messages were read")
    return reading


def _messages(data: bytes) -> list[bytes]:
    """The messages of a mailbox, or the one message of a mail."""
    starts = [(match.start(), match.end()) for match in _MBOX_LINE.finditer(data)]
    if not starts or starts[0][0] != 0:
        return [data.lstrip(b"\r\n\xef\xbb\xbf")]
    ends = [start for start, _ in starts[1:]] + [len(data)]
    return [_QUOTED_FROM.sub(rb"\1", data[begin:end]) for (_, begin), end in zip(starts, ends, strict=True)]


def _read_message(data: bytes, origin: str, name: str, budget: Budget, reading: Reading) -> None:
    # The parser compares each line with each open boundary: many of both would take minutes.
    if len(_BOUNDARY.findall(data)) * data.count(b"\n") > 20_000_000:
        raise UnreadableFile(
            "too_large", f"{name} has too many nested parts to be read: forward the message alone and send that."
        )
    if any(match.end() - match.start() > _MAX_HEADER for match in _CONTENT_HEADER.finditer(data)):
        _as_it_stands(data, "a header line is too long to be read", origin, name, reading)
        return
    try:
        message: Message[Any, Any] = email.message_from_bytes(data, policy=email.policy.default)
    except RecursionError:
        _as_it_stands(data, "parts nest too deep", origin, name, reading)
        return
    except Exception:
        # The modern parser stumbles over some broken headers that the older one takes as they are.
        message = email.message_from_bytes(data, policy=email.policy.compat32)
    _walk_message(message, origin, name, budget, reading)


def _as_it_stands(data: bytes, reason: str, origin: str, name: str, reading: Reading) -> None:
    reading.notes.append(f"{origin}{reason}: the message is shown as it stands in the file")
    reading.pieces.append((f"{origin}text", plain.decode(data, name).text))


def _walk_message(message: Message[Any, Any], origin: str, name: str, budget: Budget, reading: Reading) -> None:
    lines = []
    for key in _SHOWN:
        for value in _headers(message, key)[:20]:
            lines.append(f"{key}: {value}")
            reading.headers.setdefault(_HEADER_KEYS.get(key, key.lower()), value)
    reading.pieces.append((f"{origin}headers", "\n".join(lines)))
    _Walk(origin, name, budget, reading).part(message, depth=0)


# A page saved whole (.mhtml) is a mail whose address stands in its own header.
_HEADER_KEYS = {"Snapshot-Content-Location": "url"}


class _Walk:
    """One message's parts, in order: bodies as text, the rest as attachments."""

    def __init__(self, origin: str, name: str, budget: Budget, reading: Reading) -> None:
        self.origin = origin
        self.name = name
        self.budget = budget
        self.reading = reading
        self.attachments = 0

    def part(self, part: Message[Any, Any], depth: int) -> None:
        if self.budget.parts_left <= 0 or depth > _MAX_NESTING:
            self._note("the message has more parts than can be read: the rest was left out")
            return
        self.budget.parts_left -= 1
        kind = _content_type(part)
        if kind == "message/rfc822" or (kind.startswith("message/") and _is_container(part)):
            self._message(part)
        elif kind == "multipart/alternative" and _is_container(part):
            self._alternative(list(_children(part)), depth)
        elif _is_container(part):
            for child in _children(part):
                self.part(child, depth + 1)
        elif kind.startswith("multipart/") or (kind in {"text/plain", "text/html"} and not _is_attachment(part)):
            # A multipart without its boundary has no parts to walk: it is shown as the text it is.
            self._body(part, kind)
        else:
            self._attachment(part, kind)

    def _alternative(self, children: list[Message[Any, Any]], depth: int) -> None:
        """The plain version, unless it is only a stub beside a much longer HTML one."""
        plain_parts = [child for child in children if _content_type(child) == "text/plain"]
        html_parts = [child for child in children if _content_type(child) == "text/html"]
        others = [child for child in children if child not in plain_parts and child not in html_parts]
        texts = [self._decoded(child) for child in plain_parts]
        plain_length = sum(len(re.sub(r"\s", "", text)) for text in texts)
        if html_parts or others:
            pages = [(child, html.read_text(self._decoded(child))) for child in html_parts]
            html_length = sum(
                len(re.sub(r"\s", "", text))
                for _, page in pages
                for origin, text in page.pieces
                if origin == "page text"
            )
            if plain_length == 0 or html_length > 2 * plain_length + 200:
                for _, page in pages:
                    self._add_page(page)
                texts = [] if pages else texts
            elif any(origin == "hidden text" for _, page in pages for origin, _ in page.pieces):
                self._note("the message has an HTML version with hidden text, which was left out")
        for text in texts:
            self.reading.pieces.append((f"{self.origin}message text", text.strip("\n")))
        for child in others:
            # The HTML version with its pictures; where the plain text stands, only the pictures are still wanted.
            if texts and any(is_visible(text) for text in texts) and _is_container(child):
                for grandchild in _children(child):
                    if _content_type(grandchild) not in {"text/html", "text/plain"}:
                        self.part(grandchild, depth + 2)
            else:
                self.part(child, depth + 1)

    def _body(self, part: Message[Any, Any], kind: str) -> None:
        text = self._decoded(part)
        if kind == "text/html":
            self._add_page(html.read_text(text))
        else:
            self.reading.pieces.append((f"{self.origin}message text", text.strip("\n")))

    def _add_page(self, page: Reading) -> None:
        names = {"page text": "message text"}
        for origin, text in page.pieces:
            self.reading.pieces.append((self.origin + names.get(origin, origin), text))
        self.reading.notes.extend(page.notes)
        if "url" in page.headers:
            self.reading.headers.setdefault("url", page.headers["url"])

    def _message(self, part: Message[Any, Any]) -> None:
        """A message within the message."""
        self.attachments += 1
        label = f"{self.origin}attachment {_file_name(part) or f'message {self.attachments}'}, "
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if self.budget.depth_left <= 0:
            self._note(f"{label.rstrip(', ')} was not read: mail within mail nests too deep")
        elif isinstance(inner, Message):
            self.budget.depth_left -= 1
            kept = dict(self.reading.headers)
            _walk_message(inner, label, self.name, self.budget, self.reading)
            # The headers of the document are those of the outer message.
            self.reading.headers.clear()
            self.reading.headers.update(kept)
            self.budget.depth_left += 1
        else:
            self._attachment(part, "message/rfc822", counted=True)

    def _attachment(self, part: Message[Any, Any], kind: str, *, counted: bool = False) -> None:
        self.attachments += 0 if counted else 1
        label = _file_name(part) or f"{self.attachments}"
        data = _payload(part)
        if not data.strip():
            return
        if self.budget.depth_left <= 0 or len(data) > self.budget.bytes_left:
            self._note(f"attachment {label} was not read: nested too deep, or the attachments are too large together")
            return
        if kind.startswith("text/"):
            data = _as_utf8(data, _charset(part))
        self.budget.bytes_left -= len(data)
        self.budget.depth_left -= 1
        try:
            media_type = readers.recognise(data, label)
            reading = readers.read(data, label, media_type, self.budget)
        except UnreadableFile as refusal:
            self._note(f"attachment {label} was not read: {refusal}")
            return
        except Exception as error:
            self._note(f"attachment {label} was not read: it is damaged ({type(error).__name__})")
            return
        finally:
            self.budget.depth_left += 1
        for origin, text in reading.pieces:
            place = f"attachment {label}" if origin == "text" else f"attachment {label}, {origin}"
            self.reading.pieces.append((self.origin + place, text))
        self.reading.notes.extend(f"attachment {label}: {note}" for note in reading.notes)

    def _decoded(self, part: Message[Any, Any]) -> str:
        """A body's text. Nothing of a message is refused for its encoding: lost letters are marked and noted."""
        data = _payload(part)
        if not data.strip(b"\0\r\n\t "):
            return ""
        try:
            decoded = plain.decode(data, self.name, _charset(part))
        except UnreadableFile:
            self._note("a part of the message could not be decoded whole; lost letters are marked \ufffd")
            return data.decode("utf-8", "replace")
        if decoded.note and "as the file says" not in decoded.note:
            self._note(f"message text: {decoded.note}")
        return decoded.text

    def _note(self, note: str) -> None:
        self.reading.notes.append(f"{self.origin}{note}")


def _content_type(part: Message[Any, Any]) -> str:
    try:
        return part.get_content_type()
    except Exception:
        return "text/plain"


def _is_container(part: Message[Any, Any]) -> bool:
    return isinstance(part.get_payload(), list)


def _children(part: Message[Any, Any]) -> Iterator[Message[Any, Any]]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


def _is_attachment(part: Message[Any, Any]) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or bool(part.get_filename())
    except Exception:
        return False


def _file_name(part: Message[Any, Any]) -> str:
    try:
        name = part.get_filename()
    except Exception:
        return ""
    return shown_name(_unfolded(_decoded_words(name))) if isinstance(name, str) and name.strip() else ""


def _charset(part: Message[Any, Any]) -> str | None:
    try:
        return part.get_content_charset()
    except Exception:
        return None


def _payload(part: Message[Any, Any]) -> bytes:
    try:
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes):
            return payload
        raw = part.get_payload()
    except Exception:
        return b""
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _as_utf8(data: bytes, charset: str | None) -> bytes:
    """A text attachment in the encoding the mail declares, as UTF-8; as it is where that does not fit."""
    label = plain.codec_of(charset)
    if label in {None, "utf-8", "ascii"}:
        return data
    try:
        return data.decode(str(label)).encode("utf-8")
    except (UnicodeError, ValueError):
        return data


def _headers(message: Message[Any, Any], key: str) -> list[str]:
    """The values of a header line, decoded and on one line each."""
    raw = [str(value)[:_MAX_HEADER] for name, value in message.raw_items() if name.lower() == key.lower()]
    try:
        # The modern policy parses on access. It drops raw eight-bit letters, which _unfolded can still save, and takes
        # time that grows with the square of the length.
        values = [_decoded_words(value) for value in raw] if _is_hard(raw) else _parsed(message, key)
    except Exception:
        # It also fails on some broken values: take them as they were written.
        values = [_decoded_words(value) for value in raw]
    return [_unfolded(value)[:_MAX_HEADER] for value in values if value.strip()]


def _parsed(message: Message[Any, Any], key: str) -> list[str]:
    return [str(value) for value in message.get_all(key, [])]


def _is_hard(values: list[str]) -> bool:
    return _has_raw_bytes(values) or any(len(value) > _LONG_HEADER for value in values)


def _has_raw_bytes(values: list[str]) -> bool:
    return any("\udc80" <= character <= "\udcff" for value in values for character in value)


def _decoded_words(value: str) -> str:
    """RFC 2047 words decoded; what cannot be is left as it is."""
    if "=?" not in value:
        return value
    try:
        return str(email.header.make_header(email.header.decode_header(value)))
    except Exception:
        return value


def _unfolded(value: str) -> str:
    """One line; raw eight-bit letters, which the parser keeps as halves of characters, are put together again."""
    if _has_raw_bytes([value]):
        try:
            data = value.encode("utf-8", "surrogateescape")
        except UnicodeError:
            data = value.encode("utf-8", "replace")
        try:
            value = data.decode("utf-8")
        except UnicodeError:
            value = data.decode("cp1252", "replace")
    return clean_text(" ".join(line.strip() for line in value.splitlines())).strip()
