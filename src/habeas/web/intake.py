"""What a report asks, on the portal and on the phone. Each question can be left empty and stays unknown then."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from habeas.cases.core.facts import Truth
from habeas.cases.core.intake import MOST_LINKS, Channel, IncomingFile, Intake, UnusableLink, read_links
from habeas.kernel import clock
from habeas.law.core.packs import jurisdictions

YES_NO = [("yes", _("Yes")), ("no", _("No")), ("", _("I don’t know"))]
TRUTHS: dict[str, Truth] = {"yes": True, "no": False, "": None}
_FORM = "habeas.portal.report"

# What a tick on the form says of the law's facts. An empty box says nothing: people skip what hurts to answer.
WHAT_HAPPENED = {
    "contacts": (_("Strangers called, wrote or came to me"), ("harm.occurred_harassment",)),
    "threat": (_("Somebody threatened violence"), ("act.threat_of_violence",)),
    "more": (_("It happened more than once"), ("act.course_of_conduct",)),
    "fear": (_("I am afraid for my safety"), ("harm.fear",)),
    "distress": (_("It weighs on me badly"), ("harm.distress",)),
    "moved": (_("I changed my home, job, phone or daily habits"), ("harm.life_disruption",)),
    "known": (_("I know, or think I know, who did it"), ("doer.identified",)),
    "partner": (_("It was a partner, ex-partner or relative"), ("subject.intimate_partner",)),
}
WISHES = [
    ("down", _("Get it taken down")),
    ("stop", _("Make it stop")),
    ("who", _("Find out who did it")),
    ("compensation", _("Compensation")),
    ("advice", _("Only advice for now")),
]
REPORTERS = [
    ("self", _("Me")),
    ("parent", _("My child")),
    ("lawyer", _("My client")),
    ("friend", _("A friend or relative")),
    ("employer", _("Someone who works with me")),
    ("other", _("Someone else")),
]


WHY = {
    "lives_in": _("It decides which laws can help. We tell no one where you live."),
    "posted_on": _("Laws change. The one that counts is usually the one of that day."),
    "danger": _("Cases with danger come first."),
    "agreed": _("Most of these laws ask for it."),
    "minor": _("Children have stronger rights, and faster ways."),
    "public": _("Some laws only cover what everyone can see."),
    "name": _("So that we can tell your data from that of others in the text."),
}


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    widget = _ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files: list[UploadedFile] = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > settings.HABEAS_UPLOAD_FILES:
            raise ValidationError(
                ngettext(
                    "Send at most %(n)d file with one report, and the others with a second report.",
                    "Send at most %(n)d files with one report, and the others with a second report.",
                    settings.HABEAS_UPLOAD_FILES,
                )
                % {"n": settings.HABEAS_UPLOAD_FILES}
            )
        for file in files:
            if (file.size or 0) > settings.HABEAS_UPLOAD_BYTES:
                raise ValidationError(
                    _("“%(name)s” is larger than 25 MB. Send a smaller file, or only the pages that matter.")
                    % {"name": file.name}
                )
        return files


def yes_no(label: Any, why: Any = "", hint: Any = "") -> forms.ChoiceField:
    field = forms.ChoiceField(label=label, choices=YES_NO, widget=forms.RadioSelect, required=False, help_text=hint)
    field.why = why  # type: ignore[attr-defined]
    return field


def places() -> list[tuple[str, Any]]:
    """Where somebody can live, by name; the first is no answer."""
    named = ((code, place.name) for code, place in jurisdictions().items() if code not in {"EU", "COE", "UN"})
    return [("", _("Choose a place, or leave it open")), *sorted(named, key=lambda row: row[1])]


def links_in(typed: str) -> tuple[str, ...]:
    """The links somebody typed. Raises ValidationError in the reader's language."""
    try:
        return read_links(typed)
    except UnusableLink as error:
        if error.entry:
            said = _(
                "Entry %(n)d is not a web link. A link starts with https:// and holds a site name, "
                "like https://www.example.org/page."
            )
            raise ValidationError(said % {"n": error.entry}) from error
        said = _("%(n)d links are too many for one report; send the first %(most)d and add more later.")
        raise ValidationError(said % {"n": error.count, "most": MOST_LINKS}) from error


class ReportForm(forms.Form):
    """All of a report on one page, for those who would rather see it whole, and for the helpline on the phone."""

    links = forms.CharField(
        label=_("Where was it posted?"),
        help_text=_("Paste the links, one on each line. You do not need to open them again."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocomplete": "off"}),
        required=False,
        max_length=40_000,
    )
    text = forms.CharField(
        label=_("What was written?"),
        help_text=_("If you can, paste the text of the post. You do not need to describe it."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
        required=False,
        max_length=500_000,
    )
    files = FilesField(
        label=_("Screenshots or files"),
        help_text=_("Pictures, saved pages, e-mails or PDFs, up to 25 MB each. They are sealed at once."),
        required=False,
    )
    reporter = forms.ChoiceField(
        label=_("Who is it about?"), choices=REPORTERS, widget=forms.RadioSelect, initial="self"
    )
    name = forms.CharField(
        label=_("Which name is used in the post?"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    lives_in = forms.ChoiceField(label=_("Where does that person live?"), required=False)
    posted_on = forms.DateField(
        label=_("When was it posted?"),
        required=False,
        widget=forms.DateInput,
        help_text=_("The day, as far as you know."),
    )
    danger = yes_no(_("Is anyone in danger now?"))
    agreed = yes_no(_("Did the person agree that this is posted?"))
    minor = yes_no(_("Is that person under 18?"))
    public = yes_no(_("Can anyone on the internet see it?"))
    happened = forms.MultipleChoiceField(
        label=_("What happened since?"),
        help_text=_("Tick what fits. You can leave all of it empty."),
        choices=[(key, label) for key, (label, _facts) in WHAT_HAPPENED.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    wishes = forms.MultipleChoiceField(
        label=_("What would help you most?"), choices=WISHES, widget=forms.CheckboxSelectMultiple, required=False
    )
    contact = forms.CharField(
        label=_("How may we reach you?"),
        help_text=_("Only if you want to. You can follow everything here without it."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    token = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lives_in"].choices = places()  # type: ignore[attr-defined]
        self.fields["token"].initial = signing.dumps(secrets.token_urlsafe(18), salt=_FORM)
        for name, why in WHY.items():
            self.fields[name].why = why  # type: ignore[attr-defined]

    def clean_links(self) -> tuple[str, ...]:
        return links_in(self.cleaned_data["links"])

    def clean_posted_on(self) -> Any:
        day = self.cleaned_data["posted_on"]
        if day and day > clock.today():
            raise ValidationError(_("This day lies in the future. Give the day on which it was posted."))
        return day

    def clean_token(self) -> str:
        try:
            token: str = signing.loads(self.cleaned_data["token"], salt=_FORM)
        except signing.BadSignature:
            token = secrets.token_urlsafe(18)
        return token

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not (told.get("links") or told.get("text", "").strip() or told.get("files")):
            raise ValidationError(_("Give us one thing to start from: a link, the text of the post, or a screenshot."))
        return told

    def ask_for_files_again(self) -> None:
        """Say that the files of a report that was turned back did not stay. Call it on an invalid form only."""
        if self.files and "files" not in self.errors:
            self.add_error("files", _("Choose your files once more. Browsers do not keep them when a form comes back."))

    def intake(self, language: str, channel: Channel = "portal", call: Mapping[str, str] | None = None) -> Intake:
        """The report as it came in. Call it on a valid form only."""
        told = self.cleaned_data
        return Intake(
            channel=channel,
            call=dict(call or {}),
            reporter=told["reporter"],
            language=language,
            lives_in=told["lives_in"] or None,
            links=told["links"],
            text=told["text"],
            files=tuple(IncomingFile(file.name or "file", file.read()) for file in told["files"]),
            answers=self._answers(),
            wishes=frozenset(told["wishes"]),
            danger=TRUTHS[told["danger"]],
            posted_on=told["posted_on"],
            target_name=told["name"].strip(),
            contact=told["contact"].strip(),
            submission=told["token"],
        )

    def _answers(self) -> dict[str, Truth]:
        told = self.cleaned_data
        agreed, answers = (
            TRUTHS[told["agreed"]],
            {"subject.minor": TRUTHS[told["minor"]], "act.public": TRUTHS[told["public"]]},
        )
        answers["consent.none"] = None if agreed is None else not agreed
        # Whoever reports a post says that somebody disclosed something by electronic means.
        answers |= {"act.disclosed": True, "act.electronic": True}
        for tick in told["happened"]:
            answers |= dict.fromkeys(WHAT_HAPPENED[tick][1], True)
        return answers
