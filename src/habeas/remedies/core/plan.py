"""From findings to a plan: who is asked for what, on which ground, by when, in which order.

The order is a safety rule. Evidence is kept before anybody is told, an account is traced while its logs exist, and only
then is anything taken down. Danger adds warnings and never changes that order.

Expression has its seat: an exempt finding carries nothing, an exemption that is open asks for a second person, and so
does any measure against speech where the same law holds an exemption in this case. What is left out is said, with why.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit

from habeas.kernel.calendars import EU_MEMBERS, Period
from habeas.law.core.model import (
    TRACKS_OF_CONDUCT,
    Finding,
    Jurisdiction,
    Opening,
    Outcome,
    Provision,
    Remedy,
    Starts,
    Tie,
    Ties,
    TraceNode,
    Truth,
)
from habeas.law.core.reach import with_consequent_ties
from habeas.remedies.core.catalogue import catalogue, entry_for
from habeas.remedies.core.model import (
    PHASES,
    Addressee,
    AddresseeKind,
    CatalogueEntry,
    Clock,
    Ground,
    Omission,
    Plan,
    PlannedMeasure,
    PostingView,
    Readiness,
    ServiceRole,
)

__all__ = ["TERMS_REPORT", "UNCHECKED_SOURCE", "measure_key", "plan"]

UNCHECKED_SOURCE = "source not yet checked against the official text"

TERMS_REPORT = "platform-terms-report"
_SEAL, _POLICE, _SEARCH = "seal-evidence", "police-report", "search-deindexing"

# The outcomes that can carry a measure, the surest first.
_SURENESS: dict[Outcome, int] = {"met": 0, "possibly_exempt": 1, "possible": 2}
_EXEMPTION_SEEN: frozenset[Outcome] = frozenset({"exempt", "possibly_exempt"})
_READINESS: tuple[Readiness, ...] = ("ready", "needs_exemption_review", "needs_facts", "blocked")
_SERVICE_KINDS: frozenset[AddresseeKind] = frozenset({"platform", "host", "search_engine"})
_SERVICE_TIES: frozenset[Tie] = frozenset({"service_in", "host_in"})
_ABOVE_STATES = frozenset({"EU", "COE", "UN"})
# Where a right that stands above states is claimed: at home first, then where it hurts, then where it was done.
_FORUM_TIES: tuple[Tie, ...] = ("target_lives", "harm_falls", "doer_acts", "service_in")

_EMERGENCY = re.compile(r"\bemergenc", re.IGNORECASE)
_SEARCH_ENGINES = re.compile(r"\bsearch|\bdelist", re.IGNORECASE)
# The words beside a remedy may speak of haste, of money, of a test, or of how long an order lasts. Without a number of
# hours, only those of haste make a clock; the others are shown as terms.
_HASTE = re.compile(
    r"\b(?:within|without (?:undue )?delay|prompt(?:ly)?|immediate(?:ly)?|expedi\w+|timely|soon|swiftly|diligently"
    r"|urgent(?:ly)?|at once|forthwith|same day|same or next day|as the order sets|priority)\b",
    re.IGNORECASE,
)
_SOON_LAPSES = timedelta(days=30)


def plan(
    findings: Sequence[Finding],
    *,
    ties: Ties,
    postings: Sequence[PostingView],
    wishes: frozenset[str] | None,
    danger: Truth,
    today: date,
    jurisdictions: Mapping[str, Jurisdiction] | None = None,
) -> Plan:
    """The ordered measures of a case. The order of findings and of postings changes nothing.

    wishes:        what the person wants (down, stop, who, compensation, advice); null or empty where they did not say
    danger:        whether someone is or may be in danger now
    jurisdictions: gives regulators their names; without it they are known by their place only
    """
    case = _Case(
        findings=tuple(sorted(findings, key=_finding_order)),
        ties=with_consequent_ties(ties),
        services=_services(postings),
        wishes=wishes or frozenset(),
        danger=danger,
        today=today,
        jurisdictions=jurisdictions or {},
    )
    drafts = _Drafts(case)
    measures = [_measure(draft, case) for draft in drafts.found()]
    measures.sort(
        key=lambda m: (PHASES.index(m.phase), _READINESS.index(m.readiness), catalogue()[m.remedy].order, m.key)
    )
    return Plan(measures=tuple(measures), omissions=_omissions(case, drafts, measures), notes=_notes(case))


def measure_key(remedy: str, addressee: Addressee) -> str:
    """The name of one remedy toward one addressee, the same in every plan of a case.

    A service is known by its name alone and an authority by its place alone: learning the rest later changes no key.
    """
    whom = _slug(addressee.name or "") if addressee.kind in _SERVICE_KINDS else (addressee.jurisdiction or "").lower()
    return f"{remedy}:{addressee.kind}:{whom}"


# The case


@dataclass(frozen=True, slots=True)
class _Service:
    name: str
    role: ServiceRole
    jurisdictions: frozenset[str]
    states: frozenset[str]

    @property
    def addressee(self) -> Addressee:
        # The place is part of the addressee only where it is one: a service offered in ten is still one service.
        place = next(iter(self.jurisdictions)) if len(self.jurisdictions) == 1 else None
        return Addressee(self.role, self.name, place)

    @property
    def all_gone(self) -> bool:
        return self.states == {"gone"}


@dataclass(frozen=True)
class _Case:
    findings: tuple[Finding, ...]
    ties: Ties
    services: tuple[_Service, ...]
    wishes: frozenset[str]
    danger: Truth
    today: date
    jurisdictions: Mapping[str, Jurisdiction]

    @cached_property
    def exemptions_seen(self) -> tuple[tuple[str, str], ...]:
        """Jurisdiction and id of every provision with an exemption that holds or is open, and of every shield."""
        return tuple(
            (finding.provision.jurisdiction, finding.provision.id)
            for finding in self.findings
            if finding.outcome in _EXEMPTION_SEEN or (finding.provision.effect == "shield" and finding.outcome == "met")
        )

    @cached_property
    def only_exempt(self) -> bool:
        """Whether some law covers the conduct and exempts it, and none is met by it."""
        outcomes = {finding.outcome for finding in self.findings if finding.provision.track in TRACKS_OF_CONDUCT}
        return "exempt" in outcomes and "met" not in outcomes

    def unwished(self, entry: CatalogueEntry) -> bool:
        # In danger nobody should have to have asked for protection.
        if not self.wishes or not entry.wishes or (self.danger and entry.phase == "protect"):
            return False
        return not (self.wishes & entry.wishes)

    def regulator_name(self, code: str) -> str | None:
        place = self.jurisdictions.get(code)
        return place.regulator.get("name") if place and place.regulator else None


def _services(postings: Sequence[PostingView]) -> tuple[_Service, ...]:
    """One service for each name and role, with the places and states of all its postings."""
    views: dict[tuple[str, ServiceRole], list[PostingView]] = {}
    for view in postings:
        views.setdefault((_service_name(view).casefold(), view.role), []).append(view)
    return tuple(
        _Service(
            name=min(_service_name(view) for view in group),
            role=role,
            jurisdictions=frozenset().union(*(view.jurisdictions for view in group)),
            states=frozenset(view.state for view in group),
        )
        for (_, role), group in sorted(views.items())
    )


def _service_name(view: PostingView) -> str:
    return " ".join(view.service.split()) or urlsplit(view.url).hostname or "a service without a name"


# Drafts: what supports each measure


@dataclass(frozen=True, slots=True)
class _Support:
    """One remedy of one finding, for one measure."""

    ground: Ground
    provision: Provision
    on: date
    clock: Clock | None
    term: str | None
    sought_by: str
    ex_parte: bool


@dataclass(slots=True)
class _Draft:
    entry: CatalogueEntry
    addressee: Addressee
    supports: dict[_SupportKey, _Support]
    states: frozenset[str] = frozenset()


_SupportKey = tuple[str, Outcome, str, Clock | None, str | None]


class _Drafts:
    """Gathers, for each remedy and addressee, all that supports it, and remembers what was set aside."""

    def __init__(self, case: _Case) -> None:
        self._case = case
        self._drafts: dict[tuple[str, Addressee], _Draft] = {}
        self._set_aside: dict[tuple[str, str], set[str]] = {}
        # Remedy and reason, with the provisions and the services it holds for: one line, however many services.
        self._passed_by: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        self._open(catalogue()[_SEAL], Addressee("ourselves", None, None))
        for service in case.services:
            self._open(catalogue()[TERMS_REPORT], service.addressee, service.states)
        for finding in case.findings:
            if _may_carry(finding):
                self._read(finding)

    def found(self) -> Iterable[_Draft]:
        return self._drafts.values()

    def set_aside(self) -> Iterator[Omission]:
        for (remedy, why), provisions in self._set_aside.items():
            yield Omission(remedy, tuple(sorted(provisions)), why)
        for (remedy, why), (passed, services) in self._passed_by.items():
            yield Omission(remedy, tuple(sorted(passed)), f"{why} ({_listed(sorted(services), most=4)})")

    def _open(self, entry: CatalogueEntry, to: Addressee, states: frozenset[str] = frozenset()) -> _Draft:
        return self._drafts.setdefault((entry.id, to), _Draft(entry, to, {}, states))

    def _read(self, finding: Finding) -> None:
        provision = finding.provision
        if provision.track == "criminal":
            entry = catalogue()[_POLICE]
            self._place(finding, entry, "police", None, entry.starts)
        for opening in finding.opens:
            remedy = opening.remedy
            entry, line = entry_for(remedy.type, remedy.from_, remedy.sought_by)
            if opening.condition is False:
                self._lay_aside(entry.id, "the condition of this remedy alone does not hold", provision)
            elif remedy.sought_by in {"platform", "controller"}:
                self._lay_aside(entry.id, f"the {remedy.sought_by}'s own duty: nothing for us to send", provision)
            else:
                starts = remedy.starts or line.starts or entry.starts
                self._place(finding, entry, line.addressee or entry.addressee, opening, starts)

    def _place(
        self, finding: Finding, entry: CatalogueEntry, kind: AddresseeKind, opening: Opening | None, starts: Starts
    ) -> None:
        remedy = opening.remedy if opening else None
        support = _support(finding, remedy, starts)
        if opening and opening.condition is None:
            support = _unsure(support, *opening.missing)
        if self._case.unwished(entry):
            self._lay_aside(entry.id, "not wished", finding.provision)
        elif kind == "platform":
            self._place_at_services(finding, entry, remedy, support)
        elif kind == "controller":
            self._add(self._open(entry, Addressee("controller", None, None)), support)
        else:
            for code in _forums(finding.provision.jurisdiction, entry, self._case.ties):
                name = self._case.regulator_name(code) if kind == "regulator" else None
                self._add(self._open(entry, Addressee(kind, name, code)), support)

    def _place_at_services(
        self, finding: Finding, entry: CatalogueEntry, remedy: Remedy | None, support: _Support
    ) -> None:
        stand_ins = dict(entry.instead_for)
        if not self._case.services:
            self._add(self._open(entry, Addressee("platform", None, None)), support)
        for service, reached in self._services_reached(finding):
            fitting = catalogue()[stand_ins.get(service.role, entry.id)]
            if fitting.phase == "remove" and service.all_gone:
                why = "nothing left to take down: every posting known there is gone"
                self._pass_by(fitting.id, why, finding.provision, service)
            elif reached is False:
                why = f"out of reach: the service is not known to be in {finding.provision.jurisdiction}"
                self._pass_by(fitting.id, why, finding.provision, service)
            else:
                draft = self._open(fitting, service.addressee, service.states)
                self._add(draft, support if reached else _unsure(support, "reach.service_in"))
        self._place_at_search_engines(finding, entry, remedy, support)

    def _place_at_search_engines(
        self, finding: Finding, entry: CatalogueEntry, remedy: Remedy | None, support: _Support
    ) -> None:
        """A claim that by its own words also runs against search engines is planned before anyone has searched."""
        if _SEARCH not in dict(entry.instead_for).values() or remedy is None:
            return
        if any(service.role == "search_engine" for service in self._case.services):
            return
        if _SEARCH_ENGINES.search(f"{finding.provision.title} {remedy.deadline_text or ''}"):
            self._add(self._open(catalogue()[_SEARCH], Addressee("search_engine", None, None)), support)

    def _services_reached(self, finding: Finding) -> Iterator[tuple[_Service, Truth]]:
        """Each service, with whether the provision reaches it: by the person for all, by the service for its own."""
        provision, ties = finding.provision, self._case.ties
        by_service = finding.reach is True and any(
            tie in _SERVICE_TIES and _leads(ties.of(tie), provision.jurisdiction) for tie in provision.reach
        )
        by_person = any(
            tie not in _SERVICE_TIES and _leads(ties.of(tie), provision.jurisdiction) for tie in provision.reach
        )
        for service in self._case.services:
            if by_person or not by_service:
                yield service, True
            elif not service.jurisdictions:
                yield service, None
            else:
                yield service, _leads(service.jurisdictions, provision.jurisdiction)

    def _add(self, draft: _Draft, support: _Support) -> None:
        key = (support.ground.provision, support.ground.outcome, support.sought_by, support.clock, support.term)
        draft.supports.setdefault(key, support)

    def _lay_aside(self, remedy: str, why: str, provision: Provision) -> None:
        self._set_aside.setdefault((remedy, why), set()).add(provision.id)

    def _pass_by(self, remedy: str, why: str, provision: Provision, service: _Service) -> None:
        provisions, services = self._passed_by.setdefault((remedy, why), (set(), set()))
        provisions.add(provision.id)
        services.add(service.name)


def _may_carry(finding: Finding) -> bool:
    """Whether a finding grounds measures, or may come to. An exemption that holds on open elements never lets it."""
    if finding.provision.effect == "shield" or finding.outcome not in _SURENESS:
        return False
    return not (finding.outcome == "possibly_exempt" and finding.exemptions is True)


def _support(finding: Finding, remedy: Remedy | None, starts: Starts) -> _Support:
    provision = finding.provision
    words = remedy.deadline_text if remedy else None
    clock = _clock_of_law(provision, remedy, starts)
    return _Support(
        ground=Ground(
            provision=provision.id,
            citation=provision.citation,
            jurisdiction=provision.jurisdiction,
            outcome=finding.outcome,
            confidence=provision.confidence,
            missing=finding.missing,
        ),
        provision=provision,
        on=finding.on,
        clock=clock,
        term=f"{provision.id}: {words}" if words and clock is None else None,
        sought_by=remedy.sought_by if remedy else "victim",
        ex_parte=bool(remedy and remedy.ex_parte),
    )


def _clock_of_law(provision: Provision, remedy: Remedy | None, starts: Starts) -> Clock | None:
    """The clock a provision sets, or null where it says nothing about time: none is invented."""
    if remedy is None or (remedy.within is None and not _HASTE.search(remedy.deadline_text or "")):
        return None
    return Clock(
        starts=starts,
        within=remedy.within,
        text=remedy.deadline_text or f"within {remedy.within}",
        owed_by=remedy.from_,
        source_provision=provision.id,
        jurisdiction=provision.jurisdiction,
        then=remedy.then,
        lasts=remedy.lasts,
    )


def _unsure(support: _Support, *needs: str) -> _Support:
    if support.ground.outcome == "met":
        return replace(support, ground=replace(support.ground, outcome="possible", missing=needs))
    missing = tuple(dict.fromkeys((*support.ground.missing, *needs)))
    return replace(support, ground=replace(support.ground, missing=missing))


def _forums(code: str, entry: CatalogueEntry, ties: Ties) -> tuple[str, ...]:
    """Whose court, regulator or police is asked: a state's own, and for law above states that of the member."""
    if code not in _ABOVE_STATES or entry.forum == "own":
        return (code,)
    for tie in _FORUM_TIES:
        places = sorted(place for place in ties.of(tie) or () if _takes_over(place, code))
        if places:
            return tuple(places)
    return (code,)


def _leads(places: frozenset[str] | None, code: str) -> bool:
    return any(_takes_over(place, code) for place in places or ())


def _takes_over(place: str, code: str) -> bool:
    """Whether the law of ``code`` is law in ``place``, by the codes alone."""
    if place == code or place.startswith(f"{code}-") or code in {"COE", "UN"}:
        return True
    return code == "EU" and place.partition("-")[0] in EU_MEMBERS


def _same_law(one: str, other: str) -> bool:
    if one == other:
        return True
    if {one, other} & {"COE", "UN"}:
        return False
    return _takes_over(one, other) or _takes_over(other, one)


# One measure


def _measure(draft: _Draft, case: _Case) -> PlannedMeasure:
    entry, to = draft.entry, draft.addressee
    supports = sorted(draft.supports.values(), key=_support_order)
    grounds = tuple(dict.fromkeys(support.ground for support in supports))
    clock, other_clocks = _clocks(entry, to, supports, case.danger)
    readiness = _readiness(entry, to, grounds, case)
    approvals, approval_reason = _approvals(entry, grounds, case)
    return PlannedMeasure(
        key=measure_key(entry.id, to),
        remedy=entry.id,
        title=entry.title,
        phase=entry.phase,
        addressee=to,
        grounds=grounds,
        clock=clock,
        other_clocks=other_clocks,
        terms=tuple(dict.fromkeys(support.term for support in supports if support.term)),
        sought_by=tuple(dict.fromkeys(support.sought_by for support in supports)) or entry.who_may_seek,
        readiness=readiness,
        needs=_needs(entry, readiness, to, grounds),
        approvals=approvals,
        approval_reason=approval_reason,
        consent_needed=entry.needs_consent,
        reveals=entry.reveals,
        warnings=tuple(dict.fromkeys(_warnings(draft, supports, clock, other_clocks, case))),
        why=_why(entry, grounds, case),
        ex_parte=any(support.ex_parte for support in supports),
    )


def _readiness(entry: CatalogueEntry, to: Addressee, grounds: tuple[Ground, ...], case: _Case) -> Readiness:
    # What one ground carries without doubt stands, however open an exemption of another may be; two people still look.
    carried = any(
        ground.outcome == "met" or (ground.outcome == "possible" and not _open(entry, ground)) for ground in grounds
    )
    if not carried and any(ground.outcome == "possibly_exempt" for ground in grounds):
        return "needs_exemption_review"
    if entry.id == TERMS_REPORT and case.only_exempt:
        # A platform's rules are no way round the law's protection of expression.
        return "needs_exemption_review"
    if to.kind == "platform" and to.name is None:
        return "blocked"
    return "ready" if carried or not grounds else "needs_facts"


def _open(entry: CatalogueEntry, ground: Ground) -> tuple[str, ...]:
    """What a ground still waits for, without what the measure itself makes true: a notice notifies."""
    return tuple(fact for fact in ground.missing if fact not in entry.brings_about)


def _needs(entry: CatalogueEntry, readiness: Readiness, to: Addressee, grounds: tuple[Ground, ...]) -> tuple[str, ...]:
    """What to find out for the ground that is nearest to carrying the measure: one is enough."""
    needs = ["posting.url"] if to.kind == "platform" and to.name is None else []
    if readiness == "ready":
        return ()
    if readiness == "needs_exemption_review":
        grounds = tuple(ground for ground in grounds if ground.outcome == "possibly_exempt")
    elif any(ground.outcome == "met" for ground in grounds):
        grounds = ()
    nearest = min((_open(entry, ground) for ground in grounds), key=lambda facts: (len(facts), facts), default=())
    return tuple(dict.fromkeys([*needs, *nearest]))


def _approvals(entry: CatalogueEntry, grounds: tuple[Ground, ...], case: _Case) -> tuple[Literal[1, 2], str]:
    open_here = [ground.provision for ground in grounds if ground.outcome == "possibly_exempt"]
    if open_here:
        return 2, f"An exemption is open under {_listed(open_here)}: a second named person weighs free expression."
    if entry.restricts_speech:
        codes = {ground.jurisdiction for ground in grounds}
        seen = [
            provision
            for code, provision in case.exemptions_seen
            if not grounds or any(_same_law(code, own) for own in codes)
        ]
        if seen:
            return 2, (
                f"It restricts speech, and an exemption holds or is open in the same case under {_listed(seen)}: "
                "a second named person weighs free expression."
            )
    if not entry.leaves_the_house:
        return 1, "It stays in the house: whoever does it signs for it."
    return 1, "It leaves the house: a named person answers for it."


def _clocks(
    entry: CatalogueEntry, to: Addressee, supports: list[_Support], danger: Truth
) -> tuple[Clock, tuple[Clock, ...]]:
    """The strictest clock of the grounds nearest to carrying the measure, then all others, our own target last.

    A clock of a ground farther off, or one that runs in an emergency only, is listed and does not win.
    """
    own = _own_target(entry, to)
    clocks = [(_distance(entry, support.ground), support.clock) for support in supports if support.clock is not None]
    nearest = min((_distance(entry, support.ground) for support in supports), default=0)
    running = [
        clock
        for distance, clock in clocks
        if distance == nearest and (danger is True or not _EMERGENCY.search(clock.text))
    ]
    chosen = min(running, key=_strictness, default=own)
    others = sorted({clock for _, clock in clocks} - {chosen}, key=_strictness)
    if chosen is not own and chosen.within is None and own.within is not None:
        others.append(own)
    return chosen, tuple(others)


def _distance(entry: CatalogueEntry, ground: Ground) -> float:
    """How far a ground is from carrying the measure: 0 where it does, else the number of facts it waits for."""
    if ground.outcome == "met":
        return 0
    return 0.5 if ground.outcome == "possibly_exempt" else len(_open(entry, ground))


def _own_target(entry: CatalogueEntry, to: Addressee) -> Clock:
    target = f"answer expected within {entry.target_hours} hours" if entry.target_hours else entry.target_text
    return Clock(
        starts="on_sending" if entry.leaves_the_house else entry.starts,
        within=None if entry.target_hours is None else Period(entry.target_hours, "hours"),
        text=f"our own target, not a legal deadline: {target}" if entry.leaves_the_house else "our own target: now",
        owed_by=to.kind,
        source_provision=None,
        set_by="organisation",
    )


def _strictness(clock: Clock) -> tuple[float, str, str]:
    hours = float("inf") if clock.within is None else clock.within.at_least_hours()
    return (hours, clock.source_provision or "", clock.text)


def _why(entry: CatalogueEntry, grounds: tuple[Ground, ...], case: _Case) -> str:
    lead = "Someone is in danger now: " if case.danger is True and entry.phase == "protect" else ""
    if not grounds:
        sentence = f"{entry.purpose}."
    else:
        surest = grounds[0].outcome
        cited = [ground.citation for ground in grounds if ground.outcome == surest]
        verb = "is" if len(cited) == 1 else "are"
        state = {
            "met": f"{verb} met",
            "possibly_exempt": f"{'applies' if len(cited) == 1 else 'apply'} or may apply, unless an exemption does",
        }.get(surest, "may be met, once what is open is answered")
        sentence = f"{_listed(cited)} {state}: {entry.purpose}."
    return lead + (sentence if lead else sentence[0].upper() + sentence[1:])


def _warnings(
    draft: _Draft, supports: list[_Support], clock: Clock, other_clocks: tuple[Clock, ...], case: _Case
) -> Iterator[str]:
    entry, to = draft.entry, draft.addressee
    if case.danger is True:
        yield "Someone is in danger now: call the emergency number first; no letter replaces it."
    yield from _state_warnings(draft, case)
    if to.kind == "platform" and to.name is None:
        yield "No link is known yet: the holder must be told exactly which page it is about."
    if to.kind == "search_engine" and to.name is None:
        yield "Search for the name first: it goes only to a search engine that shows the page."
    if to.kind in {"court", "regulator", "police"} and to.jurisdiction in _ABOVE_STATES and entry.forum == "national":
        yield f"Which country's {to.kind} is to be asked is not known: ask where the person lives."
    unchecked = [support.ground.provision for support in supports if support.ground.confidence == "low"]
    if unchecked:
        yield f"{_listed(unchecked, most=6)}: {UNCHECKED_SOURCE}"
    yield from _clock_warnings(clock, other_clocks)
    yield from _date_warnings(supports, case.today)
    if any(support.ex_parte for support in supports):
        yield "It can be asked without hearing the other side first; say why waiting would do harm."
    yield from entry.warnings


def _state_warnings(draft: _Draft, case: _Case) -> Iterator[str]:
    if draft.entry.phase != "remove":
        return
    name = draft.addressee.name
    if "back" in draft.states:
        yield f"Something at {name} was gone and came back: say so, and ask that it stays down."
    if "unknown" in draft.states:
        yield f"Look whether it is still online at {name} before sending."
    if "gone" in draft.states and draft.states != {"gone"}:
        yield f"Part of it at {name} is gone: name only the links that are not."
    if draft.states == {"gone"}:
        yield f"Every posting known at {name} is gone: report the account, so that it does not come back."
    if not draft.states and case.services and all(service.all_gone for service in case.services):
        yield "Every posting known is gone: ask for this only against its return or against copies."


def _clock_warnings(clock: Clock, other_clocks: tuple[Clock, ...]) -> Iterator[str]:
    if clock.set_by == "organisation":
        return
    siblings = [other.text for other in other_clocks if other.source_provision == clock.source_provision]
    if siblings:
        yield (
            f"{clock.source_provision} sets more than one time, and the case decides which runs: "
            f"{'; '.join([clock.text, *siblings])}."
        )


def _date_warnings(supports: list[_Support], today: date) -> Iterator[str]:
    for support in supports:
        provision = support.provision
        if provision.judged_on == "request" and support.on < today:
            yield f"{provision.id} was assessed on {support.on}: assess the case again before sending."
        if provision.in_force_to and today <= provision.in_force_to <= today + _SOON_LAPSES:
            yield f"{provision.id} stops applying on {provision.in_force_to}."


# What was left out


def _omissions(case: _Case, drafts: _Drafts, measures: Sequence[PlannedMeasure]) -> tuple[Omission, ...]:
    found = list(drafts.set_aside())
    spoken_for = {ground.provision for measure in measures for ground in measure.grounds}
    spoken_for.update(provision for omission in found for provision in omission.provisions)
    silent: dict[tuple[str, str], set[str]] = {}
    for finding in case.findings:
        # An exemption is said even of a provision that carries something on another act of the case.
        if not _may_carry(finding) or finding.provision.id not in spoken_for:
            silent.setdefault((_reason(finding), finding.provision.jurisdiction), set()).add(finding.provision.id)
    found += [Omission(None, tuple(sorted(provisions)), why) for (why, _), provisions in silent.items()]
    return tuple(sorted(found, key=lambda omission: (omission.remedy or "", omission.why, omission.provisions)))


def _reason(finding: Finding) -> str:
    match finding.outcome:
        case "exempt" | "possibly_exempt" if finding.exemptions is not None or finding.outcome == "exempt":
            held = sorted(set(_exemptions_held(finding.trace)))
            return "exempt: " + (", ".join(fact.removeprefix("exempt.") for fact in held) or "an exemption holds")
        case "not_met":
            return "not met: " + (", ".join(finding.failing) or "its conditions do not hold")
        case "not_in_force":
            return f"not in force on {finding.on}"
        case "out_of_reach":
            return f"out of reach: nothing ties this case to {finding.provision.jurisdiction} in the way it asks for"
        case "met" if finding.provision.effect == "shield":
            return "a limit that holds here: it protects expression or a service"
        case _:
            return "opens no step of its own: it informs the others"


def _exemptions_held(trace: TraceNode) -> Iterator[str]:
    """The facts that make an exemption hold, from a finding's trace."""
    for part in trace.parts:
        if part.label == "exemptions":
            yield from _true_leaves(part)


def _true_leaves(node: TraceNode) -> Iterator[str]:
    if node.truth is not True:
        return
    if not node.parts and "." in node.label:
        yield node.label
    for part in node.parts:
        yield from _true_leaves(part)


def _notes(case: _Case) -> tuple[str, ...]:
    notes = []
    if case.danger is True:
        notes.append("Someone is in danger now: call the emergency number before anything else. The order below stays.")
    elif case.danger is None:
        notes.append("Nobody has said whether someone is in danger: ask that first.")
    notes.append("Keep the order: preserve, then disclose, then remove. What is gone can no longer be proved.")
    exempt = [finding.provision.id for finding in case.findings if finding.outcome == "exempt"]
    if exempt:
        notes.append(f"An exemption holds under {_listed(exempt)}: there, this may be lawful expression.")
    if case.ties.of("target_lives") is None:
        notes.append("Where the person lives is not known: more law may apply, and the right authority is not known.")
    if not case.services:
        notes.append("No posting is known yet: nothing can be sent to a service until there is a link.")
    return tuple(notes)


# Order and words


def _finding_order(finding: Finding) -> tuple[str, str, str, date, tuple[str, ...]]:
    return (finding.provision.jurisdiction, finding.provision.id, finding.outcome, finding.on, finding.missing)


def _support_order(support: _Support) -> tuple[int, str, str, tuple[float, str, str] | tuple[()], str]:
    ground = support.ground
    return (
        _SURENESS[ground.outcome],
        ground.provision,
        support.sought_by,
        _strictness(support.clock) if support.clock else (),
        support.term or "",
    )


def _listed(names: Iterable[str], most: int = 2) -> str:
    unique = list(dict.fromkeys(names))
    if len(unique) <= most:
        return ", ".join(unique[:-1]) + " and " + unique[-1] if len(unique) > 1 else unique[0]
    return f"{', '.join(unique[:most])} and {len(unique) - most} more"


def _slug(name: str) -> str:
    slug = re.sub(r"[^a-z0-9.]+", "-", name.casefold()).strip("-")
    # Names that are not plain letters keep apart by a digest: two services must never share a key.
    return slug if slug == name.casefold() else f"{slug}-{sha256(name.casefold().encode()).hexdigest()[:8]}"
