"""One notice as its addressee opens it by link: the letter, the exact addresses, and a way to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from habeas.journey import answers
from habeas.remedies.core.states import TRANSITIONS, NotPossible
from habeas.web.partners.forms import AnswerForm
from habeas.web.partners.way_in import door_for, no_way
from habeas.web.partners.words import ANSWER_HINTS, ANSWER_WORDS, PUT_BACK, STATE_WORDS, refusal_in, with_ground

if TYPE_CHECKING:
    from habeas.journey.answers import Notice
    from habeas.platforms.models import Door


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The notice; posting answers it."""
    entered = enter(request, token)
    if entered is None:
        return no_way(request)
    door, found = entered
    if request.method == "POST":
        return _answer(request, token, door, found)
    return _page(request, token, door, found)


@require_POST
def link_for_poster(request: HttpRequest, token: str) -> HttpResponse:
    """Make a link that the service can pass on to whoever posted it; shown once."""
    entered = enter(request, token)
    if entered is None:
        return no_way(request)
    door, found = entered
    try:
        secret = answers.door_for_poster(door.measure)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect("partners:notice", token)
    path = reverse("partners:contest", args=[secret])
    address = settings.HABEAS_SITE + path if settings.HABEAS_SITE else request.build_absolute_uri(path)
    return _page(request, token, door, found, {"poster_link": address})


def enter(request: HttpRequest, token: str) -> tuple[Door, Notice] | None:
    """The door of an addressee with its notice; null where the link does not open, or nothing has gone out."""
    door = door_for(request, token, "addressee")
    if door is None:
        return None
    try:
        return door, answers.notice_of(door.measure)
    except answers.NothingSent:
        return None  # it was stopped before it went


def _page(
    request: HttpRequest,
    token: str,
    door: Door,
    found: Notice,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    possible = _possible(found)
    contest = answers.contest_of(door.measure)
    context = {
        "token": token,
        "notice": found,
        "house": settings.HABEAS_HOUSE,
        "state": PUT_BACK if contest and contest.state == "wrong" else STATE_WORDS[found.state],
        "answered_at": found.answers[-1][0] if found.answers else None,
        "answers": [(at, ANSWER_WORDS[event], *refusal_in(said)) for at, event, said in found.answers],
        "form": AnswerForm(possible=possible) if possible else None,
        "hints": ANSWER_HINTS,
        "contest": contest,
        "may_pass_on": answers.may_be_passed_on(door.measure),
        "poster_link": "",
        **(more or {}),
    }
    return render(request, "partners/notice.html", context, status=status)


def _possible(found: Notice) -> frozenset[str]:
    return frozenset(event for event in ANSWER_WORDS if (found.state, event) in TRANSITIONS)  # type: ignore[comparison-overlap]


def _answer(request: HttpRequest, token: str, door: Door, found: Notice) -> HttpResponse:
    possible = _possible(found)
    if not possible:
        messages.error(request, STATE_WORDS[found.state])
        return redirect("partners:notice", token)
    form = AnswerForm(request.POST, possible=possible)
    if not form.is_valid():
        return _page(request, token, door, found, {"form": form}, status=422)
    told = form.cleaned_data
    words = told["words"].strip()
    said = with_ground(told["why"], words) if told["answer"] == "refuse" else words
    try:
        answers.answer(door.measure.pk, told["answer"], said, by="addressee")
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Thank you. Your answer stands in the file, with its time."))
    return redirect("partners:notice", token)
