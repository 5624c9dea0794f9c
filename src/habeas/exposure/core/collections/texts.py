"""Bytes become text piece by piece, in one encoding found at the start; and values become the text of one row."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

from habeas.exposure.core.collections.model import Limits
from habeas.exposure.core.collections.streams import Feed
from habeas.exposure.core.documents import Document, Part, UnreadableFile, clean_text, is_visible
from habeas.exposure.core.readers import plain

_SAMPLE_BYTES = 262_144
_STEP_BYTES = 65_536

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_HUMP = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_LABEL_BLANKS = re.compile(r"[\s_]+")
_LABEL_CHARACTERS = 60


class TextStream:
    """The text of a feed, step by step.

    note: what a reader should know of the encoding
    Raises UnreadableFile where the start of the feed is no text: encoding, unknown_type.
    """

    def __init__(self, feed: Feed, shown: str) -> None:
        self._feed = feed
        self._shown = shown
        self._pending = b""
        self._utf8_is_a_guess = False
        self.note = ""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._choose(feed.peek(_SAMPLE_BYTES))
        self._ended = False

    @property
    def feed(self) -> Feed:
        return self._feed

    def read(self) -> str:
        """The next stretch of text; empty only at the end."""
        while not self._ended:
            data = self._feed.read_some(_STEP_BYTES)
            self._ended = not data
            text = self._decoded(data)
            if text:
                return text
        return ""

    def _choose(self, sample: bytes) -> None:
        for mark, encoding in _MARKS:
            if sample.startswith(mark):
                self._feed.read(len(mark))
                self._decoder = codecs.getincrementaldecoder(encoding)("replace")
                return
        whole = len(sample) < _SAMPLE_BYTES
        if b"\0" not in sample and _is_utf8(sample, whole):
            self._utf8_is_a_guess = sample.isascii()
            return
        self._settle(sample if whole or b"\0" in sample else sample[: sample.rfind(b"\n") + 1] or sample)

    def _settle(self, sample: bytes) -> None:
        decoded = plain.decode(sample, self._shown)
        self.note = decoded.note
        self._utf8_is_a_guess = False
        self._decoder = codecs.getincrementaldecoder(decoded.encoding)("replace")

    def _decoded(self, data: bytes) -> str:
        if self._decoder is not None:
            return self._decoder.decode(data, not data)
        data = self._pending + data
        self._pending = b""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.end == len(data) and "unexpected end" in error.reason and not self._ended:
                self._pending = data[error.start :]
                data = data[: error.start]
                text = data.decode("utf-8")
            elif self._utf8_is_a_guess:
                # Only ASCII until here: this is the first place that tells the encoding.
                self._choose_late(data)
                return self._decoded(data)
            else:
                self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
                return self._decoder.decode(data, self._ended)
        if self._utf8_is_a_guess and not text.isascii():
            self._utf8_is_a_guess = False
        return text

    def _choose_late(self, data: bytes) -> None:
        try:
            self._settle(data + self._feed.peek(_STEP_BYTES))
        except UnreadableFile:
            self._utf8_is_a_guess = False
            self._decoder = codecs.getincrementaldecoder("utf-8")("replace")


def _is_utf8(sample: bytes, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(sample, whole)
    except UnicodeDecodeError:
        return False
    return True


class Cursor:
    """A place in a text that arrives step by step. ``text[position:]`` is what lies ahead and is already there."""

    def __init__(self, stream: TextStream) -> None:
        self._stream = stream
        self.text = ""
        self.position = 0
        self.ended = False

    def more(self) -> bool:
        """Have more text ahead, and forget what lies behind; whether there was more. Moves ``position``."""
        step = self._stream.read()
        if not step:
            self.ended = True
            return False
        self.text = self.text[self.position :] + step
        self.position = 0
        return True

    def have(self, characters: int) -> bool:
        """Have so many characters ahead; whether there are so many."""
        if len(self.text) - self.position >= characters:
            return True
        steps = [self.text[self.position :]]
        length = len(steps[0])
        while length < characters and not self.ended:
            step = self._stream.read()
            if not step:
                self.ended = True
            steps.append(step)
            length += len(step)
        self.text = "".join(steps)
        self.position = 0
        return length >= characters

    def put_back(self, text: str) -> None:
        """Have what was read lie ahead again."""
        if self.text.endswith(text, 0, self.position):
            self.position -= len(text)
        else:
            self.text = text + self.text[self.position :]
            self.position = 0

    def line(self, limit_characters: int) -> str | None:
        """The next line with its end, or the first ``limit_characters`` of a longer one; None at the end."""
        searched = 0
        while True:
            start, limit = self.position + searched, self.position + limit_characters
            feed = self.text.find("\n", start, limit)
            bare = self.text.find("\r", start, limit if feed < 0 else feed)
            known = len(self.text) - self.position
            if bare >= 0 and bare + 1 == len(self.text) and self.have(known + 1):
                # Whether a line feed belongs to it only shows now.
                searched = known - 1
                continue
            if bare >= 0:
                end = bare + (2 if self.text[bare + 1 : bare + 2] == "\n" else 1)
            elif feed >= 0:
                end = feed + 1
            elif known >= limit_characters:
                end = limit
            elif self.have(known + 1):
                searched = known
                continue
            else:
                end = len(self.text)
            line = self.text[self.position : end]
            self.position = end
            return line or None


def joined(place: str, within: str) -> str:
    """A place within a place."""
    return f"{place}, {within}" if place and within else place or within


def label(name: str) -> str:
    """A column's name as people write it: ``phone_number`` and ``phoneNumber`` become "phone number"."""
    spaced = _LABEL_BLANKS.sub(" ", _HUMP.sub(" ", clean_text(name[: 4 * _LABEL_CHARACTERS]))).strip(" :\ufeff")
    # "phoneNumber" is phone number, but "IBAN", "DOB" and "Phone" stay as they are.
    if spaced != name and not any(word.isupper() for word in spaced.split()):
        spaced = spaced.lower()
    return spaced[:_LABEL_CHARACTERS]


def row_text(fields: Iterable[tuple[str, str]]) -> str:
    """One line per (label, value); empty values are left out."""
    lines = []
    for name, value in fields:
        cleaned = clean_text(value).strip()
        if cleaned and is_visible(cleaned):
            lines.append(f"{name}: {cleaned}" if name else cleaned)
    return "\n".join(lines)


def as_document(name: str, text: str, media_type: str, origin: str, note: str = "") -> Document:
    """A text of one part, which must already be clean."""
    return Document(
        name=name,
        media_type=media_type,
        text=text,
        parts=(Part(origin=origin, start=0, end=len(text)),),
        notes=(note,) if note else (),
        size_bytes=len(text.encode("utf-8", "replace")),
    )


def cut(text: str, limits: Limits) -> Iterator[str]:
    """The text whole, or where it is too long in pieces that overlap."""
    start = 0
    while len(text) - start > limits.piece_characters:
        end = start + limits.piece_characters
        line_end = text.rfind("\n", start + limits.piece_characters // 2, end)
        if line_end >= 0:
            yield text[start:line_end]
            start = line_end + 1
        else:
            yield text[start:end]
            start = end - min(limits.overlap_characters, limits.piece_characters // 2)
    yield text[start:]


def lines_in_pieces(cursor: Cursor, limits: Limits) -> Iterator[tuple[str, str]]:
    """(place, text) of a long text: cut at the ends of lines, at an empty one where there is one.

    A line that is longer than a piece is cut with an overlap.
    """
    held: list[str] = []
    held_characters = 0
    first = number = 1
    breakable = 0  # lines of ``held`` up to and with the last empty one
    tail = ""
    while (line := cursor.line(limits.piece_characters)) is not None:
        ends = line[-1] in "\r\n" or (not tail and len(line) < limits.piece_characters)
        if held and held_characters + len(line) > limits.piece_characters:
            keep = held[breakable:] if breakable > len(held) // 2 else []
            given = held[: len(held) - len(keep)]
            yield _lines(first, first + len(given) - 1), clean_text("".join(given))
            first += len(given)
            held, held_characters, breakable = keep, sum(map(len, keep)), 0
            if held_characters + len(line) > limits.piece_characters:
                yield _lines(first, first + len(held) - 1), clean_text("".join(held))
                first += len(held)
                held, held_characters = [], 0
        if tail or not ends:
            # A stretch of a line that is longer than a piece.
            if held:
                yield _lines(first, number - 1), clean_text("".join(held))
                held, held_characters, breakable = [], 0, 0
            yield _lines(number, number), clean_text(tail + line)
            tail = "" if ends else line[-limits.overlap_characters :] if limits.overlap_characters else ""
            number += ends
            first = number
            continue
        held.append(line)
        held_characters += len(line)
        number += 1
        if not line.strip():
            breakable = len(held)
    if held:
        yield _lines(first, number - 1), clean_text("".join(held))


def _lines(first: int, last: int) -> str:
    return f"line {first}" if last <= first else f"lines {first}-{last}"
