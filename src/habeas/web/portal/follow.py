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
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from habeas.cases import actions, queries, unsent
from habeas.cases import messages as talk
from habeas.cases.core.survey import milestones
from habeas.evidence import queries as evidence
from habeas.exposure import queries as exposure
from habeas.journey import report as journey
from habeas.kernel import clock
from habeas.remedies import consents
from habeas.remedies import queries as remedies
from habeas.remedies.core.states import OUT, RUNNING
from habeas.web.components.shapes import Event
from habeas.web.portal.forms import FollowForm, MoreLinksForm, RatingForm
from habeas.web.portal.reminders import DULL_TITLES, weekly_reminder
from habeas.web.portal.words import ANSWERED, EVENT_WORDS, KIND_WORDS, PHASE_WORDS

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


@require_http_methods(["POST"])
def say_back(request: HttpRequest) -> HttpResponse:
    """The person saw it again where it was gone: the page is looked at, and what was said to be done is not."""
    case = _open_case(request)
    if case is None:
        return redirect("portal:case")
    posting = queries.links_of(case)
    found = next((one for one, _link in posting if str(one.pk) == request.POST.get("posting")), None)
    if found is None:
        raise Http404("no such place")
    journey.say_it_is_back(case, found, by="receipt")
    messages.success(request, _("Thank you. We look at the page now, and take it up again."))
    return redirect(f"{reverse('portal:case')}#places")


@require_http_methods(["POST"])
def write(request: HttpRequest) -> HttpResponse:
    case = _open_case(request)
    if case is None:
        return redirect("portal:case")
    words = request.POST.get("message", "")
    try:
        talk.write(case, words, by=None, at=clock.now())
    except talk.NotSaid:
        trouble = _("Write a few words first, and at most %(n)d letters and signs.") % {"n": talk.LONGEST}
        context = {**_story(case), "form": MoreLinksForm(), "message": words, "message_trouble": trouble}
        return render(request, "portal/case.html", context, status=422)
    messages.success(request, _("Your message is with the helpline. You see the answer here."))
    return redirect(f"{reverse('portal:case')}#messages")


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Nothing more is done in the person's name, from this press on; another press takes it up again."""
    case = _open_case(request)
    if case is None:
        return redirect("portal:case")
    if request.method != "POST":
        return render(request, "portal/withdraw.html", {"case": case})
    if request.POST.get("again"):
        actions.take_up_again(case, at=clock.now())
        messages.success(request, _("Work on your case goes on."))
    else:
        actions.note_withdrawal(case, at=clock.now())
        messages.success(request, _("Nothing more is sent in your name. You can change this at any time."))
    return redirect("portal:case")


@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, milestone: str) -> HttpResponse:
    """A few questions after a milestone: each can be skipped, and the answers are kept apart from the case."""
    case = _open_case(request)
    if case is None:
        return redirect("portal:case")
    if milestone not in _to_rate(case):
        raise Http404("nothing to rate")
    form = RatingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        talk.rate(case, milestone, form.answers(), at=clock.now())
        messages.success(request, _("Thank you. Your answers are kept apart from your case."))
        return redirect("portal:case")
    return render(request, "portal/rate.html", {"form": form})


@require_safe
def reminder(request: HttpRequest) -> HttpResponse:
    """A calendar file with a dull title: a nudge to look in once a week, without an address of theirs anywhere."""
    if _open_case(request) is None:
        return redirect("portal:follow")
    title = dict(DULL_TITLES).get(request.GET.get("title", ""), DULL_TITLES[0][1])
    content = weekly_reminder(str(title), clock.now())
    return HttpResponse(
        content, content_type="text/calendar", headers={"Content-Disposition": 'attachment; filename="reminder.ics"'}
    )


def leave(request: HttpRequest) -> HttpResponse:
    """Forget this visit and go somewhere harmless."""
    request.session.flush()
    unsent.forget(request.COOKIES.get("unsent", ""))
    response = redirect(settings.HABEAS_EXIT)
    for name in ("receipt", "spare", "unsent"):
        response.delete_cookie(name, samesite="Strict")
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
    return redirect("portal:start")


def _open_case(request: HttpRequest) -> Case | None:
    """The case that is followed, where it can still be worked on."""
    case = _followed(request)
    return case if case is not None and case.key.wrapped is not None else None


def _to_rate(case: Case) -> list[str]:
    """Milestones the case has passed and that were not rated, the latest first."""
    answers, sent = [], []
    for measure in remedies.measures_of(case):
        if measure.sent_at:
            sent.append(measure.sent_at)
        answers += [event.at for event, _words in remedies.events_of(measure) if event.event in ANSWERED]
    passed = milestones(
        first_sent=min(sent, default=None), first_answer=min(answers, default=None), closed_at=case.closed_at
    )
    return [one for one in reversed(passed) if one not in talk.rated(case)]


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
            "title": _(m.planned["title"]),
            "to": _addressee(m.planned["addressee"]),
            "state": m.state,
            "why": m.planned["why"] if (get_language() or "en") == "en" else "",
            "reveals": _(m.planned["reveals"]) if m.planned["reveals"] else "",
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
            {"key": m.key, "title": _(m.planned["title"]), "to": _addressee(m.planned["addressee"])}
            for m in remedies.measures_of(case)
            if said.get(m.key) is False and m.sent_at is None
        ],
        "events": _events(case, measures),
        "talk": talk.read(case, by=None, at=clock.now()),
        "to_rate": next(iter(_to_rate(case)), None),
        "dull_titles": DULL_TITLES,
        "message": "",
        "message_trouble": "",
        "house": settings.HABEAS_HOUSE["name"],
    }


def _addressee(addressee: dict[str, str]) -> str:
    """Whom a step goes to: two steps of one title differ by it. Empty where it stays in the house."""
    kind = addressee["kind"]
    return "" if kind == "ourselves" else addressee["name"] or kind.replace("_", " ")


def _state(case: Case, measures: list[Measure]) -> dict[str, object]:
    """Where the case stands, in words: the state, what holds now, what comes next."""
    if case.withdrawn_at is not None:
        now = _("You asked us to stop. Nothing more is sent in your name.")
        return {"status": "withdrawn", "now": now, "next": _("Nothing, unless you take it up again.")}
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
                title = f"{words}: {_(measure.planned['title'])}"
                events.append(
                    Event(event.at, title, icon=icon, tone=tone, text=_addressee(measure.planned["addressee"]))
                )
    return sorted(events, key=lambda event: str(event.at), reverse=True)
