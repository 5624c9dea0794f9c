"""Counter-notices at the desk: weighed by somebody who had no part in the first decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from habeas.journey import answers
from habeas.platforms import queries
from habeas.platforms.actions import NotOpen
from habeas.remedies.core.states import NotPossible
from habeas.web.desk.case import open_case, typed
from habeas.web.desk.gate import members_who_may

GROUND_WORDS = {
    "expression": gettext_lazy("journalism, research or in the public interest"),
    "public": gettext_lazy("public already, and rightly so"),
    "own": gettext_lazy("about the poster, or theirs"),
    "mistaken": gettext_lazy("not what the notice says it is"),
    "other": gettext_lazy("another reason"),
}


@require_safe
@members_who_may("decide_contest")
def listed(request: HttpRequest) -> HttpResponse:
    decided, wrong = queries.count_wrong()
    waiting = list(queries.open_contests())
    return render(request, "desk/contests.html", {"waiting": waiting, "decided": decided, "wrong": wrong})


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("decide_contest")
def decide(request: HttpRequest, contest_id: int) -> HttpResponse:
    """One counter-notice; posting decides it with reasons."""
    contest = queries.open_contests().filter(pk=contest_id).first()
    if contest is None:
        raise Http404(f"no open contest {contest_id}")
    measure = contest.measure
    if request.method == "POST":
        choice = request.POST.get("was")
        if choice not in {"right", "wrong"}:
            messages.error(request, _("Say whether taking it down was right."))
            return redirect("desk:contest", contest_id)
        try:
            answers.decide_contest(
                measure,
                was_right=choice == "right",
                reason=typed(request, "reasons"),
                by=request.user,  # type: ignore[arg-type]
            )
        except (NotPossible, NotOpen) as refusal:
            messages.error(request, str(refusal))
            return redirect("desk:contest", contest_id)
        messages.success(request, _("Decided. Whoever posted it reads your reasons on their page."))
        return redirect("desk:contests")
    open_case(request, measure.case.reference, "plan")
    told = queries.told_in(contest)
    took_part = measure.approvals.filter(member=request.user).exists()
    context = {
        "contest": contest,
        "measure": measure,
        "told": told,
        "ground": GROUND_WORDS.get(told.get("grounds", ""), ""),
        "took_part": took_part,
    }
    return render(request, "desk/contest.html", context)
