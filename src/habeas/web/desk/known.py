"""Known material at the desk: asking the registry, and saying whether what was seen again is the same."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from habeas.access import queries as sights
from habeas.exposure import queries
from habeas.exposure.actions import AlreadyDecided, AskedTooOften
from habeas.exposure.core.documents import UnreadableFile
from habeas.journey import repost
from habeas.kernel import clock
from habeas.web.desk.case import find_case, typed
from habeas.web.desk.gate import members_who_may

MOST_CHARACTERS = 200_000


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("ask_registry")
def ask(request: HttpRequest) -> HttpResponse:
    """Nothing that is asked about is kept; that somebody asked, and what came of it, is logged."""
    context: dict[str, Any] = {"limit": settings.HABEAS_REGISTRY_QUESTIONS, "text": ""}
    if request.method != "POST":
        return render(request, "desk/known.html", context)
    file = request.FILES.get("file")
    content = file.read() if file else typed(request, "text")[:MOST_CHARACTERS].encode()
    name = (file.name or "") if file else ""
    context["text"] = "" if file else content.decode()
    if not content.strip():
        return render(
            request, "desk/known.html", {**context, "trouble": _("Paste a text or choose a file first.")}, status=422
        )
    try:
        found = repost.ask(content, name, by=request.user)  # type: ignore[arg-type]
    except UnreadableFile as trouble:
        return render(request, "desk/known.html", {**context, "trouble": str(trouble)}, status=422)
    except AskedTooOften as refusal:
        return render(request, "desk/known.html", {**context, "trouble": str(refusal)}, status=429)
    at = clock.now()
    # That a case exists which somebody may not see is not told here either.
    found = [one for one in found if sights.may_do(request.user, "open_case", one.case, at)]  # type: ignore[arg-type]
    context |= {"asked": True, "found": found, "banked": repost.in_banks(content, name)}
    return render(request, "desk/known.html", context)


@require_POST
@members_who_may("decide_sighting")
def decide(request: HttpRequest, reference: str, sighting_id: int) -> HttpResponse:
    case = find_case(reference)
    if not queries.sightings_of(case).filter(pk=sighting_id).exists():
        raise Http404(f"no sighting {sighting_id} in {case}")
    answer = request.POST.get("same", "")
    if answer not in {"yes", "no"}:
        messages.error(request, _("Press one of the two buttons: the same, or not the same."))
        return redirect("desk:case", case.reference)
    try:
        repost.decide(sighting_id, same=answer == "yes", by=request.user)  # type: ignore[arg-type]
    except AlreadyDecided as refusal:
        messages.error(request, str(refusal))
    else:
        said = (
            _("Its places are now places of this case, and the plan follows.") if answer == "yes" else _("Dismissed.")
        )
        messages.success(request, said)
    return redirect("desk:case", case.reference)
