"""Hotline: a member fills in the same report for somebody on the phone, on one page, with what to say first."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from habeas.cases import actions as cases
from habeas.cases.actions import SubmittedBefore
from habeas.journey import report as journey
from habeas.kernel import clock
from habeas.kernel.languages import PORTAL
from habeas.web.desk.gate import members_who_may
from habeas.web.intake import ReportForm

# What is said before anything is asked, in this order. Danger comes first, and may end the call.
SCRIPT = [
    _("Are you safe where you are? Can you speak freely?"),
    _("If somebody is at the door or on the way: hang up, call the emergency number, then call us back."),
    _("You did not cause this. You decide what is done, and you can stop at any time."),
    _("I write down what you tell me. It is encrypted, and each reading is recorded. You need not give your name."),
]


class CallForm(forms.Form):
    callback = forms.CharField(
        label=_("Call back"),
        help_text=_("A number and when it is safe to ring it, as they said it."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    interpreter = forms.ChoiceField(label=_("Language of the call"), required=False)
    with_interpreter = forms.BooleanField(label=_("Through an interpreter"), required=False)
    call_notes = forms.CharField(
        label=_("Notes of the call"),
        help_text=_("What matters for the next call. It is sealed with the report."),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        languages = [(one.code, one.name) for one in PORTAL]
        self.fields["interpreter"].choices = [("", _("English")), *languages[1:], ("other", _("Another"))]  # type: ignore[attr-defined]

    def told(self) -> dict[str, str]:
        """What is kept of the call. Call it on a valid form only."""
        said = self.cleaned_data
        language = said["interpreter"] or "en"
        return {
            "callback": said["callback"].strip(),
            "language": language,
            "interpreter": "yes" if said["with_interpreter"] else "",
            "notes": said["call_notes"].strip(),
        }


@members_who_may("take_call")
@require_http_methods(["GET", "POST"])
def take_call(request: HttpRequest) -> HttpResponse:
    """The report of somebody on the phone. The member who took the call has the case from then on."""
    form = ReportForm(request.POST or None, request.FILES or None)
    call = CallForm(request.POST or None)
    if request.method != "POST":
        return render(request, "desk/hotline.html", {"form": form, "call": call, "script": SCRIPT})
    if not (form.is_valid() and call.is_valid()):
        if form.errors:
            form.ask_for_files_again()
        return render(request, "desk/hotline.html", {"form": form, "call": call, "script": SCRIPT}, status=422)
    told = call.told()
    language = told["language"] if told["language"] in {one.code for one in PORTAL} else get_language() or "en"
    try:
        opened = journey.file_report(form.intake(language, "hotline", told))
    except SubmittedBefore as refusal:
        return render(request, "desk/refused.html", {"reason": refusal}, status=409)
    if opened.case.owner_id is None:
        cases.take(opened.case, by=request.user, at=clock.now())  # type: ignore[arg-type]
    spelled = [" ".join(group) for group in opened.receipt.split("-")]
    context = {"case": opened.case, "receipt": opened.receipt, "spelled": spelled, "told": told}
    return render(request, "desk/hotline_done.html", context)
