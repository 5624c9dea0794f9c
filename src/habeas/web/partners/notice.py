"""One notice as its addressee opens it by link: the letter, the exact addresses, and a way to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from habeas.journey import answers
from habeas.remedies.core.states import NotPossible
from habeas.web.partners.words import ANSWER_WORDS, REFUSAL_WORDS, STATE_WORDS

if TYPE_CHECKING:
    from habeas.journey.answers import Notice
    from habeas.platforms.models import Door

LONGEST = 4000


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The notice; posting answers it."""
    door = _door(token)
    if door is None:
        return no_way(request)
    try:
        found = answers.notice_of(door.measure)
    except answers.NothingSent:
        return no_way(request)  # it was stopped before it went
    if request.method == "POST":
        return _answer(request, token, door, found)
    return _page(request, token, door, found)


@require_POST
def link_for_poster(request: HttpRequest, token: str) -> HttpResponse:
    """Make a link that the service can pass on to whoever posted it; shown once."""
    door = _door(token)
    if door is None:
        return no_way(request)
    try:
        secret = answers.door_for_poster(door.measure)
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect("partners:notice", token)
    address = request.build_absolute_uri(reverse("partners:contest", args=[secret]))
    return _page(request, token, door, answers.notice_of(door.measure), {"poster_link": address})


def no_way(request: HttpRequest) -> HttpResponse:
    """One page for every link that does not open: unknown, too old or closed are not told apart."""
    return render(request, "partners/no_way.html", status=404)


def _door(token: str) -> Door | None:
    door = answers.opened(token)
    return door if door is not None and door.used_by == "addressee" else None


def _page(
    request: HttpRequest,
    token: str,
    door: Door,
    found: Notice,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "token": token,
        "notice": found,
        "state": STATE_WORDS.get(found.state, found.state),
        "asks": found.state not in {"withdrawn", "stopped", "contested"},
        "may_pass_on": found.state in {"complied", "partly"},
        "answers": [(at, ANSWER_WORDS.get(event, event), said) for at, event, said in found.answers],
        "choices": list(ANSWER_WORDS.items()),
        "refusals": list(REFUSAL_WORDS.items()),
        "typed": "",
        "chosen": "",
        "errors": [],
        "poster_link": "",
        **(more or {}),
    }
    return render(request, "partners/notice.html", context, status=status)


def _answer(request: HttpRequest, token: str, door: Door, found: Notice) -> HttpResponse:
    event, words = request.POST.get("answer", ""), request.POST.get("words", "").strip()[:LONGEST]
    why = request.POST.get("why", "")
    errors = []
    if event not in ANSWER_WORDS:
        errors.append(("answer-acknowledge", _("Choose an answer.")))
    if event == "refuse" and why not in REFUSAL_WORDS:
        errors.append(("why", _("Say on which ground you refuse.")))
    if event in {"ask_back", "comply_partly"} and not words:
        errors.append(("words", _("Say in a few words what you need, or what is not done.")))
    if errors:
        return _page(request, token, door, found, {"errors": errors, "typed": words, "chosen": event}, status=422)
    said = f"[{why}] {words}".strip() if event == "refuse" else words
    if not found.answers or (found.answers[-1][1], found.answers[-1][2]) != (event, said):
        try:
            answers.answer(door.measure.pk, event, said, by="addressee")  # type: ignore[arg-type]
        except NotPossible as refusal:
            messages.error(request, str(refusal))
            return redirect("partners:notice", token)
    messages.success(request, _("Thank you. Your answer stands in the file, with its time."))
    return redirect("partners:notice", token)
