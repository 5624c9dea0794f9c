"""The shapes of the law: facts that may be unknown, rules over them, provisions and findings.

Everything here is a value. A truth is ``True``, ``False`` or ``None``: *unknown*, which is never read as false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from habeas.cases.core.facts import TIES, Known, Tie, Ties, Truth

__all__ = [
    "OUTCOMES",
    "TIES",
    "Confidence",
    "FactDefinition",
    "Finding",
    "Jurisdiction",
    "Known",
    "Outcome",
    "Pack",
    "Provision",
    "Remedy",
    "Rule",
    "Tie",
    "Ties",
    "TraceNode",
    "Track",
    "Truth",
]

Track = Literal["criminal", "civil", "administrative", "platform-duty", "controller-duty", "procedure"]

Outcome = Literal["met", "possible", "not_met", "exempt", "possibly_exempt", "not_in_force", "out_of_reach"]
OUTCOMES: tuple[Outcome, ...] = (
    "met",
    "possibly_exempt",
    "possible",
    "exempt",
    "not_met",
    "not_in_force",
    "out_of_reach",
)

Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A tree over facts. ``op`` is fact, all, any, not or at_least; ``parts`` are its branches.

    fact: the key of the vocabulary, for ``op == "fact"`` only
    need: how many parts must hold, for ``op == "at_least"`` only
    """

    op: Literal["fact", "all", "any", "not", "at_least"]
    parts: tuple[Rule, ...] = ()
    fact: str = ""
    need: int = 0


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """One key of the vocabulary.

    meaning:  what must hold for it to be true
    question: what a person is asked, in plain words; yes makes it true
    burden:   what asking costs the person, 1 (a date, a tick) to 5 (reliving what happened)
    asked_of: who can answer: person, caseworker, service, controller, authority
    implies:  facts that are true whenever this one is
    why:      why it is asked, one short sentence
    """

    key: str
    meaning: str
    question: str
    burden: int
    asked_of: str
    implies: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a provision opens. ``deadline_hours`` is null where the law sets none or says "without delay"."""

    type: str
    sought_by: str
    from_: str
    deadline_hours: int | None
    deadline_text: str | None
    ex_parte: bool


@dataclass(frozen=True, slots=True)
class Provision:
    """One rule of one jurisdiction, dated. ``as_of`` is the day its status was last read."""

    id: str
    jurisdiction: str
    citation: str
    title: str
    track: Track
    status: Literal["in_force", "enacted", "repealed"]
    in_force_from: date | None
    in_force_to: date | None
    as_of: date
    summary: str
    elements: Rule
    exemptions: Rule | None
    reach: tuple[Tie, ...]
    judged_on: Literal["act", "request"]
    penalty: Mapping[str, Any] | None
    remedies: tuple[Remedy, ...]
    limitation: Mapping[str, Any] | None
    foreseeability: str | None
    source: str
    confidence: Confidence
    notes: str | None


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """A country, a state, or a body whose law others take over (``within``, direct parents only).

    binds: codes of members that have no pack of their own, so that their people are not left without its law
    """

    code: str
    name: str
    within: tuple[str, ...]
    languages: tuple[str, ...]
    regulator: Mapping[str, str] | None
    helplines: tuple[Mapping[str, str], ...] = ()
    binds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    jurisdiction: Jurisdiction
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True)
class TraceNode:
    """One node of an explained rule: what it is, what it came to, and why."""

    label: str
    truth: Truth
    because: str
    parts: tuple[TraceNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A provision on a case's facts on a day.

    missing: facts (or ``reach`` and ``in_force_from``) whose answer could still change the outcome, most telling first
    failing: facts that make the elements fail, where the outcome is not_met
    """

    provision: Provision
    outcome: Outcome
    on: date
    elements: Truth
    exemptions: Truth
    reach: Truth
    missing: tuple[str, ...]
    failing: tuple[str, ...]
    trace: TraceNode
