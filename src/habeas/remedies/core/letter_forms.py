"""A filled letter as plain text and as the document that typst sets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from habeas.remedies.core.letter_model import Block, Field, Letter, NotFilled, Words
from habeas.remedies.core.letter_templates import words_in
from habeas.remedies.core.letter_values import CLOSES, OPENS, direction_of, turns

# Which shapes of Chinese letters are meant where the language alone does not say.
_REGIONS = {"zh-Hans": "CN", "zh-Hant": "TW"}
# The space between lines, of a letter's height: scripts with marks above and below, or without gaps, want more.
_LEADING = {"ar": 0.9, "hi": 0.9, "ja": 0.85, "ko": 0.85, "zh": 0.85}


def text(letter: Letter) -> str:
    """The letter as plain text, for mail and for web forms. Raises NotFilled."""
    _require_filled(letter)
    return preview(letter)


def preview(letter: Letter) -> str:
    """The same for whoever writes it: what is missing stands in square brackets."""
    paragraphs = ["\n".join(f"{each.label}: {each.text}" for each in letter.head)]
    paragraphs += ["\n".join(lines_of(block)) for block in letter.blocks]
    return "\n\n".join(paragraphs) + "\n"


def lines_of(block: Block) -> Iterator[str]:
    if block.kind in {"text", "heading"}:
        yield block.text
        return
    if block.kind == "blanks":
        yield from (f"{row[0].label}: ______________________________" for row in block.rows)
        return
    yield block.heading
    numbered = len(block.rows) > 1
    for number, row in enumerate(block.rows, 1):
        lines = [line for each in row for line in _field_lines(each)]
        start = f"{number}. " if numbered else "- "
        yield start + lines[0]
        yield from (f"   {line}" for line in lines[1:])


def _field_lines(each: Field) -> Iterator[str]:
    if each.style == "link":
        # On a line of its own, so that it can be copied whole.
        yield f"{each.label}:"
        yield each.text
    else:
        yield f"{each.label}: {each.text}" if each.label else each.text


def document(letter: Letter, words: Words | None = None) -> dict[str, Any]:
    """The letter as JSON for typst: every text in runs, each a value with its own direction or plain words.

    words: those of the letter's language, unless others are given
    Raises NotFilled.
    """
    _require_filled(letter)
    words = words or words_in(letter.language)
    return {
        "language": letter.language.split("-")[0],
        "region": _REGIONS.get(letter.language),
        "leading": _LEADING.get(letter.language.split("-")[0], 0.68),
        "direction": letter.direction,
        "subject": _runs(letter.subject),
        "title": _bare(letter.subject),
        "author": _bare(letter.head[0].text),
        "head": [_field(each) for each in letter.head],
        "blocks": [
            {
                "kind": block.kind,
                "name": block.name,
                "heading": _runs(block.heading),
                "paragraphs": [_runs(line) for line in block.text.splitlines() if line.strip()],
                "rows": [[_field(each) for each in row] for row in block.rows],
            }
            for block in letter.blocks
        ],
        "words": {
            "reference": _runs(f"{letter.head[3].label} {letter.head[3].text}"),
            "page": words.labels["page"],
            "of": words.labels["of"],
            "coded": words.sentences["coded"],
        },
    }


def _require_filled(letter: Letter) -> None:
    if letter.unfilled:
        raise NotFilled(f"the letter still lacks: {', '.join(letter.unfilled)}; fill it in and make the letter again")


def _field(each: Field) -> dict[str, Any]:
    return {"label": _runs(each.label), "runs": _runs(each.text), "style": each.style}


def _bare(text: str) -> str:
    return text.replace(OPENS, "").replace(CLOSES, "")


def _runs(text: str) -> list[dict[str, Any]]:
    """``[{"text", "dir", "turns"}]``, pieces of a text.

    dir:   ltr or rtl for a value, by its first strong letter; empty for words
    turns: a value has letters of the other direction too
    """
    runs: list[dict[str, Any]] = []
    for number, piece in enumerate(re.split(f"{OPENS}([^{OPENS}{CLOSES}]*){CLOSES}", text)):
        if piece:
            own = direction_of(piece) if number % 2 else ""
            runs.append({"text": piece, "dir": own, "turns": bool(own) and turns(piece)})
    return runs
