"""Counter-notices at the desk: weighed by somebody who had no part in the first decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from habeas.access import queries as sights
from habeas.journey import answers
from habeas.kernel import clock
from habeas.platforms import queries
from habeas.platforms.actions import NotOpen
from habeas.remedies.core.states import NotPossible
from habeas.web.desk.case import open_case
from habeas.web.desk.gate import members_who_may, require_sight
from habeas.web.desk.plan import addressee_words

if TYPE_CHECKING:
    from habeas.platforms.models import Contest

GROUND_WORDS = {
    "expression": gettext_lazy("It is journalism, research or in the public interest."),
    "public": gettext_lazy("It is true, was public already, and rightly so."),
    "own": gettext_lazy("It is about the poster, or published by them about themselves."),
    "wrong_link": gettext_lazy("The wrong thing was taken down: the link was mistaken."),
    "mistaken": gettext_lazy("It is not what the notice says it is."),
    "other": gettext_lazy("Another reason."),
}
DECIDED_SHOWN = 20
_REASONS_NEEDED = gettext_lazy("Give the reasons: the poster is told them, and they are counted in public.")


class DecisionForm(forms.Form):
    was = forms.ChoiceField(
        label=gettext_lazy("Taking it down was"),
        choices=[
            ("right", gettext_lazy("right: it stays down")),
            ("wrong", gettext_lazy("wrong: it may stand again")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say whether taking it down was right.")},
    )
    reasons = forms.CharField(
        label=gettext_lazy("Your reasons, as the poster will read them"),
        help_text=gettext_lazy(
            "The service reads them too. Do not say who was affected or who asked, and repeat none of the data."
        ),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _REASONS_NEEDED},
    )


@require_safe
@members_who_may("decide_contest")
def listed(request: HttpRequest) -> HttpResponse:
    decided, wrong = queries.count_wrong()
    seen = sights.visible_cases(request.user, clock.now(), "measure__case__")  # type: ignore[arg-type]
    context = {
        "waiting": [(one, one.made_at + answers.DECIDED_WITHIN) for one in queries.open_contests().filter(seen)],
        "done": queries.decided_contests().filter(seen)[:DECIDED_SHOWN],
        "decided": decided,
        "wrong": wrong,
    }
    return render(request, "desk/contests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("decide_contest")
def decide(request: HttpRequest, contest_id: int) -> HttpResponse:
    """One counter-notice; posting decides it with reasons."""
    contest = queries.open_contests().filter(pk=contest_id).first()
    if contest is None:
        raise Http404(f"no open contest {contest_id}")
    require_sight(request, contest.measure.case, "decide_contest")
    if request.method != "POST":
        return _page(request, contest, DecisionForm())
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, contest, form, status=422)
    try:
        answers.decide_contest(
            contest.measure,
            was_right=form.cleaned_data["was"] == "right",
            reason=form.cleaned_data["reasons"],
            by=request.user,  # type: ignore[arg-type]
        )
    except (NotPossible, NotOpen) as refusal:
        form.add_error(None, str(refusal))
        return _page(request, contest, form, status=422)
    messages.success(request, _("Decided. Whoever posted it, and the service, read your reasons on their pages."))
    return redirect("desk:contests")


def _page(request: HttpRequest, contest: Contest, form: DecisionForm, status: int = 200) -> HttpResponse:
    measure = contest.measure
    open_case(request, measure.case.reference, "plan")
    told = queries.told_in(contest)
    context = {
        "contest": contest,
        "decide_by": contest.made_at + answers.DECIDED_WITHIN,
        "measure": measure,
        "addressee": addressee_words(measure.planned["addressee"]),
        "citations": list(dict.fromkeys(ground["citation"] for ground in measure.planned["grounds"])),
        "words": told.get("words", ""),
        "contact": told.get("contact", ""),
        "ground": GROUND_WORDS.get(told.get("grounds", ""), ""),
        "took_part": measure.approvals.filter(member=request.user).exists(),
        "form": form,
    }
    return render(request, "desk/contest.html", context, status=status)
