"""What came in by mail: read by a person, who says what it answers."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from habeas.access import queries as sights
from habeas.journey import sending
from habeas.kernel import clock
from habeas.platforms import queries
from habeas.remedies.core.states import NotPossible
from habeas.web.desk.case import typed
from habeas.web.desk.gate import members_who_may, require_sight
from habeas.web.desk.step import ANSWER_WORDS

SHOWN = 100
KIND_WORDS = {
    "answer": gettext_lazy("An answer"),
    "bounced": gettext_lazy("Came back"),
    "delayed": gettext_lazy("On its way"),
    "delivered": gettext_lazy("Delivered"),
    "automatic": gettext_lazy("An automatic reply"),
    "unknown": gettext_lazy("Not known"),
}
# What an answer seems to say -> the event that a person would note.
LIKELY = {
    "acknowledged": "acknowledge",
    "complied": "comply",
    "partly": "comply_partly",
    "refused": "refuse",
    "more_information": "ask_back",
}


@require_safe
@members_who_may("note_answer")
def inbox(request: HttpRequest) -> HttpResponse:
    # What nobody could match to a step is for everybody who reads mail.
    seen = Q(measure=None) | sights.visible_cases(request.user, clock.now(), "measure__case__")  # type: ignore[arg-type]
    fresh = queries.to_read().filter(seen)
    waiting = list(fresh[:SHOWN])
    rows = [(one, KIND_WORDS.get(one.kind, one.kind)) for one in waiting]
    return render(request, "desk/mail.html", {"rows": rows, "more": fresh.count() - len(rows)})


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("note_answer")
def message(request: HttpRequest, incoming_id: int) -> HttpResponse:
    """One message; posting says what it means."""
    if not queries.is_there(incoming_id):
        raise Http404(f"no message {incoming_id}")
    if (about := queries.incoming(incoming_id).measure) is not None:
        require_sight(request, about.case, "note_answer")
    if request.method == "POST":
        return _said(request, incoming_id)
    opened = sending.open_message(incoming_id, by=request.user)  # type: ignore[arg-type]
    context = {
        "kept": opened.kept,
        "said": opened.said,
        "kind": KIND_WORDS.get(opened.said.kind, opened.said.kind),
        "answers": list(ANSWER_WORDS.items()),
        "likely": LIKELY.get(opened.said.likely, ""),
    }
    return render(request, "desk/message.html", context)


def _said(request: HttpRequest, incoming_id: int) -> HttpResponse:
    kept = queries.incoming(incoming_id)
    measure = kept.measure or sending.with_reference(typed(request, "reference"))
    event = request.POST.get("event", "")
    if event and event not in ANSWER_WORDS:
        raise Http404("no such answer")
    if event and measure is None:
        messages.error(
            request, _("Say to which step it belongs: its reference stands in our letter, such as M-7KQ2M9XD40.")
        )
        return redirect("desk:message", incoming_id)
    try:
        sending.say_what_it_means(kept, event or None, measure, by=request.user)  # type: ignore[arg-type]
    except NotPossible as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:message", incoming_id)
    messages.success(request, _("Noted. It stands in the file."))
    return redirect("desk:mail")
