"""Which letters a font can show, and how a name is written with those alone.

A document for archives may not hold a letter without a shape, and a name may hold any: a file called 你好.pdf must not
stop a bundle. Nor may a name turn, hide or bury what stands beside it.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any, Final

# More marks than that on one letter reach into the lines around it.
MOST_MARKS: Final = 2


class FontUnreadable(ValueError):
    """Not an OpenType font with a table of letters that we read (formats 4 and 12)."""


def letters_of(font: bytes) -> frozenset[int]:
    """The code points a font has a shape for. Source: OpenType, tables ``cmap`` 4 and 12. Raises FontUnreadable."""
    try:
        return frozenset(_letters(font))
    except (struct.error, IndexError) as trouble:
        raise FontUnreadable("the font ends within a table") from trouble


def _letters(font: bytes) -> set[int]:
    (count,) = struct.unpack_from(">H", font, 4)
    tables = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    if b"cmap" not in tables:
        raise FontUnreadable("the font has no table of letters")
    start = tables[b"cmap"]
    (maps,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for number in range(maps):
        platform, _, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * number)
        (form,) = struct.unpack_from(">H", font, start + offset)
        if platform in {0, 3} and form == 4:
            found |= _format_4(font, start + offset)
        elif platform in {0, 3} and form == 12:
            found |= _format_12(font, start + offset)
    if not found:
        raise FontUnreadable("the font's table of letters is in a format that we do not read")
    return found


def _format_4(font: bytes, at: int) -> set[int]:
    (twice,) = struct.unpack_from(">H", font, at + 6)
    count = twice // 2
    ends = struct.unpack_from(f">{count}H", font, at + 14)
    starts = struct.unpack_from(f">{count}H", font, at + 16 + twice)
    deltas = struct.unpack_from(f">{count}H", font, at + 16 + 2 * twice)
    places = at + 16 + 3 * twice
    offsets = struct.unpack_from(f">{count}H", font, places)
    found = set()
    for segment, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for letter in range(first, last + 1):
            glyph = letter
            if offset:
                (glyph,) = struct.unpack_from(">H", font, places + 2 * segment + offset + 2 * (letter - first))
            if letter != 0xFFFF and (not offset or glyph) and (glyph + delta) & 0xFFFF:
                found.add(letter)
    return found


def _format_12(font: bytes, at: int) -> set[int]:
    (groups,) = struct.unpack_from(">I", font, at + 12)
    found: set[int] = set()
    for number in range(groups):
        first, last, glyph = struct.unpack_from(">III", font, at + 16 + 12 * number)
        found.update(range(first if glyph else first + 1, last + 1))
    return found


def writable(text: str, letters: Collection[int]) -> str:
    """A text as one line in a font: what the font cannot show, and what hides or turns, as its code: ``[U+4F60 597D]``.

    letters: what the font can show
    """
    written: list[str] = []
    codes: list[str] = []
    marks = 0
    for letter in text:
        marks = marks + 1 if unicodedata.category(letter) in {"Mn", "Me"} else 0
        if ord(letter) in letters and letter.isprintable() and marks <= MOST_MARKS:
            written += [_code(codes), letter]
            codes.clear()
        else:
            codes.append(f"{ord(letter):04X}")
    return "".join([*written, _code(codes)])


def all_writable(value: Any, letters: Collection[int]) -> Any:
    """JSON values with every text in them writable."""
    if isinstance(value, str):
        return writable(value, letters)
    if isinstance(value, Mapping):
        return {key: all_writable(each, letters) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [all_writable(each, letters) for each in value]
    return value


def _code(codes: Collection[str]) -> str:
    return f"[U+{' '.join(codes)}]" if codes else ""
