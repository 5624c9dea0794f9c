"""Work that was given up, for a team lead."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from habeas.kernel import clock
from habeas.store import actions, queries
from habeas.web.desk.gate import members_who_may


@require_http_methods(["GET", "POST"])
@members_who_may("see_dead_jobs")
def dead_jobs(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        actions.revive(int(request.POST.get("job", "0") or 0), at=clock.now())
        messages.success(request, _("It will be tried again."))
        return redirect("desk:work")
    return render(request, "desk/work.html", {"jobs": queries.dead(), "counts": queries.counts()})
