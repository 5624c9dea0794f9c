"""Definitions side by side: what each provision needs in every case, what it takes in the alternative, and the pattern.

The comparison reads rules by what satisfies them, not by how they are written: a fact is *needed* where every way to
meet the provision holds it, and an *alternative* where some do. So two statutes that say the same in another order look
the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from habeas.law.core import packs
from habeas.law.core.decisive import Answers, ways
from habeas.law.core.logic import exemptions_of, facts_of, without_exemptions
from habeas.law.core.model import Provision

# The questions a definition answers, and the namespaces of facts that answer each.
ASPECTS: Mapping[str, tuple[str, ...]] = {
    "data": ("data", "content"),
    "act": ("act",),
    "consent": ("consent",),
    "fault": ("intent", "mens"),
    "harm": ("harm",),
    "target": ("subject",),
    "doer": ("doer",),
    "service or controller": ("service", "controller"),
    "procedure": ("proc", "regulator"),
}

Fault = Literal["none", "negligence", "recklessness", "knowledge", "purpose"]
FAULTS: tuple[Fault, ...] = ("none", "negligence", "recklessness", "knowledge", "purpose")
_FAULT_OF: Mapping[str, Fault] = {
    "mens.negligent": "negligence",
    "mens.should_know": "negligence",
    "mens.reckless": "recklessness",
    "mens.knowing": "knowledge",
}

Harm = Literal["none", "likely", "caused"]
HARMS: tuple[Harm, ...] = ("none", "likely", "caused")

MOST_WAYS = 400

# The offences written for doxxing, or for the nearest thing a legal system has: the comparison one asks for first.
DOXXING = (
    "nl.sr.285d",
    "de.stgb.126a",
    "fr.cp.223-1-1",
    "hk.pdpo.64.3a",
    "sg.poha.3",
    "au.cc.474.17c",
    "us-ca.penal-code.653.2",
    "eu.vaw.7",
)


class UnknownDefinition(LookupError):
    """A word that names neither a provision nor a jurisdiction."""


@dataclass(frozen=True, slots=True)
class Part:
    """One aspect of one definition: fact keys, in the order of the law's text."""

    needed: tuple[str, ...]
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """One provision taken apart.

    fault, harm: the least that is enough: the lowest rung among all ways to meet it
    exemptions:  facts any of whose combinations may exempt; limbs says whether all of them stand alone
    """

    provision: Provision
    parts: Mapping[str, Part]
    fault: Fault
    harm: Harm
    exemptions: tuple[str, ...]
    penalty: str
    clocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """What some definitions have in common, and where they part.

    shared:  facts that all of them need
    common:  facts that more than half of them need or take, with how many do
    ladder:  fault rung -> ids of the provisions on it, lowest rung first
    harms:   harm rung -> ids
    exempted: exemption fact -> ids of the provisions that know it
    """

    shared: tuple[str, ...]
    common: tuple[tuple[str, int], ...]
    ladder: Mapping[Fault, tuple[str, ...]]
    harms: Mapping[Harm, tuple[str, ...]]
    exempted: Mapping[str, tuple[str, ...]]


def define(provision: Provision) -> Definition:
    """Take one provision apart by what satisfies its elements."""
    elements = without_exemptions(provision.elements)
    found = ways(elements, True, {}, MOST_WAYS)
    named = facts_of(elements)
    parts = {}
    for aspect, namespaces in ASPECTS.items():
        own = [fact for fact in named if fact.partition(".")[0] in namespaces]
        needed = tuple(fact for fact in own if found and all(_holds(fact, way) for way in found))
        others = tuple(fact for fact in own if fact not in needed and any(_holds(fact, way) for way in found))
        if needed or others:
            parts[aspect] = Part(needed, others)
    return Definition(
        provision=provision,
        parts=parts,
        fault=min((_fault(way) for way in found), key=FAULTS.index, default="none"),
        harm=min((_harm(way) for way in found), key=HARMS.index, default="none"),
        exemptions=tuple(dict.fromkeys(fact for rule in exemptions_of(provision) for fact in facts_of(rule))),
        penalty=_penalty(provision),
        clocks=_clocks(provision),
    )


def pattern(definitions: Sequence[Definition]) -> Pattern:
    """The pattern of several definitions. Their order changes nothing but the order of ids."""
    needed = [{fact for part in d.parts.values() for fact in part.needed} for d in definitions]
    taken = [{fact for part in d.parts.values() for fact in (*part.needed, *part.alternatives)} for d in definitions]
    counts: dict[str, int] = {}
    for facts in taken:
        for fact in facts:
            counts[fact] = counts.get(fact, 0) + 1
    return Pattern(
        shared=tuple(sorted(set.intersection(*needed))) if needed else (),
        common=tuple(
            sorted(((f, n) for f, n in counts.items() if n * 2 > len(definitions)), key=lambda row: (-row[1], row[0]))
        ),
        ladder={rung: ids for rung in FAULTS if (ids := _ids(d for d in definitions if d.fault == rung))},
        harms={rung: ids for rung in HARMS if (ids := _ids(d for d in definitions if d.harm == rung))},
        exempted={
            fact: _ids(d for d in definitions if fact in d.exemptions)
            for fact in sorted({fact for d in definitions for fact in d.exemptions})
        },
    )


def chosen(words: Iterable[str]) -> list[Provision]:
    """The provisions that some ids and codes name, each once, in order; without any, the doxxing offences.

    A code stands for all conduct rules of that jurisdiction that speak of a disclosure. Raises UnknownDefinition.
    """
    known = {p.id: p for code in packs.jurisdictions() for p in packs.load_pack(code).provisions}
    found: dict[str, Provision] = {}
    for word in list(words) or [name for name in DOXXING if name in known]:
        if word in known:
            found[word] = known[word]
        elif word.upper() in packs.jurisdictions():
            found |= {p.id: p for p in disclosing(packs.load_pack(word.upper()).provisions)}
        else:
            close = get_close_matches(word, known, n=2)
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise UnknownDefinition(f"no provision or jurisdiction {word[:60]!r}{hint}")
    return list(found.values())


def disclosing(provisions: Iterable[Provision]) -> list[Provision]:
    """Those that define the wrong of disclosing somebody's data: conduct rules that speak of a disclosure."""
    return [
        provision
        for provision in provisions
        if provision.track in {"criminal", "civil", "administrative"}
        and {"act.disclosed", "act.public", "act.republished"} & set(facts_of(provision.elements))
    ]


def _holds(fact: str, way: Answers) -> bool:
    return (fact, True) in way


def _fault(way: Answers) -> Fault:
    found: list[Fault] = ["none"]
    for fact, truth in way:
        if truth and fact.startswith("intent."):
            found.append("purpose")
        elif truth and fact in _FAULT_OF:
            found.append(_FAULT_OF[fact])
    return max(found, key=FAULTS.index)


def _harm(way: Answers) -> Harm:
    harms = {fact for fact, truth in way if truth and fact.startswith("harm.")}
    if not harms:
        return "none"
    return "likely" if harms <= {"harm.likely", "harm.reasonable_person"} else "caused"


def _penalty(provision: Provision) -> str:
    penalty = provision.penalty
    if not penalty:
        return ""
    words = []
    if penalty.get("imprisonment_max_months") is not None:
        words.append(f"up to {penalty['imprisonment_max_months']} months")
    fine = penalty.get("fine_max")
    if fine:
        words.append(f"fine up to {fine['currency']} {fine['amount']:,}")
    elif penalty.get("fine_note"):
        words.append(str(penalty["fine_note"]))
    tiers = len(penalty.get("aggravated") or ())
    if tiers:
        words.append(f"{tiers} higher tier{'s' if tiers > 1 else ''}")
    return "; ".join(words)


def _clocks(provision: Provision) -> tuple[str, ...]:
    """What is said about time or terms beside each remedy, each once; a remedy without words says nothing."""
    words = []
    for remedy in provision.remedies:
        said = str(remedy.within) if remedy.within is not None else remedy.deadline_text
        if said:
            words.append(f"{remedy.type.replace('_', ' ')}: {said}")
    return tuple(dict.fromkeys(words))


def _ids(definitions: Iterable[Definition]) -> tuple[str, ...]:
    return tuple(definition.provision.id for definition in definitions)
