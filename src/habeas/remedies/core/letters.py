"""Letters: templates with closed slots and machine-made facts, filled into a value that is shown, edited and printed.

A template is ``remedies/catalogue/<id>/letters/<language>.yaml``; docs/reference/letters.md explains it. The words that
machine-made blocks are built of stand in ``remedies/letters/words/<language>.yaml``.

Three rules hold for every letter. A slot that is not known is an error when the template is read, and one that is not
filled blocks every form that could be sent. Every inserted value stands between U+2068 and U+2069, so that it cannot
turn the words around it. A letter names the kind of data (*home address*) and never the value: facts have no place for
one, and what people write beside them is compared with what is withheld.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from habeas.law.core.model import Provision
from habeas.remedies.core.letter_forms import document, preview, text
from habeas.remedies.core.letter_model import (
    RIGHT_TO_LEFT,
    SLOT,
    SLOTS,
    Block,
    BlockChange,
    DeadlineShown,
    EvidenceShown,
    Field,
    GroundShown,
    HashShown,
    Letter,
    LetterFacts,
    LetterTemplate,
    NoLetter,
    NotEditable,
    NotFilled,
    Part,
    PostingShown,
    PostingState,
    PreviousShown,
    Shows,
    ShowsPersonalData,
    When,
    Withheld,
    Words,
)
from habeas.remedies.core.letter_templates import languages_of, letter_for, shape_differences, words_in
from habeas.remedies.core.letter_values import instant, value
from habeas.remedies.core.letter_versions import difference, edit, from_data, to_data
from habeas.remedies.core.letter_withheld import check_withheld, within
from habeas.remedies.core.model import Clock, Ground

__all__ = [
    "Block",
    "BlockChange",
    "DeadlineShown",
    "EvidenceShown",
    "Field",
    "GroundShown",
    "HashShown",
    "Letter",
    "LetterFacts",
    "LetterTemplate",
    "NoLetter",
    "NotEditable",
    "NotFilled",
    "Part",
    "PostingShown",
    "PreviousShown",
    "ShowsPersonalData",
    "When",
    "Withheld",
    "Words",
    "check_withheld",
    "deadline_shown",
    "difference",
    "document",
    "edit",
    "fill",
    "from_data",
    "ground_shown",
    "holds",
    "instant",
    "languages_of",
    "letter_for",
    "preview",
    "shape_differences",
    "text",
    "to_data",
    "value",
    "words_in",
]

_LIVELIEST: tuple[PostingState, ...] = ("live", "back", "unknown", "gone")
_HEX = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[0-9A-Za-z+/=_.:-]{1,400}")
_NAME = re.compile(r"[0-9A-Za-z_.:/-]{1,80}")


def fill(template: LetterTemplate, words: Words, facts: LetterFacts) -> Letter:
    """The letter for these facts. Raises ShowsPersonalData, ValueError where a fact is not of its closed list.

    What is missing is named in ``unfilled``; the letter can be shown then, and not sent.
    """
    if template.language != words.language:
        raise ValueError(f"a letter in {template.language!r} is filled with words in {words.language!r}")
    filling = _Filling(template, words, facts)
    subject = filling.filled(template.subject)
    head = filling.head()
    blocks = tuple(filling.blocks())
    letter = Letter(
        remedy=template.remedy,
        language=template.language,
        direction="rtl" if template.language in RIGHT_TO_LEFT else "ltr",
        subject=subject,
        head=head,
        blocks=blocks,
        slots_used=tuple(sorted(filling.used)),
        unfilled=tuple(sorted(filling.missing)),
        warnings=tuple(filling.warnings()),
    )
    named = {"name"} if filling.names else set()
    check_withheld(letter, [each for each in facts.withheld if each.kind not in named])
    return letter


def holds(condition: When | None, facts: LetterFacts) -> bool:
    """Whether all that a condition gives holds of these facts."""
    if condition is None:
        return True
    kinds = {kind for posting in facts.postings for kind in posting.kinds}
    truths = {
        "danger": facts.danger,
        "consented": facts.consented,
        "trusted_flagger": facts.trusted_flagger,
        "minor": facts.minor,
        "ex_parte": facts.ex_parte,
        "due": facts.deadline.due_at is not None,
        "previous": bool(facts.previous),
    }
    return (
        _meets(condition.jurisdiction, {ground.jurisdiction for ground in facts.grounds})
        and (not condition.provision or any(_below(ground, condition.provision) for ground in facts.grounds))
        and _meets(condition.wish, facts.wishes)
        and _meets(condition.data, kinds)
        and _meets(condition.addressee, {facts.addressee_kind})
        and all(getattr(condition, name) in {None, truth} for name, truth in truths.items())
    )


def _meets(wanted: frozenset[str], there: Iterable[str]) -> bool:
    return not wanted or not wanted.isdisjoint(there)


def _below(ground: GroundShown, provisions: frozenset[str]) -> bool:
    return any(ground.provision == each or ground.provision.startswith(f"{each}.") for each in provisions)


def ground_shown(ground: Ground, provision: Provision) -> GroundShown:
    """A measure's ground as a letter cites it."""
    return GroundShown(
        provision=ground.provision,
        citation=ground.citation,
        jurisdiction=ground.jurisdiction,
        line=provision.title,
        outcome=ground.outcome,
        confidence=ground.confidence,
    )


def deadline_shown(clock: Clock, due_at: datetime | None) -> DeadlineShown:
    """A measure's clock as a letter states it."""
    return DeadlineShown(clock.text or None, due_at, clock.set_by)


class _Filling:
    """One letter being filled: remembers which slots were used and which were missing."""

    def __init__(self, template: LetterTemplate, words: Words, facts: LetterFacts) -> None:
        self.template, self.words, self.facts = template, words, facts
        self.names = template.names_person and facts.consented and bool(facts.person)
        self.used: set[str] = set()
        self.missing: set[str] = set()
        self.values = self._values()

    def _values(self) -> dict[str, str]:
        facts = self.facts
        given = {name: getattr(facts, name) for name in SLOTS - {"sent_on", "due_on", "first_seen", "person"}}
        due_at = facts.deadline.due_at
        first_seen = facts.first_seen or min((each.first_seen for each in facts.postings), default=None)
        given |= {
            "sent_on": facts.sent_on.isoformat(),
            "due_on": instant(due_at) if due_at else "",
            "first_seen": instant(first_seen) if first_seen else "",
        }
        made = {name: value(text) if text.strip() else "" for name, text in given.items()}
        made["person"] = value(facts.person) if self.names else self.words.person
        return made

    def filled(self, text: str) -> str:
        return SLOT.sub(self._slot, text)

    def _slot(self, found: re.Match[str]) -> str:
        name = found[1]
        self.used.add(name)
        if not self.values[name]:
            self.missing.add(name)
            return f"[{name}]"
        return self.values[name]

    def head(self) -> tuple[Field, ...]:
        labels = self.words.labels
        return tuple(
            Field(labels[label], self.filled(f"{{{slot}}}"))
            for label, slot in (
                ("from", "organisation"),
                ("to", "addressee"),
                ("date", "sent_on"),
                ("reference", "reference"),
            )
        )

    def stands(self, part: Part) -> bool:
        return holds(part.when, self.facts) and (part.unless is None or not holds(part.unless, self.facts))

    def blocks(self) -> Iterator[Block]:
        for part in self.template.parts:
            if not self.stands(part):
                continue
            if part.kind == "facts":
                rows = tuple(getattr(self, f"_{part.texts[0]}")())
                if rows:
                    yield Block("facts", part.texts[0], self.words.headings[part.texts[0]], rows=rows)
            elif part.kind == "blanks":
                yield Block("blanks", rows=tuple((Field(self.filled(text), ""),) for text in part.texts))
            else:
                yield Block(part.kind, text=self.filled(part.texts[0]))

    def warnings(self) -> Iterator[str]:
        facts, blocks = self.facts, [part.texts[0] for part in self.template.parts if part.kind == "facts"]
        if "grounds" in blocks and not facts.grounds:
            yield "The letter cites no provision."
        if any(ground.confidence == "low" for ground in facts.grounds):
            yield "A provision in it is known from secondary sources only; the letter says so."
        if "deadline" in blocks and facts.deadline.due_at is None:
            yield "No deadline could be computed; the letter says that none is known, or only the law's words."
        if self.template.names_person and not self.names:
            yield "The letter can name the person and does not: the name or the consent to it is missing."
        if self.template.shows == "links" and any(within(each, posting.url) for each in facts.withheld
                                                  for posting in facts.postings):  # fmt: skip
            yield "A link itself holds personal data. It goes to whoever must act on it, and to nobody else."

    def _postings(self) -> Iterator[tuple[Field, ...]]:
        labels, shows = self.words.labels, self.template.shows
        if not self.facts.postings:
            self.missing.add("postings")
        for posting in _as_shown(self.facts.postings, shows):
            row = [
                Field(labels["data"], self._kinds(posting.kinds)),
                Field(labels["first_seen"], value(instant(posting.first_seen))),
                Field(labels["state"], self._one_of("states", posting.state)),
            ]
            if shows == "links":
                row.insert(0, Field(labels["link"], value(posting.url), "link"))
            elif shows == "hosts":
                row.insert(0, Field(labels["host"], value(_host(posting.url)), "link"))
            yield tuple(row)

    def _kinds(self, kinds: tuple[str, ...]) -> str:
        told = [kind for kind in kinds if not self.template.kinds or kind in self.template.kinds]
        # All are looked up, so that one that is none is refused even where it would not be told.
        shown = {kind: self._one_of("kinds", kind) for kind in kinds}
        return self.words.sentences["list_separator"].join(shown[kind] for kind in told) or self.words.kinds["other"]

    def _one_of(self, section: str, name: str) -> str:
        known: Mapping[str, str] = getattr(self.words, section)
        if name not in known:
            # What was given is not repeated: it may be the very value that was to be named by its kind.
            raise ValueError(f"a fact of the letter is not one of its {section}: {', '.join(sorted(known))}")
        return known[name]

    def _grounds(self) -> Iterator[tuple[Field, ...]]:
        labels = self.words.labels
        for ground in self.facts.grounds:
            row = [
                Field(labels["provision"], value(ground.citation)),
                Field(labels["about"], value(ground.line)),
                Field(labels["finding"], self._one_of("outcomes", ground.outcome)),
            ]
            if ground.confidence != "high":
                row.append(Field(labels["note"], self._one_of("confidence", ground.confidence)))
            yield tuple(row)

    def _demand(self) -> Iterator[tuple[Field, ...]]:
        for part in self.template.demand:
            if self.stands(part):
                yield (Field("", self.filled(part.texts[0])),)

    def _declarations(self) -> Iterator[tuple[Field, ...]]:
        for part in self.template.declarations:
            if self.stands(part):
                yield (Field("", self.filled(self.words.declarations[part.texts[0]])),)

    def _deadline(self) -> Iterator[tuple[Field, ...]]:
        deadline, labels = self.facts.deadline, self.words.labels
        by_law = deadline.set_by == "law" and (deadline.text or deadline.due_at)
        if not by_law:
            yield (Field("", self.words.sentences["no_legal_deadline"]),)
        row = []
        if by_law and deadline.text:
            row.append(Field(labels["law_says"], value(deadline.text)))
        if deadline.due_at:
            row.append(Field(labels["ends" if by_law else "we_ask_by"], value(instant(deadline.due_at))))
        if row:
            yield tuple(row)

    def _evidence(self) -> Iterator[tuple[Field, ...]]:
        labels = self.words.labels
        for item in self.facts.evidence:
            if not _HEX.fullmatch(item.sha256) or not _NAME.fullmatch(item.item):
                raise ValueError("evidence in a letter is an item's number and 64 hex digits of SHA-256, nothing else")
            yield (
                Field(labels["item"], value(item.item)),
                Field(labels["sealed_at"], value(instant(item.sealed_at))),
                Field("SHA-256", value(item.sha256), "code"),
            )

    def _previous(self) -> Iterator[tuple[Field, ...]]:
        labels = self.words.labels
        for contact in self.facts.previous:
            yield (
                Field(labels["sent_at"], value(instant(contact.at))),
                Field(labels["to"], value(contact.addressee)),
                Field(labels["reference"], value(contact.reference)),
                Field(labels["answer"], self._one_of("answers", contact.answer)),
            )

    def _hashes(self) -> Iterator[tuple[Field, ...]]:
        for each in self.facts.hashes:
            if not _CODE.fullmatch(each.value) or not _NAME.fullmatch(each.kind):
                raise ValueError("a fingerprint in a letter is its kind and its digits, nothing else")
            yield (Field(value(each.kind), value(each.value), "code"),)

    def _contact(self) -> Iterator[tuple[Field, ...]]:
        labels = self.words.labels
        yield (
            Field(labels["organisation"], self.filled("{organisation}")),
            Field(labels["address"], self.filled("{organisation_address}")),
            Field(labels["email"], self.filled("{organisation_email}")),
            Field(labels["reply_to"], self.filled("{reply_to}")),
            Field(labels["signed"], self.filled(self.words.sentences["signed"])),
        )


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "?"
    except ValueError:
        return "?"


def _as_shown(postings: Sequence[PostingShown], shows: Shows) -> Iterator[PostingShown]:
    """Each posting; or those of a site, or all, as one: their kinds of data, the earliest sight, live if one may be."""
    groups: dict[str, list[PostingShown]] = {}
    for number, posting in enumerate(postings):
        key = {"links": str(number), "hosts": _host(posting.url), "nothing": ""}[shows]
        groups.setdefault(key, []).append(posting)
    for together in groups.values():
        states = {posting.state for posting in together}
        yield PostingShown(
            url=together[0].url,
            kinds=tuple(dict.fromkeys(kind for posting in together for kind in posting.kinds)),
            first_seen=min(posting.first_seen for posting in together),
            state=next(state for state in _LIVELIEST if state in states),
        )
