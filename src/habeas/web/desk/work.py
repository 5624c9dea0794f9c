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
def dead_jobs(request: HttpRequest) -> HttpResponse:
    return _try_again(request) if request.method == "POST" else _show(request)


@members_who_may("see_dead_jobs")
def _show(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/work.html", {"jobs": queries.dead(), "counts": queries.counts()})


@members_who_may("revive_job")
def _try_again(request: HttpRequest) -> HttpResponse:
    job = request.POST.get("job", "")
    if any(str(dead.pk) == job for dead in queries.dead()):
        actions.revive(int(job), at=clock.now())
        messages.success(request, _("It will be tried again."))
    else:
        messages.error(request, _("This work no longer waits here: somebody else may have had it tried again."))
    return redirect("desk:work")
