"""The plan of a case, and deciding on its steps."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from habeas.kernel import clock
from habeas.kernel.calendars import Period
from habeas.law.core.packs import load_vocabulary
from habeas.law.core.reach import TIE_QUESTIONS
from habeas.remedies import actions, queries
from habeas.remedies.core.states import RUNNING
from habeas.web.components.shapes import Check, PlanStep
from habeas.web.desk.case import DECIDABLE, find_case, frame, open_case, typed
from habeas.web.desk.gate import members_who_may
from habeas.web.desk.words import PHASE_WORDS

if TYPE_CHECKING:
    from habeas.remedies.models import Measure


@require_safe
@members_who_may("open_case")
def show_plan(request: HttpRequest, reference: str) -> HttpResponse:
    case = open_case(request, reference, "plan")
    measures = list(queries.measures_of(case))
    standing = [m for m in measures if m.state != "withdrawn"]
    now = [measure for measure in standing if _decidable(measure)]
    context = {
        **frame(case, "plan"),
        "rows": [_row(number, measure) for number, measure in enumerate(now, start=1)],
        "waiting": [_row(number, m) for number, m in enumerate((m for m in standing if m not in now), len(now) + 1)],
        "withdrawn": [m for m in measures if m.state == "withdrawn"],
        "record": queries.plan_of(case),
    }
    return render(request, "desk/plan.html", context)


@require_POST
@members_who_may("approve_measure")
def decide(request: HttpRequest, reference: str, measure_id: int) -> HttpResponse:
    """Approve, withdraw or restore one step, with a reason."""
    case = find_case(reference)
    if not queries.measures_of(case).filter(pk=measure_id).exists():
        raise Http404(f"no step {measure_id} in {case}")
    reason, by, at = typed(request, "reason"), request.user, clock.now()
    try:
        match request.POST.get("decision"):
            case "approve":
                read = _draft_of(request)
                measure = actions.approve(measure_id, reason, by=by, at=at, draft_of=read)  # type: ignore[arg-type]
            case "withdraw":
                measure = actions.withdraw(measure_id, reason, by=by, at=at)  # type: ignore[arg-type]
            case "restore":
                measure = actions.restore(measure_id, by=by, at=at)  # type: ignore[arg-type]
            case _other:
                raise Http404("no such decision")
    except (actions.NotReady, actions.AlreadyDecided, actions.ChangedSince) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _said(measure))
    return redirect(reverse("desk:plan", args=[case.reference]) + f"#measure-{measure_id}")


def _draft_of(request: HttpRequest) -> datetime:
    """When the draft was made that stood on the person's page; a page that does not say so showed none that counts."""
    try:
        return datetime.fromisoformat(request.POST.get("draft_of", ""))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def _said(measure: Measure) -> str:
    if measure.state == "approved":
        return _("Approved. You can still take it back: nothing has left the house.")
    if measure.state == "withdrawn":
        return _("Withdrawn. You can restore it below.")
    missing = measure.approvals_needed - measure.approvals.count()
    if measure.approvals.count():
        return _("Your yes is noted. It needs %(n)d more, by someone else.") % {"n": missing}
    return _("It is a draft again.")


def _row(number: int, measure: Measure) -> dict[str, Any]:
    planned = measure.planned
    step = PlanStep(
        number=number,
        phase=PHASE_WORDS[measure.phase],
        title=planned["title"],
        addressee=addressee_words(planned["addressee"]),
        ground="; ".join(dict.fromkeys(g["citation"] for g in planned["grounds"][:3])) or _("none needed"),
        status=measure.state,
        clock_text=clock_words(planned["clock"]),
        approvals=[str(approval.member) for approval in measure.approvals.all()],
        approvals_needed=measure.approvals_needed,
        checks=_checks(planned),
        due_at=measure.due_at if measure.state in RUNNING | {"overdue"} else None,
        done_at=measure.answered_at,
        url=reverse("desk:step", args=[measure.case.reference, measure.pk]),
    )
    return {
        "measure": measure,
        "planned": planned,
        "step": step,
        "now": _decidable(measure),
        "needs": [_need(key) for key in planned["needs"]],
    }


def _decidable(measure: Measure) -> bool:
    return measure.state != "drafted" or measure.planned["readiness"] in DECIDABLE


def _need(key: str) -> str:
    """What a step waits for, in words: a fact, a place, a day, or the link itself."""
    if key == "posting.url":
        return _("the link to the page")
    if key == "in_force_from":
        return _("since when this law applies")
    if key.startswith("reach."):
        return TIE_QUESTIONS[key.removeprefix("reach.")]  # type: ignore[index]
    definition = load_vocabulary().get(key)
    return definition.meaning if definition else key


def clock_words(clock: dict[str, Any]) -> str:
    """The clock in words. What is our own target, or has no number in the law, is said by its text alone."""
    if clock["set_by"] == "law" and clock.get("within"):
        return _("%(within)s: %(text)s") % {"within": Period(**clock["within"]), "text": clock["text"]}
    return clock["text"]


def addressee_words(addressee: dict[str, Any]) -> str:
    name = addressee["name"] or addressee["kind"].replace("_", " ")
    return f"{name} ({addressee['jurisdiction']})" if addressee["jurisdiction"] else name


def _checks(planned: dict[str, Any]) -> list[Check]:
    checks = [Check(_("Not known yet: %(fact)s") % {"fact": _need(need)}, None) for need in planned["needs"]]
    if planned["readiness"] == "needs_exemption_review":
        checks.append(Check(_("An exemption is open and must be weighed"), None))
    return checks
