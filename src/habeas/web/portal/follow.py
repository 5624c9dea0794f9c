"""The screens of a person who comes back with a receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from habeas.cases import actions, queries
from habeas.evidence import queries as evidence
from habeas.exposure import queries as exposure
from habeas.journey import report as journey
from habeas.kernel import clock
from habeas.remedies import consents
from habeas.remedies import queries as remedies
from habeas.remedies.core.states import OUT, RUNNING
from habeas.web.components.shapes import Event
from habeas.web.portal.forms import FollowForm, MoreLinksForm
from habeas.web.portal.words import EVENT_WORDS, KIND_WORDS, PHASE_WORDS

if TYPE_CHECKING:
    from habeas.cases.models import Case
    from habeas.remedies.models import Measure

FOLLOWED = "followed_case"


@require_http_methods(["GET", "POST"])
def enter_receipt(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "portal/follow.html", {"form": FollowForm()})
    form = FollowForm(request.POST)
    if not form.is_valid():
        return render(request, "portal/follow.html", {"form": form}, status=422)
    case = queries.case_by_receipt(form.cleaned_data["receipt"])
    if case is None:
        form.add_error("receipt", _("We know no such receipt. Check each group; letters O and I are digits 0 and 1."))
        return render(request, "portal/follow.html", {"form": form}, status=404)
    request.session.cycle_key()
    request.session[FOLLOWED] = str(case.pk)
    return redirect("portal:case")


@require_safe
def show_case(request: HttpRequest) -> HttpResponse:
    case = _followed(request)
    if case is None:
        return redirect("portal:follow")
    actions.note_following(case, at=clock.now())
    if case.key.wrapped is None:
        return render(request, "portal/erased.html", {"erased_at": case.key.destroyed_at})
    return render(request, "portal/case.html", {**_story(case), "form": MoreLinksForm()})


@require_http_methods(["POST"])
def add_links(request: HttpRequest) -> HttpResponse:
    case = _followed(request)
    if case is None:
        return redirect("portal:follow")
    if case.key.wrapped is None:
        return redirect("portal:case")
    form = MoreLinksForm(request.POST)
    if not form.is_valid():
        return render(request, "portal/case.html", {**_story(case), "form": form}, status=422)
    count = journey.add_links(case, form.cleaned_data["links"], by="receipt")
    words = (
        ngettext("%(n)d link was added.", "%(n)d links were added.", count)
        if count
        else _("We had these links already.")
    )
    messages.success(request, words % {"n": count})
    return redirect("portal:case")


def leave(request: HttpRequest) -> HttpResponse:
    """Forget this visit and go somewhere harmless."""
    request.session.flush()
    response = redirect(settings.HABEAS_EXIT)
    response.delete_cookie("receipt", path="/receipt/", samesite="Strict")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@require_http_methods(["POST"])
def say_consent(request: HttpRequest) -> HttpResponse:
    """Yes or no to one step toward one addressee; a change of mind is another press."""
    case = _followed(request)
    if case is None:
        return redirect("portal:follow")
    if case.key.wrapped is None:
        return redirect("portal:case")
    given = request.POST.get("given")
    measure = remedies.measures_of(case).filter(key=request.POST.get("step", "")).first()
    if measure is None or given not in {"yes", "no"}:
        raise Http404("no such step")
    with transaction.atomic():
        consents.say(case, measure.key, given=given == "yes", by=None, at=clock.now())
        journey.reassess(case, "the person said yes or no to a step")
    messages.success(request, _("Thank you. You can change this at any time."))
    return redirect(f"{reverse('portal:case')}#plan")


@require_http_methods(["POST"])
def stop_following(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return redirect("portal:report")


def _followed(request: HttpRequest) -> Case | None:
    case_id = request.session.get(FOLLOWED)
    return queries.case_by_id(case_id) if case_id else None


def _story(case: Case) -> dict[str, object]:
    """What the person is shown: kinds, counts and steps; never the values, which a shared screen would expose again."""
    readings = exposure.readings_of(case)
    kinds = [e.kind for item in readings for e in item.exposures if e.whose not in {"author", "organisation"}]
    measures = [m for m in remedies.measures_of(case) if m.state != "withdrawn"]
    said = consents.standing_in(case)
    steps = [
        {
            "key": m.key,
            "phase": PHASE_WORDS[m.phase],
            "title": m.planned["title"],
            "to": _addressee(m.planned["addressee"]),
            "state": m.state,
            "why": m.planned["why"],
            "reveals": m.planned["reveals"],
            "asks": m.planned["consent_needed"] and m.sent_at is None,
            "consent": said.get(m.key),
            "counts": m.state != "drafted" or m.planned["readiness"] in {"ready", "needs_exemption_review"},
        }
        for m in measures
    ]
    return {
        "case": case,
        "state": _state(case, measures),
        "postings": queries.links_of(case),
        "items": len(evidence.items_of(case)),
        "unread": sum(1 for item in readings if item.reading.trouble),
        "kinds": [(KIND_WORDS[kind], kinds.count(kind)) for kind in dict.fromkeys(kinds)],
        "steps": [step for step in steps if step["counts"]],
        "later": sum(1 for step in steps if not step["counts"]),
        # What they said no to stands in the plan no more; they can still change their mind.
        "refused": [
            {"key": m.key, "title": m.planned["title"], "to": _addressee(m.planned["addressee"])}
            for m in remedies.measures_of(case)
            if said.get(m.key) is False and m.sent_at is None
        ],
        "events": _events(case, measures),
    }


def _addressee(addressee: dict[str, str]) -> str:
    """Whom a step goes to: two steps of one title differ by it. Empty where it stays in the house."""
    kind = addressee["kind"]
    return "" if kind == "ourselves" else addressee["name"] or kind.replace("_", " ")


def _state(case: Case, measures: list[Measure]) -> dict[str, object]:
    """Where the case stands, in words: the state, what holds now, what comes next."""
    approved = any(measure.state == "approved" for measure in measures)
    out = [measure for measure in measures if measure.state in OUT]
    due = min((m.due_at for m in out if m.due_at and m.state in RUNNING), default=None)
    if case.examined_at is None:
        now = _("We have your report. It is sealed and waits to be read by our software.")
        following = _("A first reading, within minutes. Then a person at the helpline looks at it.")
    elif case.owner_id is None:
        now = _("Your report was read and a plan is drafted. Nothing has been sent to anyone.")
        following = _("A person at the helpline looks at it. Cases with danger come first.")
    elif out:
        now = ngettext("%(n)d letter has gone.", "%(n)d letters have gone.", len(out)) % {"n": len(out)}
        following = (
            _("The next answer is due on %(day)s. If none comes, we take it further.")
            % {"day": date_format(due, "DATE_FORMAT")}
            if due
            else _("You see each answer here. What is said to be gone, we look at again and again.")
        )
    elif approved:
        now = _("A person works on your case and has approved first steps.")
        following = _("The approved steps are carried out. You see each answer here.")
    else:
        now = _("A person works on your case.")
        following = _("They decide on the first steps. Where your consent is needed, nothing is sent without it.")
    return {"status": "new" if case.owner_id is None else "in_hand", "now": now, "next": following}


def _events(case: Case, measures: list[Measure]) -> list[Event]:
    events = [Event(case.opened_at, _("Your report came in and was sealed"), icon="flag", tone="accent")]
    if case.examined_at:
        events.append(Event(case.examined_at, _("It was read and a plan was drafted"), icon="eye"))
    for measure in measures:
        for event, _words in remedies.events_of(measure):
            if event.event in EVENT_WORDS:
                words, icon, tone = EVENT_WORDS[event.event]
                title = f"{words}: {measure.planned['title']}"
                events.append(
                    Event(event.at, title, icon=icon, tone=tone, text=_addressee(measure.planned["addressee"]))
                )
    return sorted(events, key=lambda event: str(event.at), reverse=True)
