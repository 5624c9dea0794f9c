"""Definitions of several jurisdictions side by side, and their pattern."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from habeas.law.core.compare import UnknownDefinition, chosen, define, pattern
from habeas.law.core.packs import jurisdictions
from habeas.web.desk.gate import members_who_may

MOST = 24


@require_safe
@members_who_may("see_queue")
def compare(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("of", "").replace(",", " ").split()
    try:
        provisions, trouble, status = chosen(words), "", 200
    except UnknownDefinition as error:
        provisions, trouble, status = chosen([]), str(error), 422
    left_out = max(0, len(provisions) - MOST)
    definitions = [define(provision) for provision in provisions[:MOST]]
    context = {
        "of": " ".join(words),
        "trouble": trouble,
        "left_out": left_out,
        "columns": [
            (definition, jurisdictions()[definition.provision.jurisdiction].name) for definition in definitions
        ],
        "pattern": pattern(definitions),
        "count": len(definitions),
    }
    return render(request, "desk/compare.html", context, status=status)
