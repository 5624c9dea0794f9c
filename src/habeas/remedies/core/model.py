"""The shapes of a plan: measures in order, what grounds each, when it is due, and what was left out and why.

Everything here is a value. A measure is a proposal: a named person approves whatever leaves the house.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from habeas.kernel.calendars import Period
from habeas.law.core.model import Confidence, Outcome, Starts, Step

__all__ = [
    "PHASES",
    "Addressee",
    "AddresseeKind",
    "CatalogueEntry",
    "Clock",
    "Consent",
    "Follow",
    "Ground",
    "Learns",
    "Offer",
    "Omission",
    "Phase",
    "Plan",
    "PlannedMeasure",
    "PostingView",
    "Readiness",
    "Serves",
    "ServiceRole",
    "Starts",
]

Phase = Literal["preserve", "disclose", "remove", "protect", "repair"]
# The order of every plan. Evidence first: what was taken down can no longer be kept, nor its author traced.
PHASES: tuple[Phase, ...] = ("preserve", "disclose", "remove", "protect", "repair")

AddresseeKind = Literal[
    "platform", "host", "cdn", "registrar", "search_engine", "archive", "data_broker", "hash_bank",
    "court", "regulator", "police", "prosecutor", "controller", "employer", "school", "bank", "ourselves",
]  # fmt: skip
# What a service is to a posting. An archive is whoever keeps a copy of another's page: a web archive or a mirror.
ServiceRole = Literal["platform", "host", "cdn", "registrar", "search_engine", "archive", "data_broker"]
Readiness = Literal["ready", "needs_facts", "needs_exemption_review", "blocked"]
Follow = Literal["silence", "refusal", "partial"]
# Whether the person affected said yes: to this measure, toward this addressee.
Consent = Literal["not_needed", "given", "open"]
# Who comes to know something through a letter, beside us.
Learns = Literal[
    "addressee", "service", "site_owner", "poster", "authority", "court", "other_side", "people_there", "researchers",
    "public",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom one measure goes.

    name:         the service or authority, or null where it is not known to the plan
    jurisdiction: code of the place whose court, authority or law it is; null where that does not single it out
    """

    kind: AddresseeKind
    name: str | None
    jurisdiction: str | None


@dataclass(frozen=True, slots=True)
class Clock:
    """By when somebody must act, and who says so.

    starts:          the event from which time runs
    within:          as the law counts it, or null where there is no number; then ``text`` is shown, nothing computed
    text:            the law's words; for our own targets, words that say they are ours
    owed_by:         whose duty it is (platform, court, regulator, controller, police, …)
    source_provision, jurisdiction: the provision that sets it and whose law it is, null for our own targets
    set_by:          law, or organisation: our own target, which obliges nobody outside
    then:            what follows, each time running from the end of the one before
    lasts:           how long what is granted holds, where the law says so
    """

    starts: Starts
    within: Period | None
    text: str
    owed_by: str
    source_provision: str | None
    jurisdiction: str | None = None
    set_by: Literal["law", "organisation"] = "law"
    then: tuple[Step, ...] = ()
    lasts: Period | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """One finding that carries a measure. ``missing``: facts still open, most telling first."""

    provision: str
    citation: str
    jurisdiction: str
    outcome: Outcome
    confidence: Confidence
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedMeasure:
    """One step toward one addressee.

    key:            the same for the same remedy and addressee, today and tomorrow; holds no personal data
    clock:          the strictest that is sure to run; ``other_clocks``: those of other grounds, and our own target
    terms:          what its grounds say of it beside time (a sum, a test), each after the provision's id
    sought_by:      who may ask for it under its grounds, as the law names them
    needs:          facts (or ``posting.url``) to find out before it can go; empty where it is ready
    approvals:      named people who must agree, 1 or 2; ``approval_reason`` says why that many
    consent_needed: the person must agree first: it tells somebody who they are
    reveals:        what the addressee, and others through it, will learn
    why:            one sentence for the caseworker
    ex_parte:       one of its grounds lets it be decided before the other side is heard
    consent:        whether the person said yes to it; one that was refused is no measure but an omission
    after:          keys of measures of this plan to be asked first: what is gone can no longer be kept or traced
    follows_on:     keys of measures asked before whose answer, or silence, makes this one the next rung
    reveals_to:     who comes to know something through it
    encloses:       what goes with it, as the catalogue names it
    """

    key: str
    remedy: str
    title: str
    phase: Phase
    addressee: Addressee
    grounds: tuple[Ground, ...]
    clock: Clock
    other_clocks: tuple[Clock, ...]
    terms: tuple[str, ...]
    sought_by: tuple[str, ...]
    readiness: Readiness
    needs: tuple[str, ...]
    approvals: Literal[1, 2]
    approval_reason: str
    consent_needed: bool
    reveals: str
    warnings: tuple[str, ...]
    why: str
    ex_parte: bool
    consent: Consent = "not_needed"
    after: tuple[str, ...] = ()
    follows_on: tuple[str, ...] = ()
    reveals_to: tuple[Learns, ...] = ()
    encloses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Omission:
    """What was not planned. ``remedy`` is null where whole provisions ground nothing at all."""

    remedy: str | None
    provisions: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Measures in the order of PHASES; what was left out; what a caseworker should know first."""

    measures: tuple[PlannedMeasure, ...]
    omissions: tuple[Omission, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostingView:
    """What a plan needs to know of one posting.

    service:       the name of the service, or "" where only the link is known; its host then stands for it
    jurisdictions: codes of the places where the service is established or offers itself; empty where not known
    """

    url: str
    service: str
    jurisdictions: frozenset[str] = frozenset()
    state: Literal["live", "gone", "back", "unknown"] = "unknown"
    role: ServiceRole = "platform"


@dataclass(frozen=True, slots=True)
class Serves:
    """Which remedy of the law a catalogue entry answers, and to whom its letter then goes.

    sought_by: null serves whoever may seek it, save those another entry names
    addressee, starts: null takes those of the entry
    under:     id of a provision -> the remedy that takes its place there, because it has a form of its own
    interim:   the remedy planned beside it where a court may decide before it hears the other side
    """

    type: str
    from_: str
    sought_by: str | None
    addressee: AddresseeKind | None
    starts: Starts | None
    under: tuple[tuple[str, str], ...] = ()
    interim: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """When a measure is planned that needs no law.

    to:     us, each service with one of the roles, or one addressee nobody has named yet
    roles:  null: services of every role
    wishes: one of them must have been wished in so many words; empty: no wish is needed
    once_sent: only when a measure of that phase has left the house
    """

    to: Literal["ourselves", "services", "once"]
    roles: frozenset[ServiceRole] | None = None
    wishes: frozenset[str] = frozenset()
    once_sent: Phase | None = None


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One kind of measure: ``remedies/catalogue/<id>/remedy.yaml``. Its schema explains each field."""

    id: str
    order: int
    title: str
    purpose: str
    phase: Phase
    addressee: AddresseeKind
    forum: Literal["national", "own"]
    serves: tuple[Serves, ...]
    offered: Offer | None
    instead_for: tuple[tuple[ServiceRole, str], ...]
    takes_over: str | None
    who_may_seek: tuple[str, ...]
    wishes: frozenset[str]
    needs_facts: tuple[str, ...]
    unless_facts: tuple[str, ...]
    restricts_speech: bool
    leaves_the_house: bool
    needs_consent: bool
    reveals: str
    reveals_to: tuple[Learns, ...]
    warnings: tuple[str, ...]
    encloses: tuple[str, ...]
    starts: Starts
    brings_about: frozenset[str]
    target_hours: int | None
    target_text: str
    follows: tuple[tuple[Follow, str], ...]
    human_decides_escalation: bool
    reverify_hours: tuple[int, ...]
    letter: str | None
