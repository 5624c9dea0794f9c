"""Versions of a letter: the words people change between machine-made facts, how versions are kept, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, Literal

from habeas.remedies.core.letter_forms import lines_of
from habeas.remedies.core.letter_model import SLOT, SLOTS, Block, BlockChange, Field, Letter, NotEditable, Withheld
from habeas.remedies.core.letter_values import CLOSES, OPENS, plain, value
from habeas.remedies.core.letter_withheld import check_withheld


def edit(letter: Letter, number: int, text: str, *, withheld: Iterable[Withheld] = ()) -> Letter:
    """The letter with the words of one block (from 1) replaced. Raises NotEditable, ShowsPersonalData, ValueError."""
    if not 1 <= number <= len(letter.blocks):
        raise NotEditable(f"the letter has no block {number}; it has {len(letter.blocks)}")
    block = letter.blocks[number - 1]
    if block.kind != "text":
        raise NotEditable(f"block {number} is made from the case's facts; change them there")
    if not text.strip():
        raise ValueError("an empty paragraph: write a sentence, or leave the words as they were")
    if any(name in SLOTS for name in SLOT.findall(text)):
        raise ValueError("slots are filled only once; write the words that should stand there")
    tidy = "\n".join(_edited_line(line) for line in text.strip().splitlines())
    blocks = (*letter.blocks[: number - 1], replace(block, text=tidy, edited=True), *letter.blocks[number:])
    edited = replace(letter, blocks=blocks)
    check_withheld(edited, withheld)
    return edited


def _edited_line(line: str) -> str:
    """Plain text; of the isolates only whole pairs are kept, so that nothing stays open."""
    made, rest = "", line
    while found := re.search(f"{OPENS}([^{OPENS}{CLOSES}]*){CLOSES}", rest):
        made += f"{_spaced(rest[: found.start()])}{value(found[1])}"
        rest = rest[found.end() :]
    return made + _spaced(rest)


def _spaced(text: str) -> str:
    """As ``plain``, with the blanks at its ends kept."""
    text = text.replace(OPENS, "").replace(CLOSES, "")
    inner = plain(text)
    return f"{' ' if text[:1].isspace() else ''}{inner}{' ' if inner and text[-1:].isspace() else ''}"


def difference(old: Letter, new: Letter) -> tuple[BlockChange, ...]:
    """What differs between two versions of a letter, block by block, subject first."""
    ours, theirs = [_versioned(block) for block in old.blocks], [_versioned(block) for block in new.blocks]
    changes = [_change("subject", "", old.subject, new.subject)]
    matcher = SequenceMatcher(a=[each[:3] for each in ours], b=[each[:3] for each in theirs], autojunk=False)
    for what, start, end, new_start, new_end in matcher.get_opcodes():
        before, after = ours[start:end], theirs[new_start:new_end]
        if what == "equal":
            changes += [BlockChange("same", kind, name) for kind, name, _ in before]
            continue
        pairs, removed, added = _paired(before, after)
        changes += [_change(one[0], one[1], one[2], two[2]) for one, two in pairs]
        changes += [BlockChange("removed", kind, name, (("removed", text),)) for kind, name, text in removed]
        changes += [BlockChange("added", kind, name, (("added", text),)) for kind, name, text in added]
    return tuple(changes)


_Version = tuple[str, str, str]


def _versioned(block: Block) -> _Version:
    return block.kind, block.name, "\n".join(lines_of(block))


def _paired(
    before: list[_Version], after: list[_Version]
) -> tuple[list[tuple[_Version, _Version]], list[_Version], list[_Version]]:
    """Blocks of the same kind and name in their order; what has no other half is removed or added."""
    pairs, removed, left = [], [], list(after)
    for one in before:
        two = next((each for each in left if each[:2] == one[:2]), None)
        if two is None:
            removed.append(one)
        else:
            left.remove(two)
            pairs.append((one, two))
    return pairs, removed, left


def _change(kind: str, name: str, old: str, new: str) -> BlockChange:
    if old == new:
        return BlockChange("same", kind, name)
    before, after = re.findall(r"\s+|\S+", old), re.findall(r"\s+|\S+", new)
    words: list[tuple[Literal["same", "added", "removed"], str]] = []
    for what, start, end, new_start, new_end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if what == "equal":
            words.append(("same", "".join(before[start:end])))
            continue
        if start < end:
            words.append(("removed", "".join(before[start:end])))
        if new_start < new_end:
            words.append(("added", "".join(after[new_start:new_end])))
    return BlockChange("changed", kind, name, tuple(words))


def to_data(letter: Letter) -> dict[str, Any]:
    """JSON values that ``from_data`` reads back: how a version is kept."""
    return {
        **{name: getattr(letter, name) for name in ("remedy", "language", "direction", "subject")},
        **{name: list(getattr(letter, name)) for name in ("slots_used", "unfilled", "warnings")},
        "head": [[each.label, each.text, each.style] for each in letter.head],
        "blocks": [
            {
                "kind": block.kind,
                "name": block.name,
                "heading": block.heading,
                "text": block.text,
                "rows": [[[each.label, each.text, each.style] for each in row] for row in block.rows],
                "edited": block.edited,
            }
            for block in letter.blocks
        ],
    }


def from_data(data: Mapping[str, Any]) -> Letter:
    """A letter as ``to_data`` wrote it. Raises KeyError, TypeError where it is none."""
    lists: dict[str, Any] = {name: tuple(data[name]) for name in ("slots_used", "unfilled", "warnings")}
    texts: dict[str, Any] = {name: data[name] for name in ("remedy", "language", "direction", "subject")}
    return Letter(
        **texts,
        **lists,
        head=tuple(Field(*each) for each in data["head"]),
        blocks=tuple(
            Block(**{**block, "rows": tuple(tuple(Field(*each) for each in row) for row in block["rows"])})
            for block in data["blocks"]
        ),
    )
