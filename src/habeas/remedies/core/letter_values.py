"""Values as they stand in a letter: isolated, on one line, and turning nothing around them."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import Literal

OPENS, CLOSES = "\u2068", "\u2069"

Direction = Literal["ltr", "rtl"]

# Joiners shape letters of Indic and Arabic scripts and turn nothing.
_JOINERS = frozenset({"\u200c", "\u200d"})


def value(text: str) -> str:
    """A value as it is inserted: plain, between isolates."""
    return f"{OPENS}{plain(text)}{CLOSES}"


def instant(at: datetime) -> str:
    """``2026-11-23 14:05 UTC``. Raises ValueError without a time zone."""
    if at.utcoffset() is None:
        raise ValueError("an instant in a letter needs a time zone")
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def plain(text: str) -> str:
    """A text on one line, with what hides, turns or breaks lines written as its code: ``[U+202E]``."""
    written = []
    for letter in " ".join(text.split()):
        turns = unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"} and letter not in _JOINERS
        written.append(f"[U+{ord(letter):04X}]" if turns else letter)
    return "".join(written)


def direction_of(text: str) -> Direction:
    """The direction of a text's first strong letter; left to right where it has none. Source: UAX #9, rules P2, P3."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind in {"L", "R", "AL"}:
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def turns(text: str) -> bool:
    """Whether a text has strong letters of both directions."""
    strong = {unicodedata.bidirectional(letter) for letter in text}
    return "L" in strong and not strong.isdisjoint({"R", "AL"})
