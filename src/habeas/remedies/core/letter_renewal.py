"""A letter filled again from the facts as they stand today, with what people wrote in it kept."""

from __future__ import annotations

from dataclasses import replace

from habeas.remedies.core.letter_model import Block, Letter


def renewed(written: Letter, filled: Letter) -> Letter:
    """``filled``, with the paragraphs that people edited in ``written`` in their places.

    A paragraph keeps its place by its number among the paragraphs. One that the new letter has no place for is added
    at the end, before whatever machine-made blocks stand last: what somebody wrote is never dropped in silence.
    """
    if written.remedy != filled.remedy or written.language != filled.language:
        raise ValueError("a letter is renewed by the same letter in the same language")
    edited = {number: block for number, block in enumerate(_texts(written)) if block.edited}
    blocks: list[Block] = []
    number = 0
    for block in filled.blocks:
        if block.kind == "text":
            blocks.append(edited.pop(number, block))
            number += 1
        else:
            blocks.append(block)
    place = max((index for index, block in enumerate(blocks) if block.kind == "text"), default=-1) + 1
    blocks[place:place] = [edited[key] for key in sorted(edited)]
    return replace(filled, blocks=tuple(blocks))


def same_ask(approved: Letter, today: Letter) -> bool:
    """Whether two letters ask for the same, on the same facts: all but warnings, which are for us, is equal."""
    return replace(approved, warnings=()) == replace(today, warnings=())


def _texts(letter: Letter) -> list[Block]:
    return [block for block in letter.blocks if block.kind == "text"]
