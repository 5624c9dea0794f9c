"""The team board: for leads, what everybody has on their hands and how fast a first step goes out."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habeas.kernel import clock
from habeas.platforms import queries as platforms
from habeas.remedies import workload
from habeas.remedies.core.waits import median_wait
from habeas.web.desk.gate import members_who_may

WATCHED = timedelta(days=28)
COUNTS = ("open", "danger", "overdue", "due_soon")


@require_safe
@members_who_may("see_board")
def show(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    loads = workload.loads(request.user, now)  # type: ignore[arg-type]
    waits = workload.waits_for_first_step(request.user, now - WATCHED, now)  # type: ignore[arg-type]
    decided, wrong = platforms.count_wrong()
    context = {
        "loads": loads,
        "total": workload.Load(None, *(sum(getattr(one, name) for one in loads) for name in COUNTS)),
        "decided": decided,
        "wrong": wrong,
        "days": WATCHED.days,
        "came_in": len(waits),
        "still_waiting": sum(not ended for _wait, ended in waits),
        "median": _in_words(median_wait(waits)),
    }
    return render(request, "desk/board.html", context)


def _in_words(wait: timedelta | None) -> str:
    """A wait in days, hours or minutes, the largest that fits, with one figure behind the point; empty for none."""
    if wait is None:
        return ""
    minutes = wait.total_seconds() / 60
    if minutes < 60:
        return _("%(n)d min") % {"n": round(minutes)}
    if minutes < 48 * 60:
        return _("%(n).1f h") % {"n": minutes / 60}
    return _("%(n).1f days") % {"n": minutes / (24 * 60)}
