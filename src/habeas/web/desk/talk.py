"""Words to the person affected, and theirs to the desk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from habeas.cases import messages as talk
from habeas.kernel import clock
from habeas.web.desk.case import find_case, frame
from habeas.web.desk.gate import members_who_may


@members_who_may("write_to_person")
@require_http_methods(["GET", "POST"])
def messages(request: HttpRequest, reference: str) -> HttpResponse:
    """The conversation with the person; what they wrote is noted as read when this page is opened."""
    case, refusal, words, status = find_case(reference), "", "", 200
    if request.method == "POST":
        words = request.POST.get("message", "")
        try:
            talk.write(case, words, by=request.user, at=clock.now())  # type: ignore[arg-type]
        except talk.NotSaid as why:
            refusal, status = str(why), 422
        else:
            return redirect("desk:messages", reference)
    said = talk.read(case, by=request.user, at=clock.now())  # type: ignore[arg-type]
    context = {**frame(case, "messages"), "talk": said, "refusal": refusal, "words": words}
    return render(request, "desk/talk.html", context, status=status)
