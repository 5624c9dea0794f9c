"""Provisions on the facts of a case, on a day: findings with their trace.

The outcomes form a ladder on which learning can only climb down: *possible* may become anything, *possibly exempt* may
become met, exempt or not met, and met, exempt and not met are final. That is why elements that fail win over an
exemption that holds, and why an exemption that holds on open elements is only *possibly exempt*: either order of
learning must end at the same answer (decision 0003).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from habeas.law.core.logic import (
    breaking,
    conjunction,
    exempt_limbs,
    exemptions_of,
    facts_of,
    has_exemption,
    holds,
    still_open,
    with_consequences,
    without_exemptions,
)
from habeas.law.core.model import (
    TRACKS_OF_CONDUCT,
    FactDefinition,
    Finding,
    Jurisdiction,
    Known,
    Opening,
    Outcome,
    Provision,
    Remedy,
    Rule,
    Ties,
    TraceNode,
    Truth,
)
from habeas.law.core.reach import TIE_WORDS, leads_to, lineage, open_ties, reaches, with_consequent_ties

# True in one jurisdiction and false in the next, so they are answered per provision.
RESIDENT = "subject.resident"
ILLEGAL = "content.illegal"

_OPERATOR_WORDS = {
    "all": "all of these",
    "any": "at least one of these",
    "not": "not this",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What a case brings to the law.

    acted_on:    the day of the act; conduct is judged by the law of that day
    asked_on:    the day of asking; requests and duties are judged by the law of that day
    """

    known: Mapping[str, Known]
    ties: Ties
    acted_on: date
    asked_on: date

    def facts(self, vocabulary: Mapping[str, FactDefinition]) -> dict[str, Truth]:
        return with_consequences({key: known.truth for key, known in self.known.items()}, vocabulary)


def assess(
    provisions: Iterable[Provision],
    situation: Situation,
    vocabulary: Mapping[str, FactDefinition],
    jurisdictions: Mapping[str, Jurisdiction],
    trusted: frozenset[str] | None = None,
) -> list[Finding]:
    """Every provision, judged. The order of provisions and of facts changes no finding.

    trusted: ids of the provisions that may make content illegal for the duties of others; null where all may
    """
    facts = situation.facts(vocabulary)
    court = _Court(facts, situation, with_consequent_ties(situation.ties), vocabulary, jurisdictions)
    provisions = tuple(provisions)
    findings = {provision.id: court.judge(provision) for provision in provisions}
    unlawful_in = frozenset(
        finding.provision.jurisdiction
        for finding in findings.values()
        if finding.outcome == "met"
        and finding.provision.track in TRACKS_OF_CONDUCT
        and (trusted is None or finding.provision.id in trusted)
    )
    # What the first round found unlawful is illegal content for the duties of services under the same law.
    return [
        court.judge(provision, unlawful_in) if ILLEGAL in _facts_named(provision) else findings[provision.id]
        for provision in provisions
    ]


def outcome_of(in_force: Truth, reach: Truth, elements: Truth, exemptions: Truth) -> Outcome:
    """The outcome for four answers, each of which may be unknown."""
    if in_force is False:
        return "not_in_force"
    if reach is False:
        return "out_of_reach"
    if elements is False:
        return "not_met"
    applies = conjunction((in_force, reach, elements))
    if exemptions is True:
        return "exempt" if applies is True else "possibly_exempt"
    if applies is None:
        return "possible"
    return "met" if exemptions is False else "possibly_exempt"


def in_force(provision: Provision, on: date) -> Truth:
    """Whether a provision was law on a day. ``in_force_to`` is the first day on which it no longer was.

    A start date that was never recorded is unknown before the day the status was read, and stands from then on.
    """
    # Law on the way (a directive not yet transposed, a planned start) does not begin by itself. Where the day is sure,
    # it is recorded as in force from that day.
    if provision.status == "enacted" or (provision.in_force_from and on < provision.in_force_from):
        return False
    if provision.in_force_to and on >= provision.in_force_to:
        return False
    if provision.status == "repealed" and provision.in_force_to is None:
        return False
    if provision.in_force_from is None and on < provision.as_of:
        return None
    return True


@dataclass(frozen=True, slots=True)
class _Court:
    """One case before all provisions."""

    facts: Mapping[str, Truth]
    situation: Situation
    ties: Ties
    vocabulary: Mapping[str, FactDefinition]
    jurisdictions: Mapping[str, Jurisdiction]

    def judge(self, provision: Provision, unlawful_in: frozenset[str] = frozenset()) -> Finding:
        on = self.situation.acted_on if provision.judged_on == "act" else self.situation.asked_on
        local = self._known_here(provision, unlawful_in)
        facts = {**self.facts, **{key: known.truth for key, known in local.items()}} if local else self.facts
        valid = in_force(provision, on)
        reach = reaches(provision, self.ties, self.jurisdictions)
        elements, exemptions = elements_and_exemptions(provision, facts)
        outcome = outcome_of(valid, reach, elements, exemptions)
        explain = _Explainer(facts, {**self.situation.known, **local}, self.vocabulary)
        return Finding(
            provision=provision,
            outcome=outcome,
            on=on,
            elements=elements,
            exemptions=exemptions,
            reach=reach,
            missing=_missing(provision, outcome, facts, self.ties, valid, reach),
            failing=_failing(provision, facts) if outcome == "not_met" else (),
            trace=_trace(provision, outcome, on, (valid, reach, elements, exemptions), explain, self.ties),
            opens=tuple(_opening(remedy, facts) for remedy in provision.remedies),
            here=tuple(local.values()),
        )

    def _known_here(self, provision: Provision, unlawful_in: frozenset[str]) -> dict[str, Known]:
        """Facts that one jurisdiction sees otherwise than the next. What somebody has stated stands."""
        asked = [key for key in (RESIDENT, ILLEGAL) if key in _facts_named(provision) and self.facts.get(key) is None]
        here, known = provision.jurisdiction, {}
        if RESIDENT in asked:
            resident = leads_to(here, ("target_lives", "harm_falls"), self.ties, self.jurisdictions)
            if resident is not None:
                known[RESIDENT] = Known(RESIDENT, resident, "law", "where the person lives and the harm falls")
        if ILLEGAL in asked:
            found = sorted(code for code in unlawful_in if self._same_law(code, here))
            if found:
                known[ILLEGAL] = Known(ILLEGAL, True, "law", f"a provision is met in {', '.join(found)}")
        return known

    def _same_law(self, one: str, other: str) -> bool:
        return other in lineage([one], self.jurisdictions) or one in lineage([other], self.jurisdictions)


def elements_and_exemptions(provision: Provision, facts: Mapping[str, Truth]) -> tuple[Truth, Truth]:
    """Whether the conduct is what a provision speaks of, and whether what it covers is exempt.

    A limb's own exemption defeats that limb alone, so the exemption of the whole is true only where every limb that
    holds or may still hold is exempt.
    """
    elements = holds(without_exemptions(provision.elements), facts)
    exemptions = holds(provision.exemptions, facts) if provision.exemptions else False
    if elements is False or not has_exemption(provision.elements):
        return elements, exemptions
    applies = holds(provision.applies, facts)
    return elements, None if applies is None else not applies


def _failing(provision: Provision, facts: Mapping[str, Truth]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(breaking(without_exemptions(provision.elements), facts)))


def _opening(remedy: Remedy, facts: Mapping[str, Truth]) -> Opening:
    if remedy.condition is None:
        return Opening(remedy, True)
    return Opening(remedy, holds(remedy.condition, facts), tuple(dict.fromkeys(still_open(remedy.condition, facts))))


def _facts_named(provision: Provision) -> frozenset[str]:
    conditions = [remedy.condition for remedy in provision.remedies if remedy.condition is not None]
    return frozenset(fact for rule in (provision.applies, *conditions) for fact in facts_of(rule))


def _missing(
    provision: Provision, outcome: Outcome, facts: Mapping[str, Truth], ties: Ties, valid: Truth, reach: Truth
) -> tuple[str, ...]:
    if outcome not in {"possible", "possibly_exempt"}:
        return ()
    missing = list(still_open(without_exemptions(provision.elements), facts))
    for exemption in exemptions_of(provision):
        missing += still_open(exemption, facts)
    if reach is None:
        missing += [f"reach.{tie}" for tie in open_ties(provision, ties)]
    if valid is None:
        missing.append("in_force_from")
    return tuple(dict.fromkeys(missing))


def _trace(
    provision: Provision,
    outcome: Outcome,
    on: date,
    answers: tuple[Truth, Truth, Truth, Truth],
    explain: _Explainer,
    ties: Ties,
) -> TraceNode:
    valid, reach, elements, exemptions = answers
    since = f"since {provision.in_force_from}" if provision.in_force_from else "its start date is not recorded"
    until = f", until {provision.in_force_to}" if provision.in_force_to else ""
    parts = [
        TraceNode(f"in force on {on}", valid, f"status {provision.status.replace('_', ' ')}, {since}{until}"),
        TraceNode("reaches this case", reach, _reach_words(provision, ties)),
        TraceNode("elements", elements, "", (explain.node(without_exemptions(provision.elements)),)),
    ]
    exempting = [explain.node(provision.exemptions)] if provision.exemptions else []
    exempting += [explain.limb(limb, why) for limb, why in exempt_limbs(provision.elements)]
    if exempting:
        parts.append(TraceNode("exemptions", exemptions, "one is enough", tuple(exempting)))
    else:
        parts.append(TraceNode("exemptions", False, "none is written in this provision"))
    applies = {"met": True, "possible": None, "possibly_exempt": None}.get(outcome, False)
    return TraceNode(provision.citation, applies, outcome.replace("_", " "), tuple(parts))


def _reach_words(provision: Provision, ties: Ties) -> str:
    words = []
    for tie in provision.reach:
        places = ties.of(tie)
        seen = "not known" if places is None else ", ".join(sorted(places)) or "nowhere named"
        words.append(f"{TIE_WORDS[tie]} ({seen})")
    return "; or ".join(words)


class _Explainer:
    """Builds the trace of rules over one set of facts."""

    def __init__(
        self, facts: Mapping[str, Truth], known: Mapping[str, Known], vocabulary: Mapping[str, FactDefinition]
    ) -> None:
        self.facts = facts
        self._known = known
        self._vocabulary = vocabulary

    def node(self, rule: Rule) -> TraceNode:
        truth = holds(rule, self.facts)
        if rule.op == "fact":
            return TraceNode(rule.fact, truth, self._because(rule.fact, truth))
        label = _OPERATOR_WORDS.get(rule.op) or f"at least {rule.need} of these"
        return TraceNode(label, truth, "", tuple(self.node(part) for part in rule.parts))

    def limb(self, limb: Rule, exemption: Rule) -> TraceNode:
        """The exemption of one limb, named by the facts that limb speaks of."""
        named = ", ".join(facts_of(limb))
        return TraceNode(f"for one part alone ({named})", holds(exemption, self.facts), "", (self.node(exemption),))

    def _because(self, fact: str, truth: Truth) -> str:
        meaning = self._vocabulary[fact].meaning if fact in self._vocabulary else fact
        known = self._known.get(fact)
        if known is not None and known.truth is not None:
            return f"{meaning} ({known.said_by}: {known.basis})"
        if truth is not None:
            return f"{meaning} (follows from the other facts)"
        if known is not None and known.leaning is not None:
            return f"{meaning} (a sign only: {known.basis})"
        return f"{meaning} (nobody has said yet)"
