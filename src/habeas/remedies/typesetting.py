"""Letters as PDF: for archives and screen readers at once, in every script we write, with their fonts in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from habeas.evidence.core.glyphs import writable
from habeas.evidence.printing import letters, print_template
from habeas.remedies.core.letter_model import Letter, Words
from habeas.remedies.core.letters import document

TEMPLATE = Path(__file__).parent / "letters" / "letter.typ"
# As in letter.typ, by the names of their files.
FAMILIES = ("NotoSans", "NotoSansArabic", "NotoSansDevanagari", "NotoSansCJK")


def letter_pdf(letter: Letter, *, at: datetime, words: Words | None = None) -> bytes:
    """A letter as PDF/A-3a and PDF/UA-1. The same letter and instant give the same bytes. Raises NotFilled.

    at:    what the PDF says it was made at
    words: those of the letter's language, unless others are given
    """
    data = document(letter, words)
    shown = _writable(data, letters(FAMILIES))
    return print_template(TEMPLATE, {**shown, "coded": shown != data}, at=at)


def _writable(value: Any, known: Collection[int]) -> Any:
    """JSON values with every text in them writable. Joiners stay: they shape the letters beside them."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        return "\u200c".join(
            "\u200d".join(writable(piece, known) for piece in part.split("\u200d")) for part in value.split("\u200c")
        )
    if isinstance(value, Mapping):
        return {key: _writable(each, known) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(each, known) for each in value]
    return value
