"""Which legal systems a case touches, and whether one provision reaches it.

A jurisdiction is involved when a tie of the case names it, or names a place within it. A provision reaches the case
when one of the ties it asks for leads there; it is open when none does but one of them is not known yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from habeas.law.core.logic import disjunction
from habeas.law.core.model import TIES, Jurisdiction, Known, Provision, Tie, Ties, Truth

TIE_WORDS: dict[Tie, str] = {
    "target_lives": "the person affected lives there",
    "doer_acts": "the person who did it acted there",
    "service_in": "the service is established there or offers itself there",
    "host_in": "the servers stand there",
    "harm_falls": "the harm falls there",
    "nationality": "the person affected is a national",
}

TIE_QUESTIONS: dict[Tie, str] = {
    "target_lives": "In which country (and state, if it has states) do you live?",
    "doer_acts": "Do you know in which country the person who posted it lives or was when they did it?",
    "service_in": "In which country is the website or app based?",
    "host_in": "Do you know in which country the website's servers stand?",
    "harm_falls": "In which country do you feel the effects of this?",
    "nationality": "Which nationality do you have?",
}


def lineage(codes: Iterable[str], jurisdictions: Mapping[str, Jurisdiction]) -> tuple[str, ...]:
    """The codes and all whose law they take over: the given ones first, then parents, then theirs; each once.

    A place without a pack still takes over the law above it: a state its federation's (US-KS takes US), and a member
    listed under ``binds`` of a body that body's (CZ takes EU and COE).
    """
    found = list(dict.fromkeys(codes))
    for code in found:  # grows while it runs: parents of parents come last
        found += [parent for parent in _parents(code, jurisdictions) if parent not in found]
    return tuple(found)


def involved(ties: Ties, jurisdictions: Mapping[str, Jurisdiction]) -> tuple[str, ...]:
    """The codes of every jurisdiction with a pack that a case touches, nearest to the person first, parents last."""
    named = dict.fromkeys(code for tie in TIES for code in sorted(ties.of(tie) or ()))
    return tuple(code for code in lineage(named, jurisdictions) if code in jurisdictions)


def with_consequent_ties(ties: Ties) -> Ties:
    """Harm falls where the person lives, unless the case says otherwise."""
    lives = ties.of("target_lives")
    if lives is None or ties.of("harm_falls") is not None:
        return ties
    return Ties({**ties.places, "harm_falls": lives})


def known_from(ties: Ties) -> list[Known]:
    """Facts that follow from where the case touches the world."""
    countries = {tie: {code.split("-")[0] for code in ties.of(tie) or ()} for tie in TIES if tie != "nationality"}
    home = countries["target_lives"]
    elsewhere = sorted({code for tie, codes in countries.items() for code in codes} - home)
    facts = []
    if home and elsewhere:
        facts.append(Known("proc.cross_border", True, "law", f"the case also touches {', '.join(elsewhere)}"))
    if countries["service_in"] or countries["host_in"]:
        facts.append(Known("service.hosting", None, "law", "a service was named", leaning=0.9))
    return facts


def reaches(provision: Provision, ties: Ties, jurisdictions: Mapping[str, Jurisdiction]) -> Truth:
    """Whether a provision reaches the case: true by any one of its ties, unknown while one of them is."""
    return leads_to(provision.jurisdiction, provision.reach, ties, jurisdictions)


def leads_to(code: str, by: Iterable[Tie], ties: Ties, jurisdictions: Mapping[str, Jurisdiction]) -> Truth:
    """Whether one of some ties leads to a jurisdiction, or to a place within it."""
    return disjunction(_leads_to(code, ties.of(tie), jurisdictions) for tie in by)


def open_ties(provision: Provision, ties: Ties) -> tuple[Tie, ...]:
    """The ties whose answer could still bring the provision into reach."""
    return tuple(tie for tie in provision.reach if ties.of(tie) is None)


def _leads_to(code: str, places: frozenset[str] | None, jurisdictions: Mapping[str, Jurisdiction]) -> Truth:
    if places is None:
        return None
    return code in lineage(places, jurisdictions)


def _parents(code: str, jurisdictions: Mapping[str, Jurisdiction]) -> list[str]:
    if code in jurisdictions:
        return list(jurisdictions[code].within)
    federation, dash, _ = code.partition("-")
    return [federation] if dash else [body.code for body in jurisdictions.values() if code in body.binds]
