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
from habeas.web.partners.forms import ContestForm
from habeas.web.partners.way_in import door_for, no_way

if TYPE_CHECKING:
    from habeas.platforms.models import Door


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponse:
    """What was done and why; posting files a counter-notice."""
    door = door_for(request, token, "poster")
    if door is None:
        return no_way(request)
    if request.method == "POST":
        return _file(request, token, door)
    return _page(request, token, door, ContestForm())


def _page(request: HttpRequest, token: str, door: Door, form: ContestForm, status: int = 200) -> HttpResponse:
    seen = answers.contest_of(door.measure)
    if seen is None:
        return no_way(request)
    context = {
        "token": token,
        "seen": seen,
        "form": form if seen.may_file else None,
        "days": answers.DECIDED_WITHIN.days,
    }
    return render(request, "partners/contest.html", context, status=status)


def _file(request: HttpRequest, token: str, door: Door) -> HttpResponse:
    form = ContestForm(request.POST)
    if not form.is_valid():
        return _page(request, token, door, form, status=422)
    try:
        answers.contest(door.measure, dict(form.cleaned_data), by="poster")
    except NotOpen:
        # Pressed twice, or somebody else with such a link was faster: this page says how it stands.
        messages.info(request, _("It is contested already and being decided."))
    except NotPossible:
        messages.error(request, _("There is nothing to contest any more: this page says how it stands."))
    else:
        messages.success(request, _("Your counter-notice is filed. This page will say what was decided, and why."))
    return redirect("partners:contest", token)
