"""The shapes of letters: templates with closed slots, the facts that fill them, and the filled value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from habeas.law.core.model import Confidence, Outcome
from habeas.remedies.core.letter_values import Direction

# The language every letter is written in first; the others say the same, part by part.
FIRST_LANGUAGE = "en"

SLOTS: frozenset[str] = frozenset(
    {
        "reference", "addressee", "organisation", "organisation_address", "organisation_email", "sent_on", "due_on",
        "reply_to", "person", "first_seen", "notifier",
    }
)  # fmt: skip
BLOCKS: frozenset[str] = frozenset(
    {"postings", "grounds", "demand", "deadline", "evidence", "contact", "declarations", "previous", "hashes"}
)
WISHES: frozenset[str] = frozenset({"down", "stop", "who", "compensation", "advice"})
# Answers an addressee may have given, and none.
ANSWERS: frozenset[str] = frozenset(
    {"acknowledged", "complied", "partly", "refused", "more_information", "bounced", "unknown"}
)
# Kinds of data that the law's facts speak of and a text alone does not show.
KIND_OF_FACT: dict[str, str] = {
    "data.image": "image",
    "data.intimate_image": "intimate_image",
    "data.synthetic": "synthetic",
    "data.location_track": "location_track",
    "data.private_comms": "private_comms",
    "data.private_life": "private_life",
    "data.sensitive": "sensitive",
}
RIGHT_TO_LEFT: frozenset[str] = frozenset({"ar", "fa", "he", "ur"})

PartKind = Literal["text", "facts", "heading", "blanks"]
PostingState = Literal["live", "gone", "back", "unknown"]
Shows = Literal["links", "hosts", "nothing"]

SLOT = re.compile(r"\{([^{}]*)\}")


class NotFilled(ValueError):
    """A letter with slots or facts that are still missing. It cannot be sent."""


class ShowsPersonalData(ValueError):
    """Words of a letter would show what it must not. The message names the kind, never the value."""


class NotEditable(ValueError):
    """A machine-made block: facts are changed in the case, never in the letter."""


class NoLetter(LookupError):
    """The remedy has no letter in that language."""


@dataclass(frozen=True, slots=True)
class When:
    """What must hold of the measure for a part to stand in the letter. All that is given must hold.

    jurisdiction: one of the grounds is its law; provision: one of the grounds is that provision, or lies below it
    wish, data:   the person wished one of them; a posting shows one of these kinds of data
    addressee:    the kind of addressee is one of them
    the others:   the fact is so, or is not
    """

    jurisdiction: frozenset[str] = frozenset()
    provision: frozenset[str] = frozenset()
    wish: frozenset[str] = frozenset()
    data: frozenset[str] = frozenset()
    addressee: frozenset[str] = frozenset()
    danger: bool | None = None
    consented: bool | None = None
    trusted_flagger: bool | None = None
    minor: bool | None = None
    ex_parte: bool | None = None
    due: bool | None = None
    previous: bool | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a template. ``texts``: one paragraph or heading, the blanks' labels, or the name of a facts block."""

    kind: PartKind
    texts: tuple[str, ...]
    when: When | None = None
    unless: When | None = None


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """One letter of one remedy in one language.

    shows:        what addressees see of where it was posted
    kinds:        the kinds of data the addressee is told of; empty: all
    names_person: the person's name may stand in it, where they consented
    demand:       what is asked, one sentence each; declarations: names of sentences among the words
    """

    remedy: str
    language: str
    subject: str
    shows: Shows
    kinds: frozenset[str]
    names_person: bool
    demand: tuple[Part, ...]
    declarations: tuple[Part, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What the machine-made blocks are built of, in one language. Every section is closed."""

    language: str
    person: str
    headings: Mapping[str, str]
    labels: Mapping[str, str]
    sentences: Mapping[str, str]
    kinds: Mapping[str, str]
    states: Mapping[str, str]
    answers: Mapping[str, str]
    outcomes: Mapping[str, str]
    confidence: Mapping[str, str]
    declarations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PostingShown:
    """One posting. ``kinds``: kinds of data as the words name them; there is no place for the data themselves."""

    url: str
    kinds: tuple[str, ...]
    first_seen: datetime
    state: PostingState = "unknown"


@dataclass(frozen=True, slots=True)
class GroundShown:
    """One provision as a letter cites it. ``line``: what it is, in one line, in the language of its pack."""

    provision: str
    citation: str
    jurisdiction: str
    line: str
    outcome: Outcome
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class DeadlineShown:
    """By when. ``text``: the law's words, or null; ``due_at``: computed, with a time zone, or null."""

    text: str | None
    due_at: datetime | None
    set_by: Literal["law", "organisation"] = "law"


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """One sealed item: its number, the SHA-256 of the original (64 hex digits) and when it was sealed. No content."""

    item: str
    sha256: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class PreviousShown:
    """One earlier letter about the same: to whom, when, under which reference, and what came of it."""

    addressee: str
    at: datetime
    reference: str
    answer: str


@dataclass(frozen=True, slots=True)
class HashShown:
    """A fingerprint to match copies by. ``kind``: pdq, sha256, md5, …"""

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """A value of the person's that the letter must not show. ``kind`` names it in refusals."""

    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """All that a letter is filled from. An empty text is a slot that is not filled.

    person:    their name; used only where the template names the person and they consented to this letter
    notifier:  who writes for the organisation, as the addressee may know them
    withheld:  values that must not stand in any words of the letter (links to whoever must act are shown as they are)
    """

    reference: str
    addressee: str
    addressee_kind: str
    organisation: str
    organisation_address: str
    organisation_email: str
    reply_to: str
    notifier: str
    sent_on: date
    first_seen: datetime | None = None
    person: str = ""
    postings: tuple[PostingShown, ...] = ()
    grounds: tuple[GroundShown, ...] = ()
    deadline: DeadlineShown = DeadlineShown(None, None)
    evidence: tuple[EvidenceShown, ...] = ()
    previous: tuple[PreviousShown, ...] = ()
    hashes: tuple[HashShown, ...] = ()
    wishes: frozenset[str] = frozenset()
    danger: bool = False
    consented: bool = False
    trusted_flagger: bool = False
    minor: bool = False
    ex_parte: bool = False
    withheld: tuple[Withheld, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One labelled fact. ``style``: words, link (an address as it stands) or code (digits that are compared)."""

    label: str
    text: str
    style: Literal["words", "link", "code"] = "words"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a letter. Facts and blanks have ``rows``, text and headings ``text``; inserted values isolated."""

    kind: PartKind
    name: str = ""
    heading: str = ""
    text: str = ""
    rows: tuple[tuple[Field, ...], ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A filled letter.

    head:       to whom, from whom, when, under which reference
    slots_used: names; unfilled: slots and facts that are still missing and block sending
    warnings:   what whoever approves it should know first
    """

    remedy: str
    language: str
    direction: Direction
    subject: str
    head: tuple[Field, ...]
    blocks: tuple[Block, ...]
    slots_used: tuple[str, ...]
    unfilled: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlockChange:
    """One block in two versions. ``words``: for changed blocks, (same, added or removed) with the words."""

    change: Literal["same", "changed", "added", "removed"]
    kind: str
    name: str
    words: tuple[tuple[Literal["same", "added", "removed"], str], ...] = ()
