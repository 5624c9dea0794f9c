"""The sentences of a bundle about itself, filled with its facts: how it was made, and what it does not prove.

Which sentences a statement has, in which order and when, stands here; their words stand in one file a language, by id.
So a translator writes words alone, and a sentence that does not apply to a bundle is said in no language.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from habeas.evidence.core.completeness import custody_gaps
from habeas.evidence.core.records import BundleRecord, CustodyRecord, ExhibitRecord, tool_of


class StatementUnfinished(ValueError):
    """A sentence is missing, or asks for something that nobody gave: an unknown slot never leaves the house."""


@dataclass(frozen=True, slots=True)
class Form:
    """One statement. sections: (id of the heading, ids of its sentences); blanks: what is left for whoever signs."""

    id: str
    file: str
    sections: tuple[tuple[str, tuple[str, ...]], ...]
    blanks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One document, filled: sections before the signature, what whoever signs fills in, and what is not proved."""

    file: str
    title: str
    subtitle: str
    sections: tuple[Section, ...]
    blanks: tuple[str, ...]
    lacks: Section
    not_proved: Section


_PROCESS: Final = (
    "made",
    "period",
    "ingest",
    "capture",
    "sealing",
    "commitment",
    "not_held",
    "derived",
    "twins",
    "custody",
    "log",
    "proofs",
    "stamps",
    "no_stamps",
    "copies",
    "tools",
    "check_it",
)
FORMS: Final = (
    Form(
        "fre902",
        "statement-us-fre-902.pdf",
        (
            ("who_signs", ("us_signer",)),
            ("process", _PROCESS),
            ("certification", ("us_902_13", "us_902_14", "us_notice", "us_perjury")),
        ),
        ("name", "position", "knowledge", "place_and_date", "signature"),
    ),
    Form(
        "europe",
        "statement-europe.pdf",
        (
            ("who_signs", ("eu_signer",)),
            ("process", _PROCESS),
            ("law", ("eu_stamp_qualified", "eu_stamp_other", "eu_least_handling", "eu_hand_over")),
        ),
        ("name", "position", "place_and_date", "signature"),
    ),
)
NOT_PROVED: Final = (
    "truth",
    "seen_by_others",
    "before",
    "clock",
    "outside",
    "witnesses",
    "pseudonyms",
    "authorities",
    "details",
    "complete",
    "lawful",
)
# A sentence that is only said where this count is above zero. Any other is always said.
_ONLY_WHERE: Final = {
    "period": "events",
    "ingest": "handed_in",
    "capture": "captures",
    "not_held": "not_held",
    "derived": "derived",
    "twins": "redacted",
    "stamps": "stamped",
    "no_stamps": "unstamped",
    "eu_stamp_qualified": "stamped",
    "eu_stamp_other": "stamped",
    "tools": "tools",
}


def statements(texts: Mapping[str, Any], bundle: BundleRecord, custody: Sequence[CustodyRecord]) -> list[Statement]:
    """The statements of a bundle in one language.

    texts: one file of ``evidence/statements/``
    Raises StatementUnfinished.
    """
    facts = facts_of(bundle, custody)
    lacks = custody_gaps(bundle, custody)
    said = tuple(lacks) or (filled(_of(texts, "sentences", "no_gaps"), facts),)
    return [
        Statement(
            form.file,
            _of(texts, "titles", form.id),
            _of(texts, "subtitles", form.id),
            tuple(
                Section(_of(texts, "headings", heading), _sentences(texts, ids, facts))
                for heading, ids in form.sections
            ),
            tuple(_of(texts, "blanks", blank) for blank in form.blanks),
            Section(_of(texts, "headings", "lacks"), said),
            Section(_of(texts, "headings", "not_proved"), _not_proved(texts)),
        )
        for form in FORMS
    ]


def facts_of(bundle: BundleRecord, custody: Sequence[CustodyRecord]) -> dict[str, str]:
    """What the sentences may ask for, as text. Counts are digits."""
    exhibits = bundle["exhibits"]
    held = [exhibit for exhibit in exhibits if exhibit["file"] is not None]
    captures = [exhibit for exhibit in held if exhibit["kind"] == "page"]
    derived = [exhibit for exhibit in held if exhibit["kind"] in {"redacted", "translation"}]
    stamped = [exhibit for exhibit in exhibits if exhibit["stamps"]]
    times = sorted(event["at"] for event in custody)
    tools = sorted({" ".join(filter(None, tool)) for exhibit in exhibits if (tool := tool_of(exhibit)) is not None})
    return {
        "made_by": bundle["made_by"],
        "made_at": shown(bundle["made_at"]),
        "reference": bundle["reference"],
        "origin": bundle["origin"],
        "exhibits": str(len(exhibits)),
        "captures": str(len(captures)),
        "derived": str(len(derived)),
        "redacted": str(sum(exhibit["kind"] == "redacted" for exhibit in exhibits)),
        "handed_in": str(len(held) - len(captures) - len(derived)),
        "not_held": str(len(exhibits) - len(held)),
        "events": str(len(custody)),
        "people": str(len({event["by"] for event in custody if event["by"].isdecimal()})),
        "first_event": shown(times[0] if times else None),
        "last_event": shown(times[-1] if times else None),
        "stamped": str(len(stamped)),
        "unstamped": str(len(exhibits) - len(stamped)),
        "authorities": ", ".join(sorted({slug for exhibit in exhibits for slug in stamped_by(exhibit)})),
        "tools": "; ".join(tools),
    }


def stamped_by(exhibit: ExhibitRecord) -> list[str]:
    """The authorities whose time-stamps an exhibit carries, by the names of their files."""
    names = (path.rpartition("/")[2].removesuffix(".tsr") for path in exhibit["stamps"])
    return sorted(name.removeprefix(f"{exhibit['item']}-") for name in names)


def not_proved(texts: Mapping[str, Any]) -> str:
    """``not-proved.txt``."""
    lines = "\n".join(f"- {line}" for line in _not_proved(texts))
    return f"{_of(texts, 'headings', 'not_proved')}\n\n{lines}\n\n{_of(texts, 'words', 'not_advice')}\n"


def filled(sentence: str, facts: Mapping[str, str]) -> str:
    """A sentence with its slots filled. Raises StatementUnfinished for a slot nobody knows, or no plain slot."""
    try:
        slots = [slot[1:] for slot in string.Formatter().parse(sentence) if slot[1] is not None]
    except ValueError as trouble:
        raise StatementUnfinished(f"a sentence has a brace that is not closed: {sentence[:40]!r}") from trouble
    for name, form, conversion in slots:
        if name not in facts:
            raise StatementUnfinished(f"nobody knows what to put for {{{name}}}")
        if form or conversion:
            raise StatementUnfinished(f"{{{name}}} stands in a sentence with more than its name")
    return sentence.format_map(facts)


def shown(instant: str | None) -> str:
    """An instant of a bundle as people read it, to the second; that it is in UTC is said once, in the statement."""
    return "" if instant is None else instant.replace("T", " ").partition(".")[0].removesuffix("+00:00")


def _sentences(texts: Mapping[str, Any], ids: Sequence[str], facts: Mapping[str, str]) -> tuple[str, ...]:
    wanted = [id_ for id_ in ids if id_ not in _ONLY_WHERE or facts[_ONLY_WHERE[id_]] not in {"", "0"}]
    return tuple(filled(_of(texts, "sentences", id_), facts) for id_ in wanted)


def _not_proved(texts: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_of(texts, "not_proved", id_) for id_ in NOT_PROVED)


def _of(texts: Mapping[str, Any], group: str, id_: str) -> str:
    found = texts.get(group, {}).get(id_)
    if not isinstance(found, str) or not found.strip():
        raise StatementUnfinished(f"the language {texts.get('language')!r} has no words for {group}.{id_}")
    return found.strip()
