"""From findings to a plan: who is asked for what, on which ground, by when, in which order.

The order is a safety rule. Evidence is kept before anybody is told, an account is traced while its logs exist, and only
then is anything taken down. Danger adds warnings and never changes that order.

Expression has its seat: an exempt finding carries nothing, an exemption that is open asks for a second person, and so
does any measure against speech where the same law holds an exemption in this case. What is left out is said, with why.

Nobody is asked twice. What stands already (``standing``) is left out with what came of it, and where it was refused,
answered in part or not at all, the next rung of the catalogue is planned on the grounds that carried the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from habeas.law.core.packs import load_vocabulary
from habeas.law.core.reach import with_consequent_ties
from habeas.remedies.core.catalogue import catalogue, entry_for
from habeas.remedies.core.model import (
    PHASES,
    Addressee,
    AddresseeKind,
    CatalogueEntry,
    Clock,
    Consent,
    Follow,
    Ground,
    Omission,
    Plan,
    PlannedMeasure,
    PostingView,
    Readiness,
    ServiceRole,
)
from habeas.remedies.core.states import OUT, STATES

__all__ = ["ONCE_KNOWN", "TERMS_REPORT", "UNCHECKED_SOURCE", "measure_key", "plan"]

UNCHECKED_SOURCE = "source not yet checked against the official text"

TERMS_REPORT = "platform-terms-report"
# How an omission begins whose remedy needs no law and waits for facts alone.
ONCE_KNOWN = "offered once this is known to be so"
_SEAL, _POLICE, _SEARCH = "seal-evidence", "police-report", "search-deindexing"

# The outcomes that can carry a measure, the surest first.
_SURENESS: dict[Outcome, int] = {"met": 0, "possibly_exempt": 1, "possible": 2}
_EXEMPTION_SEEN: frozenset[Outcome] = frozenset({"exempt", "possibly_exempt"})
_READINESS: tuple[Readiness, ...] = ("ready", "needs_exemption_review", "needs_facts", "blocked")
_SERVICE_KINDS: frozenset[AddresseeKind] = frozenset(
    {"platform", "host", "cdn", "registrar", "search_engine", "archive", "data_broker", "hash_bank"}
)
_AUTHORITIES: frozenset[AddresseeKind] = frozenset({"court", "regulator", "police", "prosecutor"})
# Taking it down there takes the whole page with it, and the logs that are kept beside it.
_HOLDS_THE_PAGE: frozenset[AddresseeKind] = frozenset({"platform", "host", "cdn", "registrar"})
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

# What came of a measure that left the house, and which of the catalogue's answers it is.
_ANSWERED: Mapping[str, tuple[Follow, ...]] = {
    "overdue": ("silence",),
    "refused": ("refusal",),
    "partly": ("partial",),
    "escalated": ("silence", "refusal", "partial"),
}
_CAME_OF_IT: Mapping[str, str] = {
    "sent": "was asked already, and its answer is awaited",
    "acknowledged": "was asked already, and its answer is awaited",
    "complied": "has done it; it is asked again only where the posting comes back",
    "partly": "has done part of it",
    "refused": "refused",
    "overdue": "did not answer in time",
    "contested": "has done it, and the poster contests it; that is decided first",
    "escalated": "was asked already, and it was taken further",
}


def plan(
    findings: Sequence[Finding],
    *,
    ties: Ties,
    postings: Sequence[PostingView],
    wishes: frozenset[str] | None,
    danger: Truth,
    today: date,
    jurisdictions: Mapping[str, Jurisdiction] | None = None,
    consents: Mapping[str, bool | None] | None = None,
    standing: Mapping[str, str] | None = None,
    facts: Mapping[str, Truth] | None = None,
) -> Plan:
    """The ordered measures of a case. The order of findings, postings and answers changes nothing.

    wishes:        what the person wants (down, stop, who, compensation, advice); null or empty where they did not say
    danger:        whether someone is or may be in danger now
    jurisdictions: gives regulators their names; without it they are known by their place only
    consents:      measure key -> what the person affected said to it; null or not in it where nobody asked them
    standing:      measure key -> the state (``core/states.py``) of each measure of the case
    facts:         fact key -> what is known; null where nobody told the plan, then it offers nothing on facts alone
    Raises ValueError for a state that is none.
    """
    case = _Case(
        findings=tuple(sorted(findings, key=_finding_order)),
        ties=with_consequent_ties(ties),
        services=_services(postings),
        wishes=wishes or frozenset(),
        danger=danger,
        today=today,
        jurisdictions=jurisdictions or {},
        consents=consents or {},
        standing=_states(standing or {}),
        facts=facts,
    )
    drafts = _Drafts(case)
    measures = [_measure(draft, case) for draft in drafts.found()]
    measures.sort(
        key=lambda m: (PHASES.index(m.phase), _READINESS.index(m.readiness), catalogue()[m.remedy].order, m.key)
    )
    notes = (*_notes(case), *drafts.notes())
    return Plan(tuple(_in_order(measures, case)), _omissions(case, drafts, measures), notes)


def measure_key(remedy: str, addressee: Addressee) -> str:
    """The name of one remedy toward one addressee, the same in every plan of a case.

    A service is known by its name alone and an authority by its place alone: learning the rest later changes no key.
    """
    whom = _slug(addressee.name or "") if addressee.kind in _SERVICE_KINDS else (addressee.jurisdiction or "").lower()
    return f"{remedy}:{addressee.kind}:{whom}"


def _states(standing: Mapping[str, str]) -> Mapping[str, str]:
    strange = sorted({state for state in standing.values() if state not in STATES})
    if strange:
        raise ValueError(f"{', '.join(strange)}: no state of a measure; remedies/core/states.py has them all")
    return standing


# The case


@dataclass(frozen=True, slots=True)
class _Service:
    name: str
    role: ServiceRole
    jurisdictions: frozenset[str]
    states: frozenset[str]
    urls: frozenset[str]

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
    consents: Mapping[str, bool | None]
    standing: Mapping[str, str]
    facts: Mapping[str, Truth] | None

    @cached_property
    def sent_phases(self) -> frozenset[str]:
        """The phases of which a measure has left the house."""
        remedies = {key.partition(":")[0] for key, state in self.standing.items() if state in OUT}
        return frozenset(catalogue()[remedy].phase for remedy in remedies if remedy in catalogue())

    @cached_property
    def anything_back(self) -> bool:
        return any("back" in service.states for service in self.services)

    def known(self, fact: str) -> Truth:
        return None if self.facts is None else self.facts.get(fact)

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
            urls=frozenset(view.url for view in group),
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


@dataclass(frozen=True, slots=True)
class _Route:
    """How one remedy of a finding goes: by which entry, to what kind of addressee, and what stands in for it where."""

    entry: CatalogueEntry
    kind: AddresseeKind
    opening: Opening | None
    starts: Starts
    stand_ins: Mapping[ServiceRole, str]
    interim: str | None


@dataclass(slots=True)
class _Draft:
    """What is being gathered for one measure. ``follows_on``: key of a measure before it -> what came of that."""

    entry: CatalogueEntry
    addressee: Addressee
    key: str
    states: frozenset[str] = frozenset()
    supports: dict[_SupportKey, _Support] = field(default_factory=dict)
    follows_on: dict[str, str] = field(default_factory=dict)


_SupportKey = tuple[str, Outcome, str, Clock | None, str | None]


class _Drafts:
    """Gathers, for each remedy and addressee, all that supports it, and remembers what was set aside."""

    def __init__(self, case: _Case) -> None:
        self._case = case
        self._drafts: dict[tuple[str, Addressee], _Draft] = {}
        self._set_aside: dict[tuple[str, str], set[str]] = {}
        # Remedy and reason, with the provisions and the services it holds for: one line, however many services.
        self._passed_by: dict[tuple[str, str], tuple[set[str], set[str]]] = {}
        self._settled: list[Omission] = []
        self._accounted: set[str] = set()
        for entry in catalogue().values():
            if entry.offered:
                self._offer(entry)
        for finding in case.findings:
            if _may_carry(finding):
                self._read(finding)
        self._climb()
        self._accounted.update(draft.key for draft in self._drafts.values())
        self._merge()
        self._settle()

    def found(self) -> Iterable[_Draft]:
        return self._drafts.values()

    def set_aside(self) -> Iterator[Omission]:
        for (remedy, why), provisions in self._set_aside.items():
            yield Omission(remedy, tuple(sorted(provisions)), why)
        for (remedy, why), (passed, services) in self._passed_by.items():
            yield Omission(remedy, tuple(sorted(passed)), f"{why} ({_listed(sorted(services), most=4)})")

    def settled(self) -> Iterable[Omission]:
        """Measures that would be planned, had they not been asked already, or had the person not said no."""
        return self._settled

    def notes(self) -> Iterator[str]:
        astray = sorted(
            key
            for key, state in self._case.standing.items()
            if state in OUT and state != "complied" and key not in self._accounted
        )
        if astray:
            yield f"Asked before, and nothing found today carries it: {', '.join(astray)}. See whether to take it back."

    def _open(self, entry: CatalogueEntry, to: Addressee, states: frozenset[str] = frozenset()) -> _Draft:
        draft = self._drafts.get((entry.id, to))
        if draft is None:
            draft = self._drafts[entry.id, to] = _Draft(entry, to, measure_key(entry.id, to), states)
        return draft

    def _offer(self, entry: CatalogueEntry) -> None:
        """What needs no law is planned where what it asks for holds."""
        case, offer = self._case, entry.offered
        if offer is None or (offer.wishes and not offer.wishes & case.wishes):
            return
        if offer.once_sent and offer.once_sent not in case.sent_phases:
            return
        if offer.to == "services":
            services = [service for service in case.services if offer.roles is None or service.role in offer.roles]
            whom = [(service.addressee, service.states) for service in services]
        else:
            kind: AddresseeKind = "ourselves" if offer.to == "ourselves" else entry.addressee
            whom = [(Addressee(kind, None, None), frozenset())]
        if not whom or (case.facts is None and (entry.needs_facts or entry.unless_facts) and offer.to == "once"):
            return
        against = self._against(entry) or ("not wished" if case.unwished(entry) else None)
        if against:
            self._set_aside.setdefault((entry.id, against), set())
            return
        for to, states in whom:
            self._open(entry, to, states)

    def _against(self, entry: CatalogueEntry) -> str | None:
        """Why an offer does not stand, in a sentence; null where it does, or where nobody told the plan any facts."""
        facts = self._case.facts
        if facts is None:
            return None
        for fact in entry.needs_facts:
            if facts.get(fact) is False:
                return f"offered only where this is so, and it is not: {_meaning(fact)}"
        for fact in entry.unless_facts:
            if facts.get(fact) is True:
                return f"another way is right where this is so: {_meaning(fact)}"
        unknown = [_meaning(fact) for fact in entry.needs_facts if facts.get(fact) is None]
        return f"{ONCE_KNOWN}: {'; '.join(unknown)}" if unknown else None

    def _read(self, finding: Finding) -> None:
        provision = finding.provision
        if provision.track == "criminal":
            entry = catalogue()[_POLICE]
            self._place(finding, _Route(entry, "police", None, entry.starts, {}, None))
        for opening in finding.opens:
            remedy = opening.remedy
            general, line = entry_for(remedy.type, remedy.from_, remedy.sought_by)
            entry = catalogue()[dict(line.under).get(provision.id, general.id)] if line.under else general
            if opening.condition is False:
                self._lay_aside(entry.id, "the condition of this remedy alone does not hold", provision)
            elif remedy.sought_by in {"platform", "controller"}:
                self._lay_aside(entry.id, f"the {remedy.sought_by}'s own duty: nothing for us to send", provision)
            else:
                kind, starts = line.addressee or entry.addressee, remedy.starts or line.starts or entry.starts
                stand_ins = dict((*general.instead_for, *entry.instead_for))
                self._place(finding, _Route(entry, kind, opening, starts, stand_ins, line.interim))

    def _place(self, finding: Finding, route: _Route) -> None:
        entry, opening = route.entry, route.opening
        support = _support(finding, opening.remedy if opening else None, route.starts)
        if opening and opening.condition is None:
            support = _unsure(support, *opening.missing)
        if self._case.unwished(entry):
            self._lay_aside(entry.id, "not wished", finding.provision)
        elif route.kind == "platform":
            self._place_at_services(finding, route, support)
        elif route.kind == "controller":
            self._add(self._open(entry, Addressee("controller", None, None)), support)
            if "data_broker" in route.stand_ins:
                self._place_at_each(finding, route, support, frozenset({"data_broker"}))
        else:
            for code in _forums(finding.provision.jurisdiction, entry, self._case.ties):
                name = self._case.regulator_name(code) if route.kind == "regulator" else None
                self._add(self._open(entry, Addressee(route.kind, name, code)), support)
                if route.interim and support.ex_parte and route.kind == "court":
                    self._add(self._open(catalogue()[route.interim], Addressee("court", None, code)), support)

    def _place_at_services(self, finding: Finding, route: _Route, support: _Support) -> None:
        if not self._case.services:
            self._add(self._open(route.entry, Addressee("platform", None, None)), support)
        self._place_at_each(finding, route, support, None)
        remedy = route.opening.remedy if route.opening else None
        self._place_at_search_engines(finding, route.stand_ins, remedy, support)

    def _place_at_each(
        self, finding: Finding, route: _Route, support: _Support, roles: frozenset[ServiceRole] | None
    ) -> None:
        for service, reached in self._services_reached(finding):
            if roles is not None and service.role not in roles:
                continue
            fitting = catalogue()[route.stand_ins.get(service.role, route.entry.id)]
            if fitting.phase == "remove" and service.all_gone:
                why = "nothing left to take down: every posting known there is gone"
                self._pass_by(fitting.id, why, finding.provision, service)
            elif reached is False:
                why = f"out of reach: the service is not known to be in {finding.provision.jurisdiction}"
                self._pass_by(fitting.id, why, finding.provision, service)
            else:
                draft = self._open(fitting, service.addressee, service.states)
                self._add(draft, support if reached else _unsure(support, "reach.service_in"))

    def _place_at_search_engines(
        self, finding: Finding, stand_ins: Mapping[ServiceRole, str], remedy: Remedy | None, support: _Support
    ) -> None:
        """A claim that by its own words also runs against search engines is planned before anyone has searched."""
        if _SEARCH not in stand_ins.values() or remedy is None:
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
        self._accounted.add(measure_key(remedy, service.addressee))

    # What stands already, and the next rung

    def _climb(self) -> None:
        """Open the next rung of every measure that was refused, answered in part or not at all."""
        climbed: set[str] = set()
        while True:
            answered = [
                draft
                for draft in self._drafts.values()
                if draft.key not in climbed and self._case.standing.get(draft.key) in _ANSWERED
            ]
            if not answered:
                return
            for draft in sorted(answered, key=lambda draft: draft.key):
                climbed.add(draft.key)
                for remedy in _rungs(draft.entry, self._case.standing[draft.key]):
                    self._step_up(draft, catalogue()[remedy])

    def _step_up(self, before: _Draft, entry: CatalogueEntry) -> None:
        kind = before.addressee.kind
        if entry.addressee == "platform" and kind in _SERVICE_KINDS:
            entry = catalogue()[next((stand_in for role, stand_in in entry.instead_for if role == kind), entry.id)]
        came = f"{_capital(_who(before.addressee))} {_CAME_OF_IT[self._case.standing[before.key]]}"
        if self._case.unwished(entry):
            self._set_aside.setdefault((entry.id, "not wished"), set()).update(_provisions(before))
            return
        opened = False
        for to, states in self._next_addressees(before, entry):
            rung = self._drafts.get((entry.id, to))
            carried = [] if entry.id == before.entry.id else self._carried_over(before, entry, to)
            if rung is None and not carried:
                continue
            rung = rung or self._open(entry, to, states)
            held = {support.ground.provision for support in rung.supports.values()}
            for support in carried:
                if support.ground.provision not in held:
                    self._add(rung, support)
            if rung is not before:
                rung.follows_on[before.key] = f"{came} (“{before.entry.title}”), and this is the next step."
                opened = True
        if not opened:
            why = f"{came} (“{before.entry.title}”), and no law found here carries the next step"
            self._set_aside.setdefault((entry.id, why), set())

    def _next_addressees(self, before: _Draft, entry: CatalogueEntry) -> list[tuple[Addressee, frozenset[str]]]:
        to, services = before.addressee, self._case.services
        if entry.addressee == to.kind or (entry.addressee == "platform" and to.kind in _SERVICE_KINDS):
            return [(to, before.states)]
        if entry.addressee in _AUTHORITIES:
            codes = {
                code
                for support in before.supports.values()
                for code in _forums(support.provision.jurisdiction, entry, self._case.ties)
            }
            named = self._case.regulator_name if entry.addressee == "regulator" else lambda code: None
            return [(Addressee(entry.addressee, named(code), code), frozenset()) for code in sorted(codes)]
        of_that_kind = [service for service in services if service.role == entry.addressee]
        urls = frozenset().union(*(s.urls for s in services if s.addressee == to))
        behind = [service for service in of_that_kind if service.urls & urls] or of_that_kind
        if behind:
            return [(service.addressee, service.states) for service in behind if not service.all_gone]
        return [(Addressee(entry.addressee, None, None), frozenset())]

    def _carried_over(self, before: _Draft, entry: CatalogueEntry, to: Addressee) -> list[_Support]:
        """The grounds of the measure before. Its times bind whoever was asked first, so they stay behind."""
        done = before.entry.brings_about
        carried = []
        for support in sorted(before.supports.values(), key=_support_order):
            if to.kind in _AUTHORITIES and to.jurisdiction not in _forums(
                support.provision.jurisdiction, entry, self._case.ties
            ):
                continue
            missing = tuple(fact for fact in support.ground.missing if fact not in done)
            ground = replace(support.ground, missing=missing)
            carried.append(replace(support, ground=ground, clock=None, term=None, ex_parte=False))
        return carried

    def _merge(self) -> None:
        """Where one remedy asks the same of the same, with more weight, the other is left out."""
        for draft in [draft for draft in self._drafts.values() if draft.entry.takes_over]:
            other = self._drafts.get((draft.entry.takes_over or "", draft.addressee))
            if other is None or self._case.consents.get(draft.key) is False:
                continue
            grounds = tuple(support.ground for support in draft.supports.values())
            if self._case.standing.get(draft.key) in OUT:
                self._leave_out(other, f"{_capital(_who(draft.addressee))} was asked already: {draft.entry.title}")
            elif self._case.standing.get(other.key) in {"sent", "acknowledged", "complied", "contested"}:
                self._leave_out(draft, f"{_capital(_who(draft.addressee))} was asked already: {other.entry.title}")
            elif _readiness(draft.entry, draft.addressee, grounds, self._case) == "ready":
                if self._case.standing.get(other.key) not in OUT:
                    self._leave_out(other, f"the same is asked of {_who(draft.addressee)}: {draft.entry.title}")
                for key, support in other.supports.items():
                    draft.supports.setdefault(key, support)

    def _settle(self) -> None:
        """Leave out what was asked already, and what the person said no to."""
        for draft in list(self._drafts.values()):
            if draft.entry.leaves_the_house and self._case.consents.get(draft.key) is False:
                self._leave_out(draft, f"the person affected said no to this step ({_who(draft.addressee)})")
            elif why := self._stands(draft):
                self._leave_out(draft, why)

    def _stands(self, draft: _Draft) -> str | None:
        state = self._case.standing.get(draft.key, "drafted")
        if state not in OUT or (state != "complied" and not draft.entry.leaves_the_house):
            return None
        back = "back" in draft.states if draft.states else self._case.anything_back
        if state in {"complied", "partly"} and back and draft.entry.phase in {"preserve", "remove"}:
            return None
        said = f"{_capital(_who(draft.addressee))} {_CAME_OF_IT[state]}"
        if state == "complied" and {"live", "unknown"} & draft.states:
            said += "; a link there is up or unchecked, so look again and mark it"
        steps = [step if " " in step else f"“{catalogue()[step].title}”" for step in _steps(draft.entry, state)]
        return f"{said}; next: {' / '.join(steps)}" if steps else said

    def _leave_out(self, draft: _Draft, why: str) -> None:
        self._settled.append(Omission(draft.entry.id, _provisions(draft), why))
        self._drafts.pop((draft.entry.id, draft.addressee), None)


def _steps(entry: CatalogueEntry, state: str) -> tuple[str, ...]:
    """What the catalogue says comes next: ids of remedies, or sentences."""
    follows = dict(entry.follows)
    return tuple(dict.fromkeys(follows[answer] for answer in _ANSWERED.get(state, ()) if answer in follows))


def _rungs(entry: CatalogueEntry, state: str) -> tuple[str, ...]:
    return tuple(step for step in _steps(entry, state) if " " not in step)


def _provisions(draft: _Draft) -> tuple[str, ...]:
    return tuple(sorted({support.ground.provision for support in draft.supports.values()}))


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
        key=draft.key,
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
        needs=_needs(entry, readiness, to, grounds, case),
        approvals=approvals,
        approval_reason=approval_reason,
        consent_needed=entry.needs_consent,
        reveals=entry.reveals,
        warnings=tuple(dict.fromkeys(_warnings(draft, supports, clock, other_clocks, case))),
        why=" ".join([*(draft.follows_on[key] for key in sorted(draft.follows_on)), _why(entry, grounds, case)]),
        ex_parte=any(support.ex_parte for support in supports),
        consent=_consent(draft, case),
        follows_on=tuple(sorted(draft.follows_on)),
        reveals_to=entry.reveals_to,
        encloses=entry.encloses,
    )


def _consent(draft: _Draft, case: _Case) -> Consent:
    if not draft.entry.needs_consent:
        return "not_needed"
    return "given" if case.consents.get(draft.key) else "open"


def _in_order(measures: Sequence[PlannedMeasure], case: _Case) -> Iterator[PlannedMeasure]:
    """Each measure with those to be asked before it: preserve, then disclose, then remove."""
    seal = tuple(measure.key for measure in measures if measure.remedy == _SEAL)
    # What still waits for facts must not hold up a removal that waits for nothing.
    keeping = [m for m in measures if m.phase == "preserve" and m.remedy != _SEAL and m.readiness == "ready"]
    pages = {(service.role, service.name): service.urls for service in case.services}
    for measure in measures:
        if measure.phase == "disclose" or (measure.phase == "remove" and "who" in case.wishes):
            before = tuple(kept.key for kept in keeping if _must_keep_first(measure.addressee, kept.addressee, pages))
            yield replace(measure, after=seal + before)
        elif measure.phase == "remove":
            yield replace(measure, after=seal)
        else:
            yield measure


def _must_keep_first(
    asked: Addressee, keeper: Addressee, pages: Mapping[tuple[ServiceRole, str], frozenset[str]]
) -> bool:
    """Whether what is asked of one may destroy what another was to keep. An authority's order reaches every service."""
    if asked == keeper:
        return True
    if keeper.kind in _AUTHORITIES:
        return asked.kind in _AUTHORITIES and asked.jurisdiction == keeper.jurisdiction
    if keeper.kind not in _SERVICE_KINDS:
        return False
    if asked.kind in _AUTHORITIES:
        return True
    if asked.kind not in _HOLDS_THE_PAGE:
        return False
    if not asked.name or not keeper.name or asked.name == keeper.name:
        return True
    here, there = pages.get((asked.kind, asked.name)), pages.get((keeper.kind, keeper.name))  # type: ignore[arg-type]
    return bool(here and there and here & there)


def _readiness(entry: CatalogueEntry, to: Addressee, grounds: tuple[Ground, ...], case: _Case) -> Readiness:
    # What one ground carries without doubt stands, however open an exemption of another may be; two people still look.
    carried = any(
        ground.outcome == "met" or (ground.outcome == "possible" and not _open(entry, ground)) for ground in grounds
    )
    if not carried and any(ground.outcome == "possibly_exempt" for ground in grounds):
        return "needs_exemption_review"
    if entry.restricts_speech and not grounds and case.only_exempt:
        # A platform's rules, or a list of fingerprints, are no way round the law's protection of expression.
        return "needs_exemption_review"
    if to.kind == "platform" and to.name is None:
        return "blocked"
    if not grounds:
        return "needs_facts" if _undecided(entry, case) else "ready"
    return "ready" if carried else "needs_facts"


def _undecided(entry: CatalogueEntry, case: _Case) -> tuple[str, ...]:
    """Facts that decide whether another way is right, and that nobody has answered, of a measure without grounds."""
    if case.facts is None:
        return ()
    return tuple(fact for fact in entry.unless_facts if case.facts.get(fact) is None)


def _open(entry: CatalogueEntry, ground: Ground) -> tuple[str, ...]:
    """What a ground still waits for, without what the measure itself makes true: a notice notifies."""
    return tuple(fact for fact in ground.missing if fact not in entry.brings_about)


def _needs(
    entry: CatalogueEntry, readiness: Readiness, to: Addressee, grounds: tuple[Ground, ...], case: _Case
) -> tuple[str, ...]:
    """What to find out for the ground that is nearest to carrying the measure: one is enough."""
    needs = ["posting.url"] if to.kind == "platform" and to.name is None else []
    if readiness == "ready":
        return ()
    if not grounds:
        return (*needs, *_undecided(entry, case))
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
    yield from _fact_warnings(entry, supports, case)
    if to.kind in {"host", "cdn", "registrar"} and to.name is None:
        yield f"Find out first which {to.kind} stands behind the page; nobody is named yet."
    if to.kind == "platform" and to.name is None:
        yield "No link is known yet: the holder must be told exactly which page it is about."
    if to.kind == "search_engine" and to.name is None:
        yield "Search for the name first: it goes only to a search engine that shows the page."
    if to.kind in _AUTHORITIES and (to.jurisdiction or "EU") in _ABOVE_STATES and entry.forum == "national":
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


def _fact_warnings(entry: CatalogueEntry, supports: list[_Support], case: _Case) -> Iterator[str]:
    if entry.id == _SEAL and case.known("data.intimate_image") is True and case.known("subject.minor") is not False:
        yield (
            "A child may be shown: do not capture or copy the image, which may itself be an offence. Write down the "
            "link and the time, and hand over to the hotline for children."
        )
    if any(support.ground.outcome == "met" for support in supports):
        return
    for fact in entry.needs_facts:
        if case.known(fact) is False:
            yield f"It usually needs this, and it is said not to be so: {_meaning(fact)}. Look again before sending."


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
    found = [*drafts.set_aside(), *drafts.settled()]
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


def _who(to: Addressee) -> str:
    if to.kind == "ourselves":
        return "this house"
    place = f" ({to.jurisdiction})" if to.jurisdiction and to.kind in _AUTHORITIES else ""
    return (to.name or f"the {to.kind.replace('_', ' ')}") + place


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _meaning(fact: str) -> str:
    definition = load_vocabulary().get(fact)
    return definition.meaning if definition else fact


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
