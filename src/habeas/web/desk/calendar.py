"""Due dates as a page and as a feed (iCalendar, RFC 5545) for a calendar program: dull words, no case data."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from habeas.kernel import clock
from habeas.remedies import feeds
from habeas.remedies import queries as remedies
from habeas.remedies.core.calendar_feed import Due, calendar
from habeas.web.desk.gate import members_who_may

SHOWN = 200


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("see_queue")
def show(request: HttpRequest) -> HttpResponse:
    """What is due for this member; posting makes a new address for their calendar program."""
    if request.method == "POST":
        token = feeds.make(request.user, at=clock.now())  # type: ignore[arg-type]
        request.session["new_feed"] = request.build_absolute_uri(reverse("desk:feed", args=[token]))
        messages.success(request, _("A new address. Any address of before leads nowhere now."))
        return redirect("desk:calendar")
    due = remedies.due_for(request.user)[:SHOWN]  # type: ignore[arg-type]
    context = {"due": due, "address": request.session.pop("new_feed", ""), "has_feed": feeds.has_one(request.user)}  # type: ignore[arg-type]
    return render(request, "desk/calendar.html", context)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """What a calendar program fetches. Whoever has the address sees dates and references, and nothing of a case."""
    member = feeds.member_of(token)
    if member is None:
        raise Http404("no such calendar")
    found = [
        Due(one.reference or f"step {one.pk}", one.due_at, one.due_by_law)
        for one in remedies.due_for(member)[:SHOWN]
        if one.due_at is not None
    ]
    answer = HttpResponse(calendar(found, made_at=clock.now()), content_type="text/calendar; charset=utf-8")
    answer["Cache-Control"] = "private, no-store"
    return answer
