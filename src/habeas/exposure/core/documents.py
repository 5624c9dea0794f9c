"""Files become text: plain text, saved HTML, e-mail, PDF, screenshot.

``read_document`` takes bytes and gives one text with the origin of each stretch of it. What the file is, is read from
its content, because what people send is often named wrongly. The readers stand one to a file in ``readers/``; the
libraries they need are loaded when the first file of their kind arrives.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

LIMIT_BYTES = 25_000_000

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_NOT_A_CHARACTER = re.compile("[\ud800-\udfff\ufffe\uffff]")
# What a reader sees: not only blanks, soft hyphens and zero-width characters.
_VISIBLE = re.compile("[^\\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")


class UnreadableFile(ValueError):
    """A file that cannot be read. ``code`` is one of: missing, empty, too_large, encrypted, encoding, no_text, broken,
    unknown_type. The message is a sentence that says what to do, and never shows the file's content."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of a document's text.

    origin: where it stood, for people ("page 2", "attachment note.pdf, page 1", "hidden text", "image, by OCR")
    start, end: characters in ``Document.text``
    """

    origin: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one file.

    text:       no control characters but line feed and tab; every line ends in a line feed
    parts:      in order, without overlap; between two of them stands one empty line
    media_type: as recognised from the content, not from the name
    notes:      what a reader should know ("decoded as windows-1252", "text by OCR: may hold misread letters")
    headers:    of a mail ("subject", "from", …), of a page ("url", "title"), of a PDF ("title", "author")
    """

    name: str
    media_type: str
    text: str
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    sha256: str = ""
    size_bytes: int = 0
    headers: dict[str, str] = field(default_factory=dict)


def recognise(data: bytes, name: str = "") -> str:
    """The media type of a file, from its content; the name only breaks ties. Unknown: application/octet-stream."""
    from habeas.exposure.core import readers

    return readers.recognise(data, name)


def read_document(data: bytes, name: str, *, limit_bytes: int = LIMIT_BYTES) -> Document:
    """The text of one file, with where each stretch of it stood.

    name:        the file's name, for messages and as a tie-breaker between types
    limit_bytes: the largest file to read; also bounds what a mail's attachments may hold together
    Raises UnreadableFile and nothing else, whatever the bytes are.
    """
    from habeas.exposure.core import readers

    shown = shown_name(name)
    if not data:
        raise UnreadableFile("empty", f"{shown} is empty: choose the file again, or paste its text.")
    if len(data) > limit_bytes:
        raise too_large(shown, len(data), limit_bytes)
    try:
        media_type = readers.recognise(data, name)
        reading = readers.read(data, shown, media_type, readers.Budget(bytes_left=limit_bytes))
        text, parts = _assemble(reading.pieces)
    except UnreadableFile:
        raise
    except Exception as error:
        # Readers meet hostile bytes in code that is not ours. The cause is not chained, because it may quote the file.
        raise UnreadableFile(
            "broken",
            f"{shown} cannot be read: it is damaged or not what it seems ({type(error).__name__}). "
            "Save it again, or send a screenshot or the text.",
        ) from None
    if not parts:
        raise _nothing_in(shown, media_type)
    return Document(
        name=name,
        media_type=media_type,
        text=text,
        parts=parts,
        notes=tuple(dict.fromkeys(clean_text(note) for note in reading.notes)),
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        headers={key: clean_text(value) for key, value in reading.headers.items()},
    )


def clean_text(text: str) -> str:
    """The text with line feeds as line ends, and without control characters or halves of characters."""
    if "\r" in text or not text.isprintable():
        text = _LINE_END.sub("\n", text)
        text = _CONTROL.sub("", text)
        text = _NOT_A_CHARACTER.sub("\ufffd", text)
    return text


def shown_name(name: str) -> str:
    """A file's name as messages show it: no folders, no control characters, at most 80 characters."""
    last = clean_text(name).replace("\n", " ").replace("\\", "/").rstrip("/").rpartition("/")[2].strip()
    return (last[:77] + "…" if len(last) > 80 else last) or "the file"


def is_visible(text: str) -> bool:
    """Whether a person would see anything of this text."""
    return _VISIBLE.search(text) is not None


def too_large(shown: str, size_bytes: int, limit_bytes: int) -> UnreadableFile:
    """The refusal of a file over the limit."""
    return UnreadableFile(
        "too_large",
        f"{shown} has {_megabytes(size_bytes)}, and the limit is {_megabytes(limit_bytes)}: "
        "send the part that matters, or a screenshot of it.",
    )


def _megabytes(size_bytes: int) -> str:
    if size_bytes < 100_000:
        return f"{size_bytes:,} bytes"
    return f"{size_bytes / 1_000_000:.1f} MB"


def _nothing_in(shown: str, media_type: str) -> UnreadableFile:
    if media_type == "text/plain":
        return UnreadableFile("empty", f"{shown} holds only blanks: choose the file again, or paste its text.")
    return UnreadableFile(
        "no_text", f"No text was found in {shown}: send a sharper screenshot of it, or type what it says."
    )


def _assemble(pieces: list[tuple[str, str]]) -> tuple[str, tuple[Part, ...]]:
    """One text out of (origin, text) pieces; pieces nobody could see are left out."""
    texts: list[str] = []
    parts: list[Part] = []
    position = 0
    for origin, piece in pieces:
        cleaned = clean_text(piece)
        if not is_visible(cleaned):
            continue
        if texts:
            texts.append("\n\n")
            position += 2
        texts.append(cleaned)
        parts.append(Part(origin=clean_text(origin), start=position, end=position + len(cleaned)))
        position += len(cleaned)
    return "".join(texts), tuple(parts)
