"""The side of whoever posted it: what was taken down and why, and a way to say that it was wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from habeas.journey import answers
from habeas.platforms.actions import NotOpen
from habeas.remedies.core.states import NotPossible
from habeas.web.partners.notice import LONGEST, no_way
from habeas.web.partners.words import CONTEST_WORDS

if TYPE_CHECKING:
    from habeas.platforms.models import Door


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """What was done and why; posting files a counter-notice."""
    door = answers.opened(token)
    if door is None or door.used_by != "poster":
        return no_way(request)
    if request.method == "POST":
        return _file(request, token, door)
    return _page(request, token, door, {})


def _page(request: HttpRequest, token: str, door: Door, more: dict[str, object], status: int = 200) -> HttpResponse:
    seen = answers.contest_of(door.measure)
    context = {
        "token": token,
        "seen": seen,
        "choices": list(CONTEST_WORDS.items()),
        "typed": "",
        "contact": "",
        "errors": [],
        **more,
    }
    return render(request, "partners/contest.html", context, status=status)


def _file(request: HttpRequest, token: str, door: Door) -> HttpResponse:
    grounds, words = request.POST.get("grounds", ""), request.POST.get("words", "").strip()[:LONGEST]
    contact = request.POST.get("contact", "").strip()[:200]
    errors = []
    if grounds not in CONTEST_WORDS:
        errors.append(("grounds-expression", _("Choose why it should stand.")))
    if not words:
        errors.append(("words", _("Say in your own words why it should stand.")))
    if errors:
        return _page(request, token, door, {"errors": errors, "typed": words, "contact": contact}, status=422)
    try:
        answers.contest(door.measure, {"grounds": grounds, "words": words, "contact": contact}, by="poster")
    except (NotOpen, NotPossible) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Your counter-notice is filed. This page will say what was decided, and why."))
    return redirect("partners:contest", token)
