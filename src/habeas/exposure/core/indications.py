"""What a scan says to the law: facts of the vocabulary the text settles, and facts it only leans toward.

A fact is true only where the text itself shows it: an address of somebody who did not write the text is there, with
confidence 0.8 or more. Intent, consent and exemptions can never be read off a text, so they are leanings: they move the
order of questions to people, never a finding. The basis names kinds, counts and lines, never a value.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from habeas.exposure.core.model import Exposure, Indication, Kind, Signal, SignalKind
from habeas.exposure.core.normalise import NormalisedText

SURE = 0.8
_COUNTED = frozenset({"target", "family", "third_party", "unknown"})

_FACTS_OF_KIND: tuple[tuple[str, frozenset[Kind]], ...] = (
    ("data.contact_or_location", frozenset({"address", "phone", "email", "coordinates", "school", "workplace"})),
    ("data.financial", frozenset({"iban", "card"})),
    ("data.government_id", frozenset({"national_id"})),
    ("data.credentials", frozenset({"credential"})),
    ("data.family_member", frozenset({"family"})),
)

_WORDS: dict[str, tuple[str, str]] = {
    "name": ("name", "names"),
    "email": ("e-mail address", "e-mail addresses"),
    "phone": ("phone number", "phone numbers"),
    "address": ("postal address", "postal addresses"),
    "national_id": ("state-issued identifier", "state-issued identifiers"),
    "iban": ("bank account", "bank accounts"),
    "card": ("payment card", "payment cards"),
    "ip": ("internet address", "internet addresses"),
    "coordinates": ("pair of coordinates", "pairs of coordinates"),
    "birth_date": ("birth date", "birth dates"),
    "handle": ("account name", "account names"),
    "profile_url": ("profile link", "profile links"),
    "credential": ("credential", "credentials"),
    "plate": ("number plate", "number plates"),
    "workplace": ("workplace", "workplaces"),
    "school": ("school", "schools"),
    "family": ("family member", "family members"),
    "drop_announcement": ("announcement of a dox", "announcements of a dox"),
    "call_to_act": ("call to act", "calls to act"),
    "threat": ("threatening phrase", "threatening phrases"),
    "someone_should": ("veiled call to act", "veiled calls to act"),
    "coordination": ("sign of coordination", "signs of coordination"),
    "press_contact": ("press contact", "press contacts"),
    "official_contact": ("official contact notice", "official contact notices"),
    "self_disclosure": (
        "phrase in which the writer gives their own details",
        "phrases in which the writer gives their own details",
    ),
    "court_record": ("mark of a court record", "marks of a court record"),
    "news_style": ("mark of a news report", "marks of a news report"),
}

# What each sign leans toward, and how far at full strength.
_LEANINGS: dict[SignalKind, tuple[tuple[str, float], ...]] = {
    "threat": (
        ("act.threat_of_violence", 0.8),
        ("intent.fear", 0.7),
        ("intent.intimidate", 0.5),
        ("intent.injure", 0.4),
        ("harm.likely", 0.6),
    ),
    "call_to_act": (("intent.incite", 0.8), ("intent.harass", 0.6), ("harm.likely", 0.5)),
    "someone_should": (("intent.incite", 0.5), ("intent.harass", 0.4), ("act.threat_of_violence", 0.3)),
    "coordination": (("intent.incite", 0.5), ("intent.harass", 0.4)),
    "drop_announcement": (("intent.harass", 0.55), ("consent.none", 0.6), ("mens.knowing", 0.5)),
    "press_contact": (("data.publicly_available", 0.6),),
    "official_contact": (("data.publicly_available", 0.6),),
    "self_disclosure": (("consent.none", 0.2),),
    "court_record": (
        ("exempt.legal_proceedings", 0.4),
        ("data.publicly_available", 0.5),
        ("exempt.public_interest", 0.3),
    ),
    "news_style": (("exempt.journalism", 0.5), ("exempt.public_interest", 0.4)),
}


def from_scan(exposures: Sequence[Exposure], signals: Sequence[Signal], text: NormalisedText) -> tuple[Indication, ...]:
    """At most one indication for each fact, the strongest, sorted by fact."""
    breaks = [match.start() for match in re.finditer("\n", text.original)]
    strongest: dict[str, Indication] = {}
    for indication in [
        *_of_data(exposures, breaks),
        *_of_children(exposures, breaks),
        *_of_signals(exposures, signals, breaks),
    ]:
        before = strongest.get(indication.fact)
        if before is None or _rank(indication) > _rank(before):
            strongest[indication.fact] = indication
    return tuple(strongest[fact] for fact in sorted(strongest))


def _rank(indication: Indication) -> tuple[bool, float]:
    return indication.truth is True, indication.leaning or 0.0


def _of_data(exposures: Sequence[Exposure], breaks: Sequence[int]) -> Iterable[Indication]:
    counted = [exposure for exposure in exposures if exposure.whose in _COUNTED]
    if counted:
        yield _data_fact("data.identifying", counted, breaks)
    for fact, kinds in _FACTS_OF_KIND:
        of_kind = [exposure for exposure in counted if exposure.kind in kinds]
        if of_kind:
            yield _data_fact(fact, of_kind, breaks)
    others = [e for e in counted if e.whose == "family" and e.kind != "name"]
    if others:
        yield _data_fact("data.family_member", others, breaks)


def _data_fact(fact: str, exposures: Sequence[Exposure], breaks: Sequence[int]) -> Indication:
    sure = [exposure for exposure in exposures if exposure.confidence >= SURE]
    if sure:
        return Indication(fact, True, None, _basis([(e.kind, e.start) for e in sure], breaks))
    leaning = round(max(exposure.confidence for exposure in exposures), 2)
    return Indication(
        fact, None, leaning, _basis([(e.kind, e.start) for e in exposures], breaks) + ", not surely recognised"
    )


def _of_children(exposures: Sequence[Exposure], breaks: Sequence[int]) -> Iterable[Indication]:
    children = [e for e in exposures if e.whose in _COUNTED and "child" in e.gravity_reason]
    if children:
        # The child may be the target or only named beside the target, so the text does not settle it.
        yield Indication(
            "subject.minor", None, 0.4, _basis([(e.kind, e.start) for e in children], breaks) + " that concern a child"
        )


def _of_signals(
    exposures: Sequence[Exposure], signals: Sequence[Signal], breaks: Sequence[int]
) -> Iterable[Indication]:
    of_kind: dict[SignalKind, list[Signal]] = {}
    for signal in signals:
        of_kind.setdefault(signal.kind, []).append(signal)
    for kind, found in of_kind.items():
        strength = max(signal.strength for signal in found)
        basis = _basis([(signal.kind, signal.start) for signal in found], breaks)
        for fact, full in _LEANINGS[kind]:
            if (
                fact == "consent.none"
                and kind == "self_disclosure"
                and any(e.whose in {"target", "family"} for e in exposures)
            ):
                continue  # the writer's own details say nothing about somebody else's consent
            leaning = (
                full
                if fact == "consent.none" and kind == "self_disclosure"
                else round(full * min(1.0, strength / 0.8), 2)
            )
            yield Indication(fact, None, leaning, basis)


def _basis(items: Sequence[tuple[str, int]], breaks: Sequence[int]) -> str:
    """For example "2 phone numbers (lines 3 and 7), 1 postal address (line 4)"."""
    lines: dict[str, list[int]] = {}
    for kind, start in items:
        lines.setdefault(kind, []).append(bisect_left(breaks, start) + 1)
    parts = []
    for kind, where in lines.items():
        one, many = _WORDS[kind]
        places = sorted(set(where))
        shown = ", ".join(str(place) for place in places[:5]) + (" and others" if len(places) > 5 else "")
        parts.append(f"{len(where)} {one if len(where) == 1 else many} (line{'' if len(places) == 1 else 's'} {shown})")
    return ", ".join(parts)
