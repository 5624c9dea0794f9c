"""JSON and JSON Lines: each record a text of one line per value, however large the file.

The records of ``[{…}, {…}]`` are its elements; those of ``{"users": [{…}], "count": 2}`` are the users, and what stands
around them. Only one record is held at a time. (A parser of the whole would hold the file several times over, and
streaming ones hold a string of any length.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from habeas.exposure.core.collections import texts
from habeas.exposure.core.collections.model import Unit
from habeas.exposure.core.collections.streams import Feed
from habeas.exposure.core.collections.texts import Cursor, TextStream
from habeas.exposure.core.documents import UnreadableFile, clean_text

if TYPE_CHECKING:
    from habeas.exposure.core.collections.walk import Walk

_MEDIA_TYPE = "application/json"
_DEPTH = 12
_LABEL_CHARACTERS = 80

_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
# A stretch without structure, a whole string, or a bracket.
_STRETCH = re.compile(r'[^"\[\]{}]+|"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_STRING_SIGN = re.compile(r'["\\]')
_SCALAR = re.compile(r"[^\s,\[\]{}:\"]+")
_TOKEN = re.compile(
    r'\s*(?:(?P<string>"[^"\\\x00-\x08\x0e-\x1f]*(?:\\.[^"\\]*)*")|(?P<scalar>-?\d[\d.eE+-]*|true|false|null|NaN|-?Infinity)'
    r"|(?P<sign>[\[\]{},:]))",
    re.DOTALL,
)


class _Object(list[tuple[str, Any]]):
    """The fields of an object in their order, also those of the same name."""


class _Malformed(ValueError):
    pass


def is_json(start: str, name: str, whole: bool) -> bool:
    """Whether a text begins as JSON of lists or objects does; a chat log "[12:03] …" does not."""
    start = start[:20_000].lstrip("\ufeff \t\r\n")
    if start[:1] not in {"[", "{"}:
        return False
    grammar = _Grammar()
    position = tokens = 0
    while tokens < 400:
        match = _TOKEN.match(start, position)
        if match is None:
            rest = start[position:].strip()
            # The sample, or what is left of the file, may end within a string or number.
            return tokens >= 3 and (not rest or rest[0] in '"-0123456789tfn')
        if not grammar.accepts(match):
            return tokens >= 40 or (name.lower().endswith((".json", ".jsonl", ".ndjson", ".geojson")) and tokens >= 4)
        position = match.end()
        tokens += 1
    return True


class _Grammar:
    """What may follow in JSON, or in JSON after JSON."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._due = "value"

    def accepts(self, match: re.Match[str]) -> bool:
        sign = match["sign"]
        if sign in {"[", "{"}:
            if self._due not in {"value", "value or end"}:
                return False
            self._open.append(sign)
            self._due = "value or end" if sign == "[" else "key or end"
            return True
        if sign in {"]", "}"}:
            fits = bool(self._open) and self._open[-1] == ("[" if sign == "]" else "{")
            if not fits or not (self._due == "comma" or self._due.endswith("or end")):
                return False
            self._open.pop()
            return self._value_ended()
        if sign == ",":
            fits = self._due == "comma" and bool(self._open)
            self._due = "key" if self._open and self._open[-1] == "{" else "value"
            return fits
        if sign == ":":
            fits = self._due == "colon"
            self._due = "value"
            return fits
        if self._due in {"key", "key or end"}:
            self._due = "colon"
            return match["string"] is not None
        return self._due in {"value", "value or end"} and bool(self._open) and self._value_ended()

    def _value_ended(self) -> bool:
        self._due = "comma" if self._open else "value"
        return True


def records(walk: Walk, feed: Feed, path: tuple[str, ...], place: str) -> Iterator[Unit]:
    """One Unit for each record, in the order of the file."""
    reading = _Reading(walk, TextStream(feed, path[-1]), path, place)
    yield from reading.all()


class _Reading:
    def __init__(self, walk: Walk, stream: TextStream, path: tuple[str, ...], place: str) -> None:
        self._walk = walk
        self._stream = stream
        self._cursor = Cursor(stream)
        self._path = path
        self._place = place
        self._shown = clean_text(path[-1])
        self._limit = walk.limits.row_characters
        self._count = 0  # values one after the other

    def all(self) -> Iterator[Unit]:
        if self._is_line_by_line():
            yield from self._lines()
            return
        while ahead := self._next():
            self._count += 1
            # One list is the list of records; objects one after the other are the records themselves.
            place = "" if ahead == "[" else f"record {self._count}"
            try:
                yield from self._value(place)
            except _Malformed:
                trouble = self._trouble(place)
                yield from self._rest()
                yield trouble
                return

    def _value(self, place: str) -> Iterator[Unit]:
        if place and (text := self._whole_value()) is not None:
            value = self._parsed(text)
            yield from self._split(value, place if self._count > 1 or self._next() else "")
        elif self._next() in {"[", "{"}:
            yield from self._descend(place, _DEPTH)
        else:
            raise _Malformed

    def _is_line_by_line(self) -> bool:
        """Whether each line is a value of its own, so that a damaged one costs no other."""
        line = self._peeked_line()
        if not line.endswith(("\n", "\r")):
            return False
        self._cursor.line(self._limit)
        follows = self._peeked_line().lstrip()[:1]
        self._cursor.put_back(line)
        if follows not in {"[", "{"}:
            return False
        try:
            return isinstance(json.loads(line), dict | list)
        except (ValueError, RecursionError):
            return self._shown.lower().endswith((".jsonl", ".ndjson"))

    def _peeked_line(self) -> str:
        line = self._cursor.line(self._limit) or ""
        self._cursor.put_back(line)
        return line

    def _lines(self) -> Iterator[Unit]:
        troubles = 0
        while (line := self._cursor.line(self._limit)) is not None:
            if not line.strip(" \t\r\n\ufeff\0"):
                continue
            self._count += 1
            place = f"record {self._count}"
            try:
                if line[-1] not in "\r\n" and len(line) >= self._limit:
                    # Longer than may be held: taken apart, if it can be.
                    self._cursor.put_back(line)
                    line = ""
                    if self._next() not in {"[", "{"}:
                        raise _Malformed
                    yield from self._descend(place, _DEPTH)
                else:
                    yield from self._split(self._parsed(line.strip("\ufeff\0"), kept=True), place)
            except _Malformed:
                if not line:
                    trouble = self._trouble(place)
                    yield from self._rest()
                    yield trouble
                    return
                # Read as it stands: what it says may still matter.
                where = texts.joined(self._place, place)
                yield from self._walk.text(self._path, where, clean_text(line), _MEDIA_TYPE, self._stream.note)
                troubles += 1
                if troubles <= self._walk.limits.troubles:
                    yield self._trouble(place)

    def _rest(self) -> Iterator[Unit]:
        """What follows the damage, as plain text: it may still say what matters."""
        after = f"after record {self._count - 1}" if self._count > 1 else "the rest"
        for lines, text in texts.lines_in_pieces(self._cursor, self._walk.limits):
            where = texts.joined(self._place, texts.joined(after, lines))
            yield from self._walk.text(self._path, where, text, "text/plain", self._stream.note)

    # --- a value that can be held whole ------------------------------------------------------------------------------

    def _split(self, value: Any, place: str) -> Iterator[Unit]:
        """The records of a value: the elements of its lists of objects, then what stands around them."""
        fields: list[tuple[str, str]] = []
        if isinstance(value, list) and not isinstance(value, _Object) and _holds_objects(value):
            for number, element in enumerate(value, start=1):
                yield from self._record(texts.joined(place, f"record {number}"), _flat(element))
            return
        yield from self._around(value, place, (), fields, _DEPTH)
        if fields:
            yield from self._record(place, fields)

    def _around(
        self, value: Any, place: str, names: tuple[str, ...], fields: list[tuple[str, str]], depth: int
    ) -> Iterator[Unit]:
        if isinstance(value, _Object) and depth > 0:
            all_objects = len(value) > 1 and all(isinstance(inner, _Object) for _, inner in value)
            for name, inner in value:
                way = ", ".join(clean_text(step)[:_LABEL_CHARACTERS] for step in (*names, name))
                within = texts.joined(place, way)
                if isinstance(inner, list) and not isinstance(inner, _Object) and _holds_objects(inner):
                    for number, element in enumerate(inner, start=1):
                        yield from self._record(texts.joined(within, f"record {number}"), _flat(element))
                elif all_objects:
                    yield from self._split(inner, within)
                else:
                    yield from self._around(inner, place, (*names, name), fields, depth - 1)
        else:
            fields.extend(_flat(value, names))

    def _record(self, place: str, fields: Any) -> Iterator[Unit]:
        text = texts.row_text(fields)
        yield from self._walk.text(
            self._path, texts.joined(self._place, place), text[: 4 * self._limit], _MEDIA_TYPE, self._stream.note
        )

    # --- a value that is too large to be held ------------------------------------------------------------------------

    def _descend(self, place: str, depth: int) -> Iterator[Unit]:
        """The records of the list or object at the cursor, element by element. Raises _Malformed."""
        bracket = self._next()
        self._cursor.position += 1
        closing = "]" if bracket == "[" else "}"
        fields: list[tuple[str, str]] = []
        held = number = 0
        while (ahead := self._next()) != closing:
            number += 1
            name = ""
            if bracket == "{":
                name = self._name()
            where = texts.joined(place, clean_text(name)[:_LABEL_CHARACTERS] if name else f"record {number}")
            text = self._whole_value() if bracket == "[" or self._next() != "[" else None
            if text is None and self._next() in {"[", "{"}:
                if depth <= 0:
                    raise _Malformed
                yield from self._descend(where, depth - 1)
            elif text is None:
                yield from self._overlong(where)
            elif bracket == "[":
                yield from self._record(where, _flat(self._parsed(text)))
            elif text[0] == "{":
                yield from self._split(self._parsed(text), where)
            elif held + len(text) <= self._limit:
                held += len(text)
                fields.extend(_flat(self._parsed(text), (name,)))
            else:
                yield from self._record(where, _flat(self._parsed(text), (name,)))
            ahead = self._next()
            if ahead == ",":
                self._cursor.position += 1
            elif ahead != closing:
                if fields:
                    yield from self._record(place, fields)
                raise _Malformed
        self._cursor.position += 1
        if fields:
            yield from self._record(place, fields)

    def _name(self) -> str:
        if self._next() != '"':
            raise _Malformed
        text = self._whole_value()
        if text is None:
            raise _Malformed
        name = str(self._parsed(text))
        if self._next() != ":":
            raise _Malformed
        self._cursor.position += 1
        return name

    def _overlong(self, place: str) -> Iterator[Unit]:
        """A string or the like that is longer than may be held: its start is read, the rest left out."""
        self._cursor.have(self._limit)
        text = self._cursor.text[self._cursor.position : self._cursor.position + self._limit]
        yield from self._walk.text(
            self._path, texts.joined(self._place, place), clean_text(text), _MEDIA_TYPE, self._stream.note
        )
        yield self._walk.trouble(
            self._path,
            texts.joined(self._place, place),
            UnreadableFile(
                "too_large",
                f"A value in {self._shown} is longer than {self._limit:,} characters: only its start was read. "
                "Send that value in a file of its own.",
            ),
        )
        self._skip_string()

    def _skip_string(self) -> None:
        cursor = self._cursor
        if self._next() != '"':
            raise _Malformed
        cursor.position += 1
        while True:
            end = _STRING_SIGN.search(cursor.text, cursor.position)
            if end is None:
                cursor.position = len(cursor.text)
                if not cursor.more():
                    raise _Malformed
            elif end[0] == '"':
                cursor.position = end.end()
                return
            else:
                cursor.position = end.start()
                if not cursor.have(2):
                    raise _Malformed
                cursor.position += 2

    # --- the text at the cursor --------------------------------------------------------------------------------------

    def _next(self) -> str:
        """The next character that is not blank, "" at the end."""
        cursor = self._cursor
        while True:
            match = _BLANK.match(cursor.text, cursor.position)
            cursor.position = match.end() if match else cursor.position
            if cursor.position < len(cursor.text):
                return cursor.text[cursor.position]
            if not cursor.more():
                return ""

    def _whole_value(self) -> str | None:
        """The text of the value at the cursor, which moves behind it; None, and no move, where it is too long.

        Raises _Malformed where the text ends within it.
        """
        cursor = self._cursor
        first = self._next()
        if first not in {"[", "{"}:
            return self._whole_scalar(_STRING if first == '"' else _SCALAR)
        depth = looked = 0
        while True:
            match = _STRETCH.match(cursor.text, cursor.position + looked)
            if match is None:
                # The end of what is there, or a string that goes on.
                if len(cursor.text) - cursor.position > self._limit:
                    return None
                if not cursor.have(len(cursor.text) - cursor.position + 1):
                    raise _Malformed
                continue
            looked = match.end() - cursor.position
            if looked > self._limit:
                return None
            sign = match[0]
            if sign in {"[", "{"}:
                depth += 1
            elif sign in {"]", "}"}:
                depth -= 1
                if depth == 0:
                    text = cursor.text[cursor.position : cursor.position + looked]
                    cursor.position += looked
                    return text

    def _whole_scalar(self, pattern: re.Pattern[str]) -> str | None:
        cursor = self._cursor
        while True:
            match = pattern.match(cursor.text, cursor.position)
            # A number may go on where the text at hand ends.
            if match is not None and match.end() - match.start() > self._limit:
                return None
            if match is not None and (match.end() < len(cursor.text) or cursor.ended or pattern is _STRING):
                cursor.position = match.end()
                return match[0]
            known = len(cursor.text) - cursor.position
            if known > self._limit:
                return None
            if (match is None and pattern is _SCALAR and known > 0) or (
                not cursor.have(known + 1) and (match is None or not cursor.ended)
            ):
                raise _Malformed

    def _parsed(self, text: str, *, kept: bool = False) -> Any:
        """A value out of its text, which was just read; where it is malformed it lies ahead again, unless ``kept``."""
        try:
            return json.loads(
                text, strict=False, object_pairs_hook=_Object, parse_int=str, parse_float=str, parse_constant=str
            )
        except (ValueError, RecursionError):
            if not kept:
                self._cursor.put_back(text)
            raise _Malformed from None

    def _trouble(self, place: str) -> Unit:
        return self._walk.trouble(
            self._path,
            texts.joined(self._place, place),
            self._stream.feed.take_trouble()
            or UnreadableFile(
                "broken",
                f"{self._shown} is cut off or damaged here: what follows was read as plain text. Export it again.",
            ),
        )


def _holds_objects(values: list[Any]) -> bool:
    return any(isinstance(value, _Object) for value in values)


def _flat(value: Any, names: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(label, value) of everything in a value, without recursion: JSON may nest as deep as it likes."""
    waiting: list[tuple[tuple[str, ...], Any]] = [(names, value)]
    while waiting:
        within, inner = waiting.pop()
        if isinstance(inner, _Object):
            waiting.extend(((*within[-3:], name), field) for name, field in reversed(inner))
        elif isinstance(inner, list):
            waiting.extend((within, element) for element in reversed(inner))
        elif inner is not None:
            text = inner if isinstance(inner, str) else str(inner).lower()
            yield ".".join(filter(None, map(texts.label, within)))[-_LABEL_CHARACTERS:], text
