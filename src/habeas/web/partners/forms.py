"""What an addressee and a poster are asked. Nothing typed is lost where something is missing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from habeas.web.partners.words import ANSWER_WORDS, CONTEST_WORDS, REFUSAL_WORDS

LONGEST = 4000
_TOO_LONG = _("At most 4000 characters are read. Say it shorter, or write to us.")


def _words(label: Any, rows: int, hint: Any = "", **more: Any) -> forms.CharField:
    field = forms.CharField(
        label=label,
        max_length=LONGEST,
        help_text=hint,
        error_messages={"max_length": _TOO_LONG, **more.pop("error_messages", {})},
        **more,
    )
    # Without the browser's own limit, which cuts what is pasted without a word.
    field.widget = forms.Textarea(attrs={"rows": rows})
    return field


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("What is your answer?"),
        choices=list(ANSWER_WORDS.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an answer."),
            "invalid_choice": _("Choose an answer. This one cannot be given, or not any more."),
        },
    )
    why = forms.ChoiceField(
        label=_("If you refuse: on which ground"),
        choices=[("", _("Choose")), *REFUSAL_WORDS.items()],
        required=False,
        error_messages={"invalid_choice": _("Say on which ground you refuse.")},
    )
    words = _words(_("In your words"), 4, _("Please do not repeat the personal data."), required=False)

    def __init__(self, *args: Any, possible: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(code, word) for code, word in ANSWER_WORDS.items() if code in possible]
        self.fields["answer"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        event, words = told.get("answer"), told.get("words", "").strip()
        if event == "refuse" and not told.get("why") and "why" not in self.errors:
            self.add_error("why", _("Say on which ground you refuse."))
        if event in {"ask_back", "comply_partly"} and not words and "words" not in self.errors:
            self.add_error("words", _("Say in a few words what you need, or what is not done."))
        if event == "refuse" and told.get("why") == "other" and not words and "words" not in self.errors:
            self.add_error("words", _("Say in a few words why you refuse."))
        return told


class ContestForm(forms.Form):
    grounds = forms.ChoiceField(
        label=_("Why should it stand?"),
        choices=list(CONTEST_WORDS.items()),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose why it should stand."),
            "invalid_choice": _("Choose why it should stand."),
        },
    )
    words = _words(
        _("In your own words"), 6, error_messages={"required": _("Say in your own words why it should stand.")}
    )
    contact = forms.CharField(
        label=_("How to reach you, if you wish"),
        help_text=_("Not needed: this page shows the decision."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
