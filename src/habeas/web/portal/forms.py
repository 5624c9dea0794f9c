"""What somebody who follows their case can send."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from habeas.cases.core.survey import ITEMS
from habeas.web.intake import links_in
from habeas.web.portal.words import SURVEY_SCALE, SURVEY_WORDS


class FollowForm(forms.Form):
    receipt = forms.CharField(
        label=_("Your receipt"),
        help_text=_("Four groups of four letters and digits. Small or large letters, with or without dashes."),
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters", "dir": "ltr"}
        ),
    )


class MoreLinksForm(forms.Form):
    links = forms.CharField(
        label=_("New links"), widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}), max_length=40_000
    )

    def clean_links(self) -> tuple[str, ...]:
        return links_in(self.cleaned_data["links"])


class RatingForm(forms.Form):
    """The survey; every question can be skipped."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in ITEMS:
            self.fields[item] = forms.ChoiceField(
                label=SURVEY_WORDS[item], choices=SURVEY_SCALE, widget=forms.RadioSelect, required=False
            )

    def answers(self) -> dict[str, int]:
        """What was answered, 1 to 5. Call it on a valid form only."""
        return {item: int(said) for item, said in self.cleaned_data.items() if said}
