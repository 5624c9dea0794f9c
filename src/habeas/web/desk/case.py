"""The screens of one case: what came in, what it exposes, what the law says, what is still worth asking."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from habeas.access import queries as access
from habeas.access.keys import KeyDestroyed
from habeas.cases import actions, queries
from habeas.evidence import queries as evidence
from habeas.exposure import queries as exposure
from habeas.journey import report as journey
from habeas.kernel import clock
from habeas.law import queries as law_queries
from habeas.law.core import words
from habeas.law.core.decisive import Answers, deciding
from habeas.law.core.packs import jurisdictions, load_vocabulary
from habeas.law.core.reach import TIE_QUESTIONS
from habeas.law.core.reviews import load_reviews, status_of
from habeas.ledger import queries as ledger
from habeas.remedies import queries as remedies
from habeas.web.components.shapes import Event, Link, SummaryRow
from habeas.web.desk.gate import case_of, members_who_may
from habeas.web.desk.words import (
    ENTRY_WORDS,
    FINDING_ORDER,
    KIND_WORDS,
    SAID_BY_WORDS,
    SIGNAL_WORDS,
    WHOSE_WORDS,
)

if TYPE_CHECKING:
    from habeas.cases.models import Case
    from habeas.journey.examine import Judgement
    from habeas.law.core.model import Finding

QUESTIONS_SHOWN = 4
DECIDABLE = frozenset({"ready", "needs_exemption_review"})
TRUTHS = {"yes": True, "no": False, "unknown": None}


@dataclass(frozen=True, slots=True)
class JurisdictionFindings:
    code: str
    name: str
    findings: list[Finding]


@require_safe
@members_who_may("open_case")
def overview(request: HttpRequest, reference: str) -> HttpResponse:
    case = open_case(request, reference, "overview")
    judged = journey.judgement_of(case)
    readings = exposure.readings_of(case)
    measures = [m for m in remedies.measures_of(case) if m.state != "withdrawn"]
    context = {
        **frame(case, "overview"),
        "told": _told(case, request),
        "postings": queries.links_of(case),
        "items": evidence.items_of(case),
        "exposures": [
            {"found": e, "kind": KIND_WORDS[e.kind], "whose": WHOSE_WORDS[e.whose]}
            for item in readings
            for e in item.exposures
        ],
        "signals": [{"sign": s, "word": SIGNAL_WORDS[s.kind]} for item in readings for s in item.signals],
        "readings": [item.reading for item in readings],
        "sightings": exposure.sightings_of(case).filter(_seen_by(request, "seen_in__")),
        "repeats": exposure.seen_elsewhere(case).filter(_seen_by(request, "case__")),
        "questions": _questions(judged),
        "more_questions": max(0, len(judged.questions) - QUESTIONS_SHOWN),
        "counts": _counts(judged),
        "measures": measures,
        "ready": sum(1 for m in measures if m.state == "drafted" and m.planned["readiness"] in DECIDABLE),
    }
    return render(request, "desk/case.html", context)


@require_safe
@members_who_may("open_case")
def material(request: HttpRequest, reference: str) -> HttpResponse:
    case = open_case(request, reference, "material")
    items = [item for item in exposure.readings_of(case) if item.text]
    return render(
        request,
        "desk/material.html",
        {**frame(case, "material"), "items": items, "kind_words": KIND_WORDS, "names": dict(_names(case))},
    )


@require_safe
@members_who_may("open_case")
def law(request: HttpRequest, reference: str) -> HttpResponse:
    case = open_case(request, reference, "law")
    judged = journey.judgement_of(case)
    context = {
        **frame(case, "law"),
        "groups": _by_jurisdiction(judged),
        "counts": _counts(judged),
        "situation": judged.situation,
        "changes": law_queries.changes_of(case),
    }
    return render(request, "desk/law.html", context)


@require_safe
@members_who_may("open_case")
def provision(request: HttpRequest, reference: str, provision: str) -> HttpResponse:
    case = open_case(request, reference, "law")
    judged = journey.judgement_of(case)
    found = next((f for f in judged.findings if f.provision.id == provision), None)
    if found is None:
        raise Http404(f"no provision {provision} in {case}")
    asked = [q for q in judged.questions if q.key in found.missing]
    decided_by = deciding(found, judged.situation.facts(load_vocabulary()))
    context = {**frame(case, "law"), "finding": found, "law": found.provision, "questions": _question_rows(asked)}
    law = found.provision
    context |= {
        "opening": _ways(decided_by.opening),
        "closing": _ways(decided_by.closing),
        "opens": [(*_first_and_rest(words.remedy_lines(o.remedy)), o.condition) for o in found.opens],
        "penalty": words.penalty_lines(law.penalty),
        "prosecution": words.PROSECUTION.get(law.prosecution or ""),
        "limitation": words.limitation_words(law.limitation),
        "review": status_of(law, load_reviews(law.jurisdiction)),
    }
    return render(request, "desk/provision.html", {**context, "place": jurisdictions()[found.provision.jurisdiction]})


def _first_and_rest(lines: list[str]) -> tuple[str, list[str]]:
    return lines[0], lines[1:]


def _ways(ways: Iterable[Answers]) -> list[list[tuple[str, bool]]]:
    """Each way as the meanings of its facts, with whether each must be so."""
    return [[(load_vocabulary()[key].meaning, truth) for key, truth in sorted(way)] for way in ways]


@require_POST
@members_who_may("state_fact")
def answer(request: HttpRequest, reference: str) -> HttpResponse:
    """One answer to one question; findings and plan follow before the page comes back."""
    case = find_case(reference)
    key, given = request.POST.get("key", ""), request.POST.get("answer", "")
    if key.startswith("reach.") and key.removeprefix("reach.") in TIE_QUESTIONS:
        codes = [code for code in request.POST.getlist("place") if code in jurisdictions()]
        moved = journey.answer_place(case, key.removeprefix("reach."), codes, by=request.user)  # type: ignore[arg-type]
    elif key in load_vocabulary() and given in TRUTHS:
        basis = typed(request, "basis").strip() or _("asked at the desk")
        moved = journey.answer(case, key, TRUTHS[given], basis, by=request.user)  # type: ignore[arg-type]
    else:
        messages.error(request, _("Choose yes, no or not known for one question, then press “Save the answer”."))
        return redirect(_back(request, case))
    messages.success(request, _answered(moved))
    return redirect(_back(request, case))


@require_POST
@members_who_may("take_case")
def take(request: HttpRequest, reference: str) -> HttpResponse:
    case = find_case(reference)
    try:
        actions.take(case, by=request.user, at=clock.now())  # type: ignore[arg-type]
    except actions.AlreadyTaken as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The case is yours."))
    return redirect("desk:case", case.reference)


@require_safe
@members_who_may("open_case")
def history(request: HttpRequest, reference: str) -> HttpResponse:
    case = open_case(request, reference, "history")
    entries = ledger.entries_of(case.pk)
    names = access.names_of(str(entry["by"]) for entry in entries)
    events = [_event(entry, names) for entry in reversed(entries)]
    statements = [
        {"known": known, "who": SAID_BY_WORDS.get(known.said_by, known.said_by), "meaning": _meaning(known.key)}
        for known in reversed(queries.history_of(case))
    ]
    return render(request, "desk/history.html", {**frame(case, "history"), "events": events, "statements": statements})


def typed(request: HttpRequest, name: str) -> str:
    """What stands in a field, without zero characters: PostgreSQL refuses a text that has one."""
    return request.POST.get(name, "").replace("\0", "")


def _seen_by(request: HttpRequest, path: str) -> Q:
    """The condition that a row's case is one the member sees: that another exists is not told."""
    return access.visible_cases(request.user, clock.now(), path)  # type: ignore[arg-type]


def find_case(reference: str) -> Case:
    """The case, or the page that says there is none."""
    return case_of(reference)


def open_case(request: HttpRequest, reference: str, part: str) -> Case:
    """The case, after its reading was logged. Raises KeyDestroyed for one that was erased, but for its certificate."""
    case = find_case(reference)
    if case.key.wrapped is None and part != "keep":
        raise KeyDestroyed(f"{case} was erased")
    actions.note_reading(case, by=request.user, purpose=part, at=clock.now())  # type: ignore[arg-type]
    return case


def frame(case: Case, here: str) -> dict[str, Any]:
    """What every screen of a case shows: its head and its tabs."""
    parts = [
        ("overview", "case", _("Overview")),
        ("material", "material", _("Material")),
        ("evidence", "evidence", _("Evidence")),
        ("law", "law", _("Law")),
        ("plan", "plan", _("Plan")),
        ("messages", "messages", _("Messages")),
        ("history", "history", _("History")),
    ]
    tabs = [
        Link(label, reverse(f"desk:{name}", args=[case.reference]), current=part == here) for part, name, label in parts
    ]
    crumbs = [Link(_("Queue"), reverse("desk:queue")), Link(case.reference)]
    return {"case": case, "tabs": tabs, "crumbs": crumbs, "now": clock.now(), "case_status": CASE_STATUS[case.state]}


CASE_STATUS = {"new": "new", "open": "in_hand", "waiting": "waiting_for_others", "closed": "closed"}


def _told(case: Case, request: HttpRequest) -> list[SummaryRow]:
    told = queries.report_of(case)
    places = jurisdictions()
    lives = told["lives_in"]
    wishes = {
        "down": _("taken down"),
        "stop": _("make it stop"),
        "who": _("who did it"),
        "compensation": _("compensation"),
        "advice": _("advice only"),
    }
    opened = access.identity_open(case.pk, request.user, clock.now())  # type: ignore[arg-type]
    agrees = {True: _("Yes"), False: _("No"), None: None}[told.get("agrees")]
    danger = {True: _("Yes"), False: _("No"), None: None}[told["danger"]]
    return [
        SummaryRow(_("Reported by"), _("The person affected") if told["reporter"] == "self" else told["reporter"]),
        SummaryRow(_("Name in the post"), told["target_name"] or None),
        SummaryRow(_("Lives in"), places[lives].name if lives in places else lives),
        SummaryRow(_("Posted on"), case.posted_on),
        SummaryRow(_("Danger now"), danger),
        SummaryRow(_("Wants"), ", ".join(wishes[w] for w in told["wishes"]) or None),
        # How to reach whoever reported opens by a second person's act only.
        SummaryRow(
            _("Contact"),
            (told["contact"] if opened else _("closed: ask for it under “Identity”")) if told["contact"] else None,
        ),
        SummaryRow(_("Agrees to this report"), agrees),
        SummaryRow(_("Asked to stop"), case.withdrawn_at),
        *_call_rows(told.get("call") or {}, opened=opened),
        SummaryRow(_("Came in"), case.opened_at),
    ]


def _call_rows(call: dict[str, str], *, opened: bool) -> list[SummaryRow]:
    """What whoever took the call wrote down; the number opens like every contact."""
    if not call:
        return []
    number = call.get("callback", "")
    return [
        SummaryRow(
            _("Call back"), (number if opened else _("closed: ask for it under “Identity”")) if number else None
        ),
        SummaryRow(_("Language of the call"), call.get("language")),
        SummaryRow(_("Through an interpreter"), _("Yes") if call.get("interpreter") else _("No")),
        SummaryRow(_("Notes of the call"), call.get("notes")),
    ]


def _names(case: Case) -> list[tuple[str, str]]:
    return [(str(item.pk), name) for item, name in evidence.items_of(case)]


def _counts(judged: Judgement) -> list[tuple[str, int]]:
    outcomes = [finding.outcome for finding in judged.findings]
    return [(outcome, outcomes.count(outcome)) for outcome in FINDING_ORDER if outcome in outcomes]  # type: ignore[arg-type]


def _by_jurisdiction(judged: Judgement) -> list[JurisdictionFindings]:
    groups: dict[str, list[Finding]] = {code: [] for code in judged.jurisdictions}
    for finding in judged.findings:
        groups[finding.provision.jurisdiction].append(finding)
    return [
        JurisdictionFindings(
            code, jurisdictions()[code].name, sorted(found, key=lambda f: FINDING_ORDER.index(f.outcome))
        )
        for code, found in groups.items()
    ]


def _questions(judged: Judgement) -> list[dict[str, Any]]:
    return _question_rows(judged.questions[:QUESTIONS_SHOWN])


def _question_rows(asked: Any) -> list[dict[str, Any]]:
    return [
        {"question": q, "places": _places() if q.key.startswith("reach.") else [], "settles": len(q.settles)}
        for q in asked
    ]


def _places() -> list[tuple[str, str]]:
    return sorted(((code, place.name) for code, place in jurisdictions().items()), key=lambda row: row[1])


def _answered(moved: journey.Moved) -> str:
    found = ngettext("%(n)d finding changed", "%(n)d findings changed", moved.findings) % {"n": moved.findings}
    planned = ngettext("%(n)d step of the plan changed", "%(n)d steps of the plan changed", moved.measures) % {
        "n": moved.measures
    }
    return _("Saved. %(found)s, %(planned)s.") % {"found": found, "planned": planned}


def _back(request: HttpRequest, case: Case) -> str:
    """The screen the answer was given on; only our own screens of this case are gone back to."""
    wanted = request.POST.get("back", "")
    home = reverse("desk:case", args=[case.reference])
    return wanted if wanted.startswith(home) else home


def _meaning(key: str) -> str:
    return load_vocabulary()[key].meaning if key in load_vocabulary() else key


def _event(entry: dict[str, Any], names: dict[str, str]) -> Event:
    """``names``: of the people among those who did it; the log itself holds ids only."""
    title, icon = ENTRY_WORDS.get(entry["kind"], (entry["kind"], "dot"))
    who = _("entry %(index)d, by %(by)s") % {**entry, "by": names.get(str(entry["by"]), entry["by"])}
    return Event(datetime.fromisoformat(entry["at"]), title, who=who, icon=icon)
