"""The shapes of the law: facts that may be unknown, rules over them, provisions and findings.

Everything here is a value. A truth is ``True``, ``False`` or ``None``: *unknown*, which is never read as false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from habeas.cases.core.facts import TIES, Known, Tie, Ties, Truth
from habeas.kernel.calendars import Period

__all__ = [
    "OUTCOMES",
    "TIES",
    "TRACKS_OF_CONDUCT",
    "Confidence",
    "Effect",
    "FactDefinition",
    "Finding",
    "Jurisdiction",
    "Known",
    "Limitation",
    "Opening",
    "Outcome",
    "Pack",
    "Prosecution",
    "Provision",
    "Remedy",
    "Rule",
    "Starts",
    "Step",
    "Tie",
    "Ties",
    "TraceNode",
    "Track",
    "Truth",
]

Track = Literal["criminal", "civil", "administrative", "platform-duty", "controller-duty", "procedure"]
# Those that say what nobody may do; the others say what a service, a controller or an authority has to do.
TRACKS_OF_CONDUCT: frozenset[Track] = frozenset({"criminal", "civil", "administrative"})

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

# What the event is from which a time runs. ``on_*`` is an act toward whoever owes the next one.
Starts = Literal["on_notice", "on_order", "on_receipt", "on_request", "on_sending"]
# A claim opens what it lists. A shield limits other claims: where it holds, expression or a service is protected.
Effect = Literal["claim", "shield"]
# Who may set a prosecution going: the authority by itself, only after the victim's complaint, or the victim alone.
Prosecution = Literal["ex_officio", "on_complaint", "private"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A tree over facts. ``op`` is fact, all, any, not, at_least or unless; ``parts`` are its branches.

    fact: the key of the vocabulary, for ``op == "fact"`` only
    need: how many parts must hold, for ``op == "at_least"`` only
    unless: two parts, a limb and the exemption that belongs to this limb alone; it never stands below a ``not``
    """

    op: Literal["fact", "all", "any", "not", "at_least", "unless"]
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
class Step:
    """One more time in a chain, running from the end of the step before. ``within`` is null where no number is set."""

    within: Period | None
    text: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """What a provision opens.

    within:    time to act, counted as the law counts it; null where it sets none or says "without delay"
    then:      what follows, each step running from the end of the one before
    lasts:     how long what is granted holds (a block of 30 days), which is no time to act
    starts:    the event the time runs from, where it differs from that of the measure
    condition: what must hold beside the provision's elements for this remedy to open; null where nothing more
    """

    type: str
    sought_by: str
    from_: str
    within: Period | None = None
    deadline_text: str | None = None
    then: tuple[Step, ...] = ()
    lasts: Period | None = None
    starts: Starts | None = None
    condition: Rule | None = None
    ex_parte: bool = False


@dataclass(frozen=True, slots=True)
class Limitation:
    """Until when a claim or prosecution can be brought, or a complaint made.

    within:         time from the event, null where only the note is known
    counted_from:   act, knowledge (of the act or of the doer), end (of a continued act), or null where not recorded
    complaint:      the time for the victim's complaint, where one is needed and it has its own
    complaint_from: as ``counted_from``, of the complaint's time
    """

    within: Period | None
    counted_from: Literal["act", "knowledge", "end"] | None
    complaint: Period | None
    complaint_from: Literal["act", "knowledge", "end"] | None
    note: str | None


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
    limitation: Limitation | None
    foreseeability: str | None
    source: str
    confidence: Confidence
    notes: str | None
    effect: Effect = "claim"
    prosecution: Prosecution | None = None

    @property
    def applies(self) -> Rule:
        """Its elements and none of its exemptions, in one rule."""
        if self.exemptions is None:
            return self.elements
        return Rule("all", (self.elements, Rule("not", (self.exemptions,))))


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
class Opening:
    """One remedy of a finding, with whether its own condition holds and the facts that still decide that."""

    remedy: Remedy
    condition: Truth
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A provision on a case's facts on a day.

    elements:   whether the conduct is what the provision speaks of, exemptions left aside
    exemptions: whether what it covers is exempt, by the whole provision's exemptions or by those of its limbs
    missing:    facts (or ``reach`` and ``in_force_from``) whose answer could still change it, most telling first
    failing:    facts that make the elements fail, where the outcome is not_met
    opens:      its remedies, each with whether its own condition holds
    here:       facts that this jurisdiction alone sees so (residence, what its own law makes unlawful)
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
    opens: tuple[Opening, ...] = ()
    here: tuple[Known, ...] = ()
