"""Who sees a case and why, opening one in an emergency, and identities that two people open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from habeas.access import actions, queries
from habeas.access.core.permissions import may
from habeas.access.core.policy import PURPOSES, purposes_of
from habeas.access.keys import KeyDestroyed
from habeas.cases import queries as cases
from habeas.cases import sight
from habeas.kernel import clock
from habeas.web.desk.case import frame, typed
from habeas.web.desk.gate import case_of, members_who_may
from habeas.web.desk.words import PURPOSE_WORDS

if TYPE_CHECKING:
    from habeas.access.models import Alarm, IdentityRequest, Person
    from habeas.cases.models import Case

JUDGED_SHOWN = 20
# Taking in and erasing need no name.
IDENTITY_PURPOSES = tuple(purpose for purpose in PURPOSES if purpose not in {"receive", "erase"})
VERDICT_WORDS = {
    "justified": gettext_lazy("Justified"),
    "not_justified": gettext_lazy("Not justified"),
}
ROLE_WORDS = {
    "target": gettext_lazy("Person affected"),
    "family": gettext_lazy("Family"),
    "reporter": gettext_lazy("Reporter"),
    "doer": gettext_lazy("Person who did it"),
    "witness": gettext_lazy("Witness"),
}
KNOWN_WORDS = {
    "name": gettext_lazy("Name"),
    "contact": gettext_lazy("Contact"),
    "relation": gettext_lazy("Relation"),
}
GRANT_WORDS = {
    "assignment": gettext_lazy("works on it"),
    "team": gettext_lazy("helps with it"),
    "agreement": gettext_lazy("under an agreement"),
    "operation": gettext_lazy("in a joint operation"),
    "break_glass": gettext_lazy("opened in an emergency"),
    "counsel": gettext_lazy("legal advice"),
}
GIVEN_BY_HAND = ("team", "assignment", "counsel")
SEALED_WORDS = {
    "works_here": gettext_lazy("It is about somebody who works here"),
    "widely_known": gettext_lazy("It is about somebody widely known"),
    "near_police": gettext_lazy("It is about somebody close to an officer"),
    "other": gettext_lazy("Another reason"),
}


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """One emergency as a lead reads it. reference: empty where the case is closed off and this lead is not named."""

    alarm: Alarm
    reference: str
    reason: str
    own: bool
    overdue: bool
    verdict: str
    review: str


@dataclass(frozen=True, slots=True)
class AskedRow:
    asked: IdentityRequest
    reference: str
    purpose: str
    reason: str
    own: bool


# --------------------------------------------------------------------------------------------------------- emergencies


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("break_glass")
def break_glass(request: HttpRequest) -> HttpResponse:
    """A form that says what follows; posting opens a case for four hours and raises an alarm."""
    reference, reason = typed(request, "case").strip(), typed(request, "because")
    context = {
        "case_reference": reference or request.GET.get("case", "").replace("\0", "")[:12],
        "because": reason,
        "hours": actions.GLASS_STAYS_BROKEN.seconds // 3600,
        "days": actions.REVIEWED_WITHIN.days,
    }
    if request.method != "POST":
        return render(request, "desk/break_glass.html", context)
    try:
        case = cases.case_by_reference(reference)
        grant = actions.break_glass(case, reason, by=_member(request), at=clock.now())
    except cases.NoSuchCase:
        trouble = _("There is no case with this reference.")
    except KeyDestroyed:
        trouble = _("This case was erased. Nothing of it can be opened.")
    except (actions.AlreadyDone, actions.NoReason, actions.TooManyAlarms) as refusal:
        trouble = str(refusal)
    else:
        until = grant.until.strftime("%H:%M")  # type: ignore[union-attr]
        messages.warning(request, _("Open for you until %(until)s UTC. The leads were told.") % {"until": until})
        return redirect("desk:case", case.reference)
    return render(request, "desk/break_glass.html", {**context, "trouble": trouble}, status=422)


@require_safe
@members_who_may("review_alarm")
def alarms(request: HttpRequest) -> HttpResponse:
    member = _member(request)
    context = {
        "waiting": [_alarm_row(one, member) for one in queries.alarms_to_review()],
        "judged": [_alarm_row(one, member) for one in queries.reviewed_alarms()[:JUDGED_SHOWN]],
    }
    return render(request, "desk/alarms.html", context)


@require_POST
@members_who_may("review_alarm")
def review_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Somebody else says whether an emergency was one."""
    verdict = typed(request, "verdict")
    if not queries.has_alarm(alarm_id):
        raise Http404(f"no alarm {alarm_id}")
    if verdict not in VERDICT_WORDS:
        messages.error(request, _("Say whether it was justified or not."))
        return redirect("desk:alarms")
    try:
        actions.review_alarm(
            alarm_id,
            typed(request, "because"),
            justified=verdict == "justified",
            by=_member(request),
            at=clock.now(),
        )
    except (actions.NotYourself, actions.AlreadyDone, actions.NoReason) as refusal:
        messages.error(request, _sentence(refusal))
    else:
        messages.success(request, _("Noted, with your reason."))
    return redirect("desk:alarms")


# ----------------------------------------------------------------------------------------------------------- identities


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("ask_identity")
def identity(request: HttpRequest, reference: str) -> HttpResponse:
    """Who reported and who is affected: asked for here, shown here once somebody else released it."""
    case, member = case_of(reference), _member(request)
    if request.method != "POST":
        return _identity_page(request, case)
    try:
        actions.ask_identity(case, typed(request, "purpose"), typed(request, "because"), by=member, at=clock.now())
    except actions.NoReason as refusal:
        return _identity_page(request, case, trouble=str(refusal), status=422)
    except actions.NotAllowed as refusal:
        return _identity_page(request, case, trouble=_sentence(refusal), status=422)
    messages.success(request, _("Asked. A custodian of identity, or a lead other than you, answers."))
    return redirect("desk:identity", case.reference)


@require_safe
@members_who_may("release_identity")
def identities(request: HttpRequest) -> HttpResponse:
    """What was asked and waits for a second person."""
    member, now = _member(request), clock.now()
    rows = []
    for asked in queries.identities_to_decide(now):
        case = cases.case_by_id(asked.case_id)
        if member.role == "custodian" or queries.may_do(member, "open_case", case, now):
            purpose = str(PURPOSE_WORDS.get(asked.purpose, asked.purpose))
            reason = queries.identity_reason(asked)
            rows.append(AskedRow(asked, case.reference, purpose, reason, own=asked.asked_by_id == member.pk))
    return render(request, "desk/identities.html", {"rows": rows, "hours": _hours_open()})


@require_POST
@members_who_may("release_identity")
def decide_identity(request: HttpRequest, request_id: int) -> HttpResponse:
    asked = queries.identity_request(request_id)
    if asked is None:
        raise Http404(f"no request {request_id}")
    decide = {"release": actions.release_identity, "decline": actions.decline_identity}.get(typed(request, "do"))
    if decide is None:
        messages.error(request, _("Press one of the two buttons: release, or leave closed."))
        return redirect("desk:identities")
    try:
        decide(asked.pk, cases.case_by_id(asked.case_id), by=_member(request), at=clock.now())
    except (actions.NotYourself, actions.NotSeen, actions.AlreadyDone) as refusal:
        messages.error(request, _sentence(refusal))
    else:
        messages.success(request, _("Noted. It stands in the log."))
    return redirect("desk:identities")


def _identity_page(request: HttpRequest, case: Case, *, trouble: str = "", status: int = 200) -> HttpResponse:
    member, now = _member(request), clock.now()
    asked = queries.identity_asked(case.pk, member)
    known: list[tuple[str, list[tuple[str, str]]]] = []
    shown = queries.identity_open(case.pk, member, now)
    if shown:
        for role, told in sight.identity_of(case, by=member, at=now).items():
            rows = [(str(KNOWN_WORDS.get(name, name)), value) for name, value in told.items() if value]
            known.append((str(ROLE_WORDS.get(role, role)), rows))
    context: dict[str, Any] = {
        **frame(case, "overview"),
        "asked": asked,
        "waiting": asked is not None and asked.decided_at is None and now < asked.asked_at + queries.ASKED_FOR,
        "shown": shown,
        "known": known,
        "purposes": [(code, PURPOSE_WORDS[code]) for code in IDENTITY_PURPOSES if code in purposes_of(member.role)],
        "because": typed(request, "because"),
        "hours": _hours_open(),
        "trouble": trouble,
    }
    return render(request, "desk/identity.html", context, status=status)


# ------------------------------------------------------------------------------------------------------------- who sees


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("seal_case")
def who_sees(request: HttpRequest, reference: str) -> HttpResponse:
    """Who sees a case and why; posting lets somebody in or out, closes the case off or opens it up again."""
    case, member = case_of(reference), _member(request)
    if request.method == "POST":
        return _changed(request, case)
    role = member.role
    context = {
        **frame(case, "overview"),
        "rows": [(why, GRANT_WORDS.get(why.kind, why.kind)) for why in queries.why_seen(case, clock.now())],
        "people": _readers_beside(member),
        "kinds": [(kind, GRANT_WORDS[kind]) for kind in GIVEN_BY_HAND],
        "because": list(SEALED_WORDS.items()),
        "may_give": may(role, "give_access"),
        "may_unseal": may(role, "unseal_case"),
    }
    return render(request, "desk/who_sees.html", context)


def _changed(request: HttpRequest, case: Case) -> HttpResponse:
    member, now, do = _member(request), clock.now(), typed(request, "do")
    people = {str(one.pk): one for one in _readers_beside(member)}
    try:
        if do == "seal":
            named = [people[key] for key in request.POST.getlist("named") if key in people]
            sight.seal_case(case, typed(request, "because"), named, by=member, at=now)
        elif do == "unseal":
            sight.unseal_case(case, by=member, at=now)
        elif do == "give" and typed(request, "kind") in GIVEN_BY_HAND and typed(request, "who") in people:
            who, kind = people[typed(request, "who")], typed(request, "kind")
            actions.give_grant(case, kind, who, typed(request, "because"), by=member, at=now)
        elif do == "end" and (grant_id := typed(request, "grant")).isdecimal() and queries.has_grant(grant_id, case.pk):
            actions.end_grant(int(grant_id), case, by=member, at=now)
        else:
            messages.error(request, _("Say who is let in, and for what."))
            return redirect("desk:who_sees", case.reference)
    except (sight.NotSealed, actions.NotGiven, actions.NoReason, actions.NotAllowed, actions.AlreadyDone) as refusal:
        messages.error(request, _sentence(refusal))
        return redirect("desk:who_sees", case.reference)
    messages.success(request, _("Done. It stands in the log."))
    if not queries.may_do(member, "seal_case", cases.case_by_id(case.pk), now):
        return redirect("desk:queue")
    return redirect("desk:who_sees", case.reference)


def _readers_beside(member: Person) -> list[Person]:
    """Who can be let in by hand: this member and the colleagues whose role opens cases at all."""
    return [member, *(one for one in queries.colleagues_of(member) if may(one.role, "open_case"))]


def _alarm_row(one: Alarm, member: Person) -> AlarmRow:
    now, case = clock.now(), cases.case_by_id(one.grant.case_id)
    named = not case.sealed or queries.may_do(member, "open_case", case, now)
    return AlarmRow(
        alarm=one,
        reference=case.reference if named else "",
        reason=queries.reason_of(one.grant),
        own=one.raised_by_id == member.pk,
        overdue=one.reviewed_at is None and one.review_by < now,
        verdict=str(VERDICT_WORDS.get(one.verdict, "")),
        review=queries.review_of(one),
    )


def _hours_open() -> int:
    return int(actions.IDENTITY_OPEN.total_seconds() // 3600)


def _sentence(refusal: Exception) -> str:
    words = str(refusal)
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _member(request: HttpRequest) -> Person:
    return request.user  # type: ignore[return-value]
