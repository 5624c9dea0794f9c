"""The queue: what to work on next."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from habeas.cases import queries
from habeas.kernel import clock
from habeas.web.components.shapes import Link
from habeas.web.desk.gate import members_who_may

PER_PAGE = 50


@require_safe
@members_who_may("see_queue")
def show_queue(request: HttpRequest) -> HttpResponse:
    mine = request.GET.get("show") == "mine"
    cases = queries.queue(mine=request.user if mine else None)  # type: ignore[arg-type]
    page = Paginator(cases, PER_PAGE).get_page(request.GET.get("page"))
    address = reverse("desk:queue")
    tabs = [Link(_("All open cases"), address, current=not mine), Link(_("Mine"), f"{address}?show=mine", current=mine)]
    return render(request, "desk/queue.html", {"page": page, "tabs": tabs, "mine": mine, "now": clock.now()})
