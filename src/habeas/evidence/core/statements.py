"""The sentences of a bundle about itself, filled with its facts: how it was made, and what it does not prove."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PROCESS = "{process}"


class StatementUnfinished(ValueError):
    """A sentence asks for something that nobody gave: an unknown slot never leaves the house."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One document.

    file:       its name
    paragraphs: filled, in order
    """

    file: str
    title: str
    subtitle: str
    paragraphs: tuple[str, ...]


def statements(
    texts: Mapping[str, Any], bundle: Mapping[str, Any], custody: Sequence[Mapping[str, Any]]
) -> list[Statement]:
    """The statements of a bundle in one language.

    texts: one file of ``evidence/statements/``
    Raises StatementUnfinished.
    """
    facts = facts_of(bundle, custody)
    process = [filled(sentence, facts) for sentence in texts["process"]]
    found = []
    for form in texts["statements"].values():
        paragraphs: list[str] = []
        for paragraph in form["paragraphs"]:
            paragraphs += process if paragraph.strip() == PROCESS else [filled(paragraph, facts)]
        found.append(Statement(form["file"], form["title"], form["subtitle"], tuple(paragraphs)))
    return found


def facts_of(bundle: Mapping[str, Any], custody: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the sentences may ask for."""
    exhibits = bundle["exhibits"]
    return {
        "made_by": str(bundle["made_by"]),
        "made_at": shown(bundle["made_at"]),
        "reference": str(bundle["reference"]),
        "exhibits": str(len(exhibits)),
        "events": str(len(custody)),
        "stamped": str(sum(bool(exhibit["stamps"]) for exhibit in exhibits)),
    }


def not_proved(texts: Mapping[str, Any]) -> str:
    """``not-proved.txt``."""
    said = texts["not_proved"]
    lines = "\n".join(f"- {line}" for line in said["lines"])
    return f"{said['title']}\n\n{lines}\n\n{texts['not_advice']}\n"


def filled(sentence: str, facts: Mapping[str, str]) -> str:
    """A sentence with its slots filled. Raises StatementUnfinished for a slot nobody knows."""
    slots = [name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None]
    unknown = [name for name in slots if name not in facts]
    if unknown:
        raise StatementUnfinished(f"nobody knows what to put for {{{unknown[0]}}}")
    return sentence.format_map(facts)


def shown(instant: str | None) -> str:
    """An instant of a bundle as people read it; its zone is stated once, in the statement."""
    return "" if instant is None else instant.replace("T", " ").partition(".")[0].removesuffix("+00:00")
