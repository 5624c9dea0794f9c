"""Keeping and erasing at the desk: legal holds, erasure with its certificate."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from habeas.access import actions as access
from habeas.access.core.permissions import may
from habeas.cases import actions
from habeas.cases import queries as cases
from habeas.evidence import erasing
from habeas.evidence import queries as evidence
from habeas.evidence.core.custody import UnknownPurpose
from habeas.journey.erasure import erase_case
from habeas.journey.retention import fate_of
from habeas.kernel import clock
from habeas.web.desk.case import find_case, frame, open_case, typed
from habeas.web.desk.evidence import reason_of
from habeas.web.desk.gate import members_who_may
from habeas.web.desk.words import BASIS_WORDS


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("place_hold")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Holds and erasure of a case; posting places a hold."""
    if request.method == "POST":
        return _place(request, reference)
    case = open_case(request, reference, "keep")
    role = request.user.role  # type: ignore[union-attr]
    erased = case.key.wrapped is None
    context = {
        **frame(case, "evidence"),
        "holds": case.holds.order_by("-pk"),
        "standing": evidence.holds_on(case, on=clock.today()),
        "certificate": erasing.certificate_of(case) if erased else None,
        "fate": None if erased else fate_of(case),
        "closing": "" if erased else cases.closing_of(case),
        "retention": settings.HABEAS_RETENTION_DAYS,
        "may_erase": may(role, "erase_case"),
        "may_lift": may(role, "lift_hold"),
        "bases": [(code, BASIS_WORDS[code]) for code in ("consent", "legal_duty", "order", "legitimate_interest")],
    }
    return render(request, "desk/keep.html", context)


@require_POST
@members_who_may("close_case")
def close(request: HttpRequest, reference: str) -> HttpResponse:
    """End the work on a case, with how it ended."""
    case = find_case(reference)
    try:
        actions.close(case, typed(request, "because"), by=request.user, at=clock.now())  # type: ignore[arg-type]
    except actions.NotClosed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The case is closed. It opens again by itself where its material comes back."))
    return redirect("desk:keep", case.reference)


@require_POST
@members_who_may("lift_hold")
def lift(request: HttpRequest, reference: str, hold_id: int) -> HttpResponse:
    case = find_case(reference)
    hold = case.holds.filter(pk=hold_id).first()
    if hold is None:
        raise Http404(f"no hold {hold_id} in {case}")
    because = typed(request, "because").strip()
    if not because:
        messages.error(request, _("Say in a few words why the duty to keep has ended."))
        return redirect("desk:keep", case.reference)
    try:
        erasing.lift_hold(hold, because, by=request.user, at=clock.now())  # type: ignore[arg-type]
    except erasing.HeldBack as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The hold is lifted."))
    return redirect("desk:keep", case.reference)


@require_POST
@members_who_may("erase_case")
def erase(request: HttpRequest, reference: str) -> HttpResponse:
    """Erase for good: the reference is typed again, because nothing brings a case back."""
    case = find_case(reference)
    if typed(request, "again").strip().upper() != case.reference:
        messages.error(request, _("Type the case’s reference to confirm. Nothing was erased."))
        return redirect("desk:keep", case.reference)
    try:
        erase_case(case, reason_of(request).basis, by=request.user)  # type: ignore[arg-type]
    except (erasing.HeldBack, UnknownPurpose, access.NotAllowed) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Erased. The certificate below says what went and what remains."))
    return redirect("desk:keep", case.reference)


def _place(request: HttpRequest, reference: str) -> HttpResponse:
    case = find_case(reference)
    asked_by, basis, until = typed(request, "asked_by").strip(), typed(request, "basis").strip(), None
    try:
        until = date.fromisoformat(typed(request, "until")) if typed(request, "until") else None
    except ValueError:
        messages.error(request, _("The last day must be a date, or left empty where nobody knows."))
        return redirect("desk:keep", case.reference)
    if not asked_by or not basis:
        messages.error(request, _("Say which authority or court asks to keep it, and on what."))
    else:
        erasing.place_hold(case, basis, asked_by, until=until, by=request.user, at=clock.now())  # type: ignore[arg-type]
        messages.success(request, _("The hold stands. Nothing of this case is erased while it does."))
    return redirect("desk:keep", case.reference)
