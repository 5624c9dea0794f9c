"""The report, one thing a page: which pages there are, what each asks, and how they become one report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from habeas.cases.core.facts import Truth
from habeas.cases.core.intake import IncomingFile, Intake
from habeas.journey import news
from habeas.kernel import clock
from habeas.learning.core import safety
from habeas.web.intake import (
    REPORTERS,
    TRUTHS,
    WHAT_HAPPENED,
    WHY,
    WISHES,
    YES_NO,
    FilesField,
    links_in,
    places,
    yes_no,
)

Told = Mapping[str, Mapping[str, list[str]]]

# What a tick says was put online: words, and the facts of the law's vocabulary it states.
EXPOSED: dict[str, tuple[Any, tuple[str, ...]]] = {
    "home": (_("Home address"), ("data.home_contact",)),
    "phone": (_("Private phone number"), ("data.home_contact",)),
    "email": (_("Private e-mail address"), ("data.home_contact",)),
    "work": (_("Place of work"), ("data.contact_or_location",)),
    "school": (_("School or nursery"), ("data.contact_or_location",)),
    "location": (_("Where someone is now, or where they go"), ("data.location_track",)),
    "family": (_("Names or places of family"), ("data.family_member",)),
    "children": (_("A child: name, school or picture"), ("data.family_member",)),
    "photos": (_("Pictures, films or a voice"), ("data.image",)),
    "private_images": (_("Naked or intimate pictures, real or made by a computer"), ("data.intimate_image",)),
    "messages": (_("Private messages, mail or calls"), ("data.private_comms",)),
    "id_number": (_("Number of an ID card, passport, tax or licence"), ("data.government_id",)),
    "money": (_("Bank account or card"), ("data.financial",)),
    "accounts": (_("Passwords or codes"), ("data.credentials",)),
    "health": (_("Health, religion, politics, origin, or whom someone loves"), ("data.sensitive",)),
    "immigration": (_("Papers about the right to stay in a country"), ("data.sensitive",)),
    "legal_name": (_("A real or former name that was kept apart"), ("data.identifying",)),
}
AGREES = [
    ("yes", _("Yes, they know and agree")),
    ("no", _("No, they do not know yet")),
    ("", _("I cannot ask them now")),
]
# What somebody who reports for another is asked, by what they are to the person.
FOR_ANOTHER = {
    "parent": _("Are you the parent or guardian of this child?"),
    "lawyer": _("Has the person asked you to act for them?"),
    "friend": _("Does the person know that you report this, and agree?"),
    "employer": _("Does the person know that you report this, and agree?"),
    "other": _("Does the person know that you report this, and agree?"),
}
# No more questions than these are put before the report is sent; the helpline asks the others where they matter.
MOST_QUESTIONS = 5


class LinksForm(forms.Form):
    links = forms.CharField(
        label=_("Where was it posted?"),
        help_text=_("Paste the links, one on each line. You do not need to open them again."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off", "dir": "ltr"}),
        required=False,
        max_length=40_000,
    )
    links.why = _(  # type: ignore[attr-defined]
        "A link is often all we need. We look at the page so that you do not have to."
    )

    def clean_links(self) -> tuple[str, ...]:
        return links_in(self.cleaned_data["links"])


class ExposedForm(forms.Form):
    exposed = forms.MultipleChoiceField(
        label=_("What was put online?"),
        help_text=_("Tick what fits. You do not need to tell us the data itself."),
        choices=[(key, label) for key, (label, _facts) in EXPOSED.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    exposed.why = _("It decides what to do first, tonight.")  # type: ignore[attr-defined]


class MaterialForm(forms.Form):
    text = forms.CharField(
        label=_("The text of the post"),
        help_text=_("If you have it, paste it here. You do not need to describe it."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off", "dir": "auto"}),
        required=False,
        max_length=500_000,
    )
    files = FilesField(
        label=_("Screenshots or files"),
        help_text=_("Pictures, saved pages, e-mails or PDFs, up to 25 MB each. They are sealed at once."),
        required=False,
    )


class AboutForm(forms.Form):
    reporter = forms.ChoiceField(
        label=_("Who is it about?"), choices=REPORTERS, widget=forms.RadioSelect, initial="self"
    )
    minor = yes_no(_("Is that person under 18?"), WHY["minor"])


class ForAnotherForm(forms.Form):
    agrees = forms.ChoiceField(choices=AGREES, widget=forms.RadioSelect, required=False)

    def __init__(self, *args: Any, reporter: str = "other", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agrees"]
        field.label = FOR_ANOTHER.get(reporter, FOR_ANOTHER["other"])
        why = _("Help that they did not ask for can hurt. Nothing that names them goes without their yes.")
        field.why = why  # type: ignore[attr-defined]
        if reporter in {"parent", "lawyer"}:
            field.choices = YES_NO  # type: ignore[attr-defined]


class PlaceForm(forms.Form):
    lives_in = forms.ChoiceField(label=_("Where does that person live?"), required=False)
    name = forms.CharField(
        label=_("Which name is used in the post?"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lives_in"].choices = places()  # type: ignore[attr-defined]
        for name in ("lives_in", "name"):
            self.fields[name].why = WHY[name]  # type: ignore[attr-defined]


class HappenedForm(forms.Form):
    danger = yes_no(_("Is anyone in danger now?"), WHY["danger"])
    happened = forms.MultipleChoiceField(
        label=_("What happened since?"),
        help_text=_("Tick what fits. You can leave all of it empty."),
        choices=[(key, label) for key, (label, _facts) in WHAT_HAPPENED.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    posted_on = forms.DateField(
        label=_("When was it posted?"),
        required=False,
        widget=forms.DateInput,
        help_text=_("The day, as far as you know."),
    )
    posted_on.why = WHY["posted_on"]  # type: ignore[attr-defined]

    def clean_posted_on(self) -> Any:
        day = self.cleaned_data["posted_on"]
        if day and day > clock.today():
            raise ValidationError(_("This day lies in the future. Give the day on which it was posted."))
        return day


class WishesForm(forms.Form):
    wishes = forms.MultipleChoiceField(
        label=_("What would help you most?"), choices=WISHES, widget=forms.CheckboxSelectMultiple, required=False
    )
    wishes.why = _("You decide what is done in your name. You can change it at any time.")  # type: ignore[attr-defined]


class ContactForm(forms.Form):
    contact = forms.CharField(
        label=_("How may we reach you?"),
        help_text=_("Only if you want to. You can follow everything here without it."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    news = forms.BooleanField(
        label=_("Tell me by e-mail when there is news"),
        help_text=_("We write “There is news.” and nothing more: no name of this service, nothing about the case."),
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not news.is_offered():
            del self.fields["news"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("news") and "@" not in told.get("contact", ""):
            self.add_error("contact", _("For news by e-mail, give an e-mail address. Or take the tick away."))
        return told


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the report. slug: in its address, and of what was told there; form: null where it only tells."""

    slug: str
    title: Any
    form: type[forms.Form] | None


PAGES: tuple[Page, ...] = (
    Page("links", _("Where was it posted?"), LinksForm),
    Page("exposed", _("What was put online?"), ExposedForm),
    Page("material", _("Do you have the text, or a picture of it?"), MaterialForm),
    Page("about", _("Who is it about?"), AboutForm),
    Page("for-another", _("For another person"), ForAnotherForm),
    Page("place", _("Name and place"), PlaceForm),
    Page("happened", _("What happened?"), HappenedForm),
    Page("questions", _("A few questions"), None),
    Page("wishes", _("What would help you most?"), WishesForm),
    Page("contact", _("How may we reach you?"), ContactForm),
    Page("safety", _("What you can do tonight"), None),
    Page("check", _("Check before you send"), None),
)
BY_SLUG = {page.slug: page for page in PAGES}


def path_of(told: Told) -> list[Page]:
    """The pages that this report goes through."""
    about_self = _one(told, "about", "reporter") in {"", "self"}
    return [page for page in PAGES if not (page.slug == "for-another" and about_self)]


def neighbour(told: Told, slug: str, step: int) -> Page | None:
    """The page before (-1) or after (1); null where there is none."""
    path = path_of(told)
    place = next((n for n, page in enumerate(path) if page.slug == slug), 0) + step
    return path[place] if 0 <= place < len(path) else None


def form_of(page: Page, told: Told, data: Any = None, files: Any = None) -> forms.Form:
    """The form of a page: bound to what is sent now, else to what was told before, else empty."""
    if page.form is None:
        raise LookupError(f"the page {page.slug} asks nothing by a form")
    more = {"reporter": _one(told, "about", "reporter")} if page.form is ForAnotherForm else {}
    if data is not None:
        return page.form(data, files, **more)
    before = told.get(page.slug)
    return page.form(MultiValueDict(before), **more) if before is not None else page.form(**more)


def typed_in(form: forms.Form) -> dict[str, list[str]]:
    """What was typed, as it was typed: what is wrong in it can be shown and mended."""
    names = [name for name, field in form.fields.items() if not isinstance(field, forms.FileField)]
    return {name: form.data.getlist(name) for name in names if name in form.data}


def wrong_pages(told: Told) -> list[Page]:
    """Pages on which something stands that cannot be sent like that."""
    return [page for page in path_of(told) if page.form and page.slug in told and not form_of(page, told).is_valid()]


def answered(told: Told) -> dict[str, Truth]:
    """What was said to the law's own questions; null: asked, and not known or skipped."""
    return {key: TRUTHS.get(values[0] if values else "", None) for key, values in told.get("questions", {}).items()}


def facts_of(told: Told) -> dict[str, Truth]:
    """What the report says of the law's facts. An empty box says nothing: people skip what hurts to answer."""
    clean = cleaned(told)
    # Whoever reports a post says that somebody disclosed something by electronic means.
    facts: dict[str, Truth] = {"act.disclosed": True, "act.electronic": True}
    for tick in clean.get("exposed", {}).get("exposed", ()):
        facts |= dict.fromkeys(EXPOSED[tick][1], True)
    for tick in clean.get("happened", {}).get("happened", ()):
        facts |= dict.fromkeys(WHAT_HAPPENED[tick][1], True)
    if "about" in clean:
        facts["subject.minor"] = TRUTHS[clean["about"]["minor"]]
    return {**facts, **{key: truth for key, truth in answered(told).items() if truth is not None}}


def intake_of(told: Told, files: Iterable[tuple[str, bytes]], language: str) -> Intake:
    """The report as it goes in. Call it where no page is wrong."""
    clean = cleaned(told)
    about, place, since = clean.get("about", {}), clean.get("place", {}), clean.get("happened", {})
    contact = clean.get("contact", {})
    return Intake(
        channel="portal",
        reporter=about.get("reporter") or "self",
        language=language,
        lives_in=place.get("lives_in") or None,
        links=clean.get("links", {}).get("links", ()),
        text=clean.get("material", {}).get("text", ""),
        files=tuple(IncomingFile(name, content) for name, content in files),
        answers=facts_of(told),
        wishes=frozenset(clean.get("wishes", {}).get("wishes", ())),
        danger=TRUTHS[since.get("danger", "")],
        posted_on=since.get("posted_on"),
        target_name=place.get("name", "").strip(),
        contact=contact.get("contact", "").strip(),
        news=bool(contact.get("news")),
        agrees=TRUTHS[clean.get("for-another", {}).get("agrees", "")],
        hashes=tuple(told.get("hashes", {}).get("hashes", ())),
        submission=told["begun"]["submission"][0],
    )


def can_be_sent(told: Told, count_of_files: int) -> bool:
    """Whether there is one thing to start from."""
    clean = cleaned(told)
    return bool(
        clean.get("links", {}).get("links")
        or clean.get("material", {}).get("text", "").strip()
        or count_of_files
        or told.get("hashes", {}).get("hashes")
    )


def cleaned(told: Told) -> dict[str, dict[str, Any]]:
    """What each page says, where it can be read."""
    clean = {}
    for page in path_of(told):
        if page.form is not None and page.slug in told:
            form = form_of(page, told)
            form.is_valid()
            clean[page.slug] = {name: form.cleaned_data.get(name, _NOTHING.get(name, "")) for name in form.fields}
    return clean


_NOTHING: dict[str, Any] = {"exposed": [], "happened": [], "wishes": [], "links": (), "posted_on": None}


def tonight(told: Told) -> dict[str, Any]:
    """The steps to take tonight for what was told: ``danger``, and ``steps``, at most five, the most urgent first."""
    clean = cleaned(told)
    since, about = clean.get("happened", {}), clean.get("about", {})
    found = safety.steps_for(
        clean.get("exposed", {}).get("exposed", ()),
        since.get("happened", ()),
        danger=TRUTHS[since.get("danger", "")],
        minor=TRUTHS[about.get("minor", "")],
        partner=True if "partner" in since.get("happened", ()) else None,
    )
    return {
        "danger": TRUTHS[since.get("danger", "")],
        "todo": found,
        "lives_in": clean.get("place", {}).get("lives_in"),
    }


def _one(told: Told, page: str, name: str) -> str:
    values = told.get(page, {}).get(name) or [""]
    return values[0]
