"""Pages that need no case: whom to call, what to do tonight, what the law says, and the way for those under 18."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from habeas.kernel import clock
from habeas.law.core.packs import jurisdictions
from habeas.learning.core import emergency as numbers
from habeas.learning.core import safety as guide
from habeas.learning.core.rights import NoSuchPlace, Right, rights_of
from habeas.web.intake import TRUTHS, places
from habeas.web.portal.steps import ExposedForm, HappenedForm

PART_WORDS = {
    "take_down": _("Getting it taken down"),
    "protect": _("Protection by a court or the police"),
    "data": _("Your rights over your data"),
    "crime": _("What is a crime"),
    "civil": _("Compensation and orders you can ask for yourself"),
    "authority": _("What an authority can do"),
}
OPENS_WORDS = {
    "removal": _("Removal"),
    "blocking": _("Blocking"),
    "erasure": _("Erasure"),
    "correction": _("Correction"),
    "preservation": _("Keeping the proof"),
    "account_disclosure": _("Finding out who did it"),
    "restraining_order": _("An order to keep away"),
    "injunction": _("An order to stop"),
    "compliance_order": _("An order to comply"),
    "damages": _("Compensation"),
    "statutory_damages": _("A fixed sum as compensation"),
    "apology": _("An apology"),
    "public_notification": _("A public notice"),
    "audit": _("An inspection"),
    "other": _("Another step"),
}
FROM_WORDS = {
    "court": _("from a court"),
    "platform": _("from the website or service"),
    "controller": _("from whoever holds the data"),
    "regulator": _("from an authority"),
    "police": _("from the police"),
}
CONFIDENCE_WORDS = {
    "high": "",
    "medium": _("Read in one good source; check it before you rely on it."),
    "low": _("We are not sure of this one. Ask the helpline or a lawyer before you rely on it."),
}


@require_safe
def emergency(request: HttpRequest) -> HttpResponse:
    """Whom to call, by country; the one asked for stands first."""
    known = jurisdictions()
    rows = sorted(((known[code].name, one) for code, one in numbers.emergencies().items()), key=lambda row: row[0])
    country = request.GET.get("country", "").upper()[:10]
    own = numbers.emergency_of(country) if country else None
    name = known[own.country].name if own else ""
    return render(request, "portal/emergency.html", {"rows": rows, "own": own, "own_name": name})


@require_safe
def under_18(request: HttpRequest) -> HttpResponse:
    helplines = sorted(
        (jurisdictions()[code].name, one.children) for code, one in numbers.emergencies().items() if one.children
    )
    return render(request, "portal/under_18.html", {"helplines": helplines})


@require_safe
def safety(request: HttpRequest) -> HttpResponse:
    """A few steps for tonight, from a few ticks; nothing is stored."""
    asked = "asked" in request.GET
    exposed = ExposedForm(request.GET if asked else None)
    happened = HappenedForm(request.GET if asked else None)
    context: dict[str, Any] = {
        "exposed": exposed,
        "happened": happened,
        "asked": asked,
        "danger": False,
        "lives_in": "",
    }
    if asked and exposed.is_valid() and happened.is_valid():
        since = happened.cleaned_data
        danger = TRUTHS[since["danger"]]
        partner = True if "partner" in since["happened"] else None
        context |= {
            "danger": danger,
            "todo": guide.steps_for(exposed.cleaned_data["exposed"], since["happened"], danger=danger, partner=partner),
        }
    return render(request, "portal/safety.html", context)


@require_safe
def rights_index(request: HttpRequest) -> HttpResponse:
    """Places whose law is known here; a choice in the form leads to its page."""
    chosen = request.GET.get("place", "")
    if chosen in jurisdictions():
        return redirect("portal:rights_of", chosen)
    return render(request, "portal/rights_index.html", {"places": places()[1:]})


@require_safe
def rights(request: HttpRequest, place: str) -> HttpResponse:
    """What the law of a place says today, in parts that help in that order."""
    try:
        found = rights_of(place.upper(), clock.today())
    except NoSuchPlace as error:
        raise Http404(str(error)) from error
    parts = [(PART_WORDS[part], [_row(right) for right in rows]) for part, rows in found.rights.items()]
    bodies = [(one, one.regulator) for one in found.places if one.regulator]
    helplines = [helpline for one in found.places for helpline in one.helplines]
    context = {"found": found, "parts": parts, "bodies": bodies, "helplines": helplines}
    return render(request, "portal/rights.html", {**context, "emergency": numbers.emergency_of(found.place.code)})


def _row(right: Right) -> dict[str, Any]:
    opens = [(OPENS_WORDS[kind], FROM_WORDS[whom], time) for kind, whom, time in right.opens]
    return {"right": right, "opens": opens, "doubt": CONFIDENCE_WORDS[right.provision.confidence]}
