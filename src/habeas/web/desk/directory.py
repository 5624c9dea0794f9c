"""The directory of addressees: who can be asked, how, and how they answered us so far."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from habeas.access import actions as access
from habeas.access.core.permissions import may
from habeas.kernel import clock
from habeas.law.core.packs import jurisdictions
from habeas.platforms import actions, queries
from habeas.platforms.core.mail import NoSuchAddress, mail_address
from habeas.platforms.ways import BY_HAND, channels
from habeas.remedies.core.model import AddresseeKind
from habeas.web.desk.case import typed
from habeas.web.desk.gate import members_who_may
from habeas.web.desk.step import BY_HAND_WORDS

if TYPE_CHECKING:
    from habeas.platforms.models import Addressee, Route

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-zA-Z]{2,8})?")
KINDS = [kind for kind in get_args(AddresseeKind) if kind != "ourselves"]
KIND_WORDS = {
    "platform": gettext_lazy("platform"),
    "host": gettext_lazy("hosting provider"),
    "cdn": gettext_lazy("delivery network"),
    "registrar": gettext_lazy("domain registrar"),
    "search_engine": gettext_lazy("search engine"),
    "archive": gettext_lazy("archive or mirror"),
    "data_broker": gettext_lazy("data broker"),
    "hash_bank": gettext_lazy("hash bank"),
    "court": gettext_lazy("court"),
    "regulator": gettext_lazy("regulator"),
    "police": gettext_lazy("police"),
    "prosecutor": gettext_lazy("prosecutor"),
    "controller": gettext_lazy("controller of data"),
    "employer": gettext_lazy("employer"),
    "school": gettext_lazy("school"),
    "bank": gettext_lazy("bank"),
}
_WORDS_OF_WAYS = {"email": gettext_lazy("E-mail"), **BY_HAND_WORDS}


def kind_words(kind: str) -> str:
    return str(KIND_WORDS.get(kind, kind.replace("_", " ")))


def way_words(channel: str) -> str:
    return str(_WORDS_OF_WAYS.get(channel, channel.replace("_", " ")))


class EntryForm(forms.Form):
    """One entry of the directory, as a lead writes it down."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        error_messages={"required": gettext_lazy("An entry needs a name.")},
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it is"),
        choices=[(kind, kind_words(kind)) for kind in KINDS],
        error_messages={"invalid_choice": gettext_lazy("Choose what it is.")},
    )
    hosts = forms.CharField(
        label=gettext_lazy("Its host names"),
        help_text=gettext_lazy("With everything below them, such as board.example.net; divided by spaces."),
        required=False,
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
    )
    jurisdiction = forms.CharField(
        label=gettext_lazy("Place (code), for an authority"), required=False, max_length=10, widget=forms.TextInput
    )
    languages = forms.CharField(label=gettext_lazy("Languages it reads, the first one first"), required=False)
    hours = forms.CharField(label=gettext_lazy("Hours"), required=False, max_length=200)
    rules = forms.URLField(
        label=gettext_lazy("Address of its rules"),
        required=False,
        max_length=500,
        assume_scheme="https",
        error_messages={"invalid": gettext_lazy("An address begins with https:// and leads to a page.")},
    )
    source = forms.CharField(label=gettext_lazy("Where you know this from"), required=False, max_length=300)
    checked_on = forms.DateField(
        label=gettext_lazy("Checked on"),
        required=False,
        widget=forms.DateInput,
        error_messages={"invalid": gettext_lazy("The day it was checked must be a date.")},
    )

    @classmethod
    def of(cls, entry: Addressee) -> EntryForm:
        told = {name: getattr(entry, name) for name in cls.base_fields}
        return cls(
            initial={**told, "hosts": " ".join(entry.hosts), "languages": ", ".join(entry.languages)},
            auto_id="entry_%s",
        )

    def clean_hosts(self) -> list[str]:
        hosts = [host.lower() for host in re.split(r"[\s,]+", self.cleaned_data["hosts"]) if host]
        for host in hosts:
            if not _HOST.fullmatch(host):
                raise ValidationError(_("%(host)s is no host name, such as board.example.net.") % {"host": host[:80]})
        return list(dict.fromkeys(hosts))[:50]

    def clean_jurisdiction(self) -> str:
        code = str(self.cleaned_data["jurisdiction"]).strip().upper()
        if code and code not in jurisdictions():
            raise ValidationError(_("No law pack knows the place %(code)s. Leave it open, or write a code such as NL.")
                                  % {"code": code})  # fmt: skip
        return code

    def clean_languages(self) -> list[str]:
        tags = [tag for tag in re.split(r"[\s,]+", self.cleaned_data["languages"]) if tag]
        for tag in tags:
            if not _LANGUAGE.fullmatch(tag):
                raise ValidationError(_("%(tag)s is no code of a language, such as nl or zh-Hant.") % {"tag": tag[:20]})
        return list(dict.fromkeys(tags))[:20]

    def clean_checked_on(self) -> Any:
        day = self.cleaned_data["checked_on"]
        if day and day > clock.today():
            raise ValidationError(_("This day lies in the future. Give the day on which it was checked."))
        return day


class RouteForm(forms.Form):
    """One way to reach an addressee."""

    channel = forms.ChoiceField(
        label=gettext_lazy("By"), error_messages={"invalid_choice": gettext_lazy("Choose how it is reached.")}
    )
    address = forms.CharField(
        label=gettext_lazy("Address (e-mail, https:// or where the form is)"),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs={"dir": "ltr", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label=gettext_lazy("Name of its secret, if it needs one"),
        help_text=gettext_lazy("Never the secret itself: whoever keeps this machine puts it there."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off"}),
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="route_%s", **kwargs)
        known = [(name, way_words(name)) for name in [*channels(), *sorted(BY_HAND)]]
        self.fields["channel"].choices = known  # type: ignore[attr-defined]

    def settings(self) -> dict[str, Any]:
        """What the channel needs. Call it on a valid form only."""
        told = self.cleaned_data
        if told["channel"] == "email" or told["channel"] in BY_HAND:
            return {"address": told["address"]}
        return {"endpoint": told["address"], **({"secret": told["secret"]} if told["secret"] else {})}

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        channel, address = told.get("channel"), told.get("address", "").strip()
        if channel == "email":
            try:
                told["address"] = mail_address(address)
            except NoSuchAddress as refusal:
                self.add_error("address", str(refusal))
        elif channel and channel not in BY_HAND and not address.startswith("https://"):
            self.add_error("address", _("The address of another system begins with https://."))
        return told


@dataclass(frozen=True, slots=True)
class RouteRow:
    route: Route
    way: str
    where: str
    only_for: str


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("note_answer")
def listed(request: HttpRequest) -> HttpResponse:
    """All entries; posting adds one."""
    if request.method != "POST":
        return _list(request, EntryForm(auto_id="entry_%s"))
    if (refused := _refused(request)) is not None:
        return refused
    form = EntryForm(request.POST, auto_id="entry_%s")
    slug = slugify(form.data.get("name", ""))[:80]
    if form.is_valid() and (not slug or queries.is_known(slug)):
        form.add_error("name", _("The directory has an entry of this name already, or the name has no letters."))
    if not form.is_valid():
        return _list(request, form, status=422)
    actions.put_addressee(slug, by=request.user, at=clock.now(), **form.cleaned_data)  # type: ignore[arg-type]
    messages.success(request, _("Added. Now say how it is reached."))
    return redirect("desk:addressee", slug)


def _list(request: HttpRequest, form: EntryForm, status: int = 200) -> HttpResponse:
    kind = request.GET.get("kind", "")
    entries = queries.addressees(kind=kind if kind in KINDS else "")
    context = {
        "entries": [
            (one, kind_words(one.kind), ", ".join(way_words(route.channel) for route in _open(one))) for one in entries
        ],
        "kinds": [(code, kind_words(code)) for code in KINDS],
        "kind": kind,
        "form": form,
        "may_keep": may(request.user.role, "keep_directory"),  # type: ignore[union-attr]
    }
    return render(request, "desk/directory.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("note_answer")
def entry(request: HttpRequest, slug: str) -> HttpResponse:
    """One entry with its ways and its record; posting changes it."""
    found = queries.addressees().filter(slug=slug).first()
    if found is None:
        raise Http404(f"no addressee {slug}")
    if request.method != "POST":
        return _page(request, found)
    if (refused := _refused(request)) is not None:
        return refused
    return _change(request, found)


def _page(request: HttpRequest, found: Addressee, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "entry": found,
        "kind": kind_words(found.kind),
        "routes": [_row(route) for route in found.routes.all()],
        "record": queries.record_of(found),
        "keys": found.keys.filter(closed_at=None),
        "may_keep": may(request.user.role, "keep_directory"),  # type: ignore[union-attr]
        "form": EntryForm.of(found),
        "route_form": RouteForm(),
        "new_key": "",
        **more,
    }
    return render(request, "desk/addressee.html", context, status=status)


def _change(request: HttpRequest, found: Addressee) -> HttpResponse:
    do, at, by = request.POST.get("do", ""), clock.now(), request.user
    if do == "fields":
        form = EntryForm(request.POST, auto_id="entry_%s")
        if not form.is_valid():
            return _page(request, found, 422, form=form)
        actions.put_addressee(found.slug, by=by, at=at, **form.cleaned_data)  # type: ignore[arg-type]
    elif do == "route":
        route = RouteForm(request.POST)
        if not route.is_valid():
            return _page(request, found, 422, route_form=route)
        told = route.cleaned_data
        actions.put_route(found, told["channel"], route.settings(), by=by, at=at, note=told["note"])  # type: ignore[arg-type]
    elif do in {"close", "open"}:
        held = found.routes.filter(pk=_number(request, "route")).first()
        if held is None:
            raise Http404("no such way")
        because = typed(request, "because").strip()
        if do == "open":
            actions.open_route(held.pk, by=by, at=at)  # type: ignore[arg-type]
        elif because:
            actions.close_route(held.pk, because, by=by, at=at)
        else:
            messages.error(request, _("Say why this way leads nowhere."))
            return redirect("desk:addressee", found.slug)
    elif do == "key":
        # Shown in this answer and nowhere kept: not in a session either.
        made = actions.make_key(found, typed(request, "label").strip() or found.name, by=by, at=at)  # type: ignore[arg-type]
        return _page(request, found, new_key=made)
    elif do == "close_key":
        actions.close_key(_number(request, "key"), by=by, at=at)  # type: ignore[arg-type]
    else:
        raise Http404("no such thing to do with an entry")
    messages.success(request, _("Saved."))
    return redirect("desk:addressee", found.slug)


def _refused(request: HttpRequest) -> HttpResponse | None:
    """The page that says whom to ask, for whoever may read the directory and not keep it."""
    try:
        access.require(request.user, "keep_directory")  # type: ignore[arg-type]
    except access.NotAllowed as refusal:
        return render(request, "desk/refused.html", {"reason": refusal}, status=403)
    return None


def _row(route: Route) -> RouteRow:
    where = route.settings.get("address") or route.settings.get("endpoint") or ""
    return RouteRow(route, way_words(route.channel), str(where), ", ".join(route.remedies))


def _open(found: Addressee) -> list[Route]:
    return [route for route in found.routes.all() if not route.closed_because]


def _number(request: HttpRequest, name: str) -> int:
    try:
        return int(request.POST.get(name, ""))
    except ValueError:
        raise Http404(f"{name} is no number") from None
