"""The directory of addressees: who can be asked, how, and how they answered us so far."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, get_args

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from habeas.access.core.permissions import may
from habeas.kernel import clock
from habeas.platforms import actions, queries
from habeas.platforms.core.mail import NoSuchAddress, mail_address
from habeas.platforms.ways import BY_HAND, channels
from habeas.remedies.core.model import AddresseeKind
from habeas.web.desk.case import typed
from habeas.web.desk.gate import members_who_may

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
KINDS = [kind for kind in get_args(AddresseeKind) if kind != "ourselves"]


_BLANK = {
    "name": "",
    "kind": "",
    "hosts": [],
    "jurisdiction": "",
    "languages": [],
    "hours": "",
    "rules": "",
    "source": "",
    "checked_on": None,
}


class _Unclear(ValueError):
    """What was typed cannot be kept. The message says what to change."""


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("note_answer")
def listed(request: HttpRequest) -> HttpResponse:
    """All entries; posting adds one."""
    if request.method == "POST":
        return _add(request)
    kind = request.GET.get("kind", "")
    context = {
        "entries": queries.addressees(kind=kind if kind in KINDS else ""),
        "kinds": KINDS,
        "kind": kind,
        "entry": _BLANK,
        "may_keep": may(request.user.role, "keep_directory"),  # type: ignore[union-attr]
    }
    return render(request, "desk/directory.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("note_answer")
def entry(request: HttpRequest, slug: str) -> HttpResponse:
    """One entry with its ways and its record; posting changes it."""
    found = queries.addressees().filter(slug=slug).first()
    if found is None:
        raise Http404(f"no addressee {slug}")
    if request.method == "POST":
        return _change(request, found)
    context = {
        "entry": found,
        "routes": found.routes.all(),
        "record": queries.record_of(found),
        "keys": found.keys.filter(closed_at=None),
        "channels": sorted([*channels(), *BY_HAND]),
        "kinds": KINDS,
        "may_keep": may(request.user.role, "keep_directory"),  # type: ignore[union-attr]
        "new_key": request.session.pop("new_partner_key", ""),
    }
    return render(request, "desk/addressee.html", context)


def _add(request: HttpRequest) -> HttpResponse:
    try:
        fields = _fields(request)
        slug = slugify(fields["name"])[:80]
        if not slug or queries.addressees().filter(slug=slug).exists():
            raise _Unclear(_("The directory has an entry of this name already, or the name has no letters."))
    except _Unclear as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:directory")
    actions.put_addressee(slug, by=request.user, at=clock.now(), **fields)  # type: ignore[arg-type]
    messages.success(request, _("Added. Now say how it is reached."))
    return redirect("desk:addressee", slug)


def _change(request: HttpRequest, found: Any) -> HttpResponse:
    do, at, by = request.POST.get("do", ""), clock.now(), request.user
    try:
        if do == "fields":
            actions.put_addressee(found.slug, by=by, at=at, **_fields(request))  # type: ignore[arg-type]
        elif do == "route":
            channel, settings = _route(request)
            actions.put_route(found, channel, settings, by=by, at=at, note=typed(request, "note"))  # type: ignore[arg-type]
        elif do in {"close", "open"}:
            route = found.routes.filter(pk=_number(request, "route")).first()
            if route is None:
                raise Http404("no such way")
            if do == "close":
                because = typed(request, "because").strip()
                if not because:
                    raise _Unclear(_("Say why this way leads nowhere."))
                actions.close_route(route.pk, because, by=by, at=at)
            else:
                actions.open_route(route.pk, by=by, at=at)  # type: ignore[arg-type]
        elif do == "key":
            label = typed(request, "label").strip() or found.name
            request.session["new_partner_key"] = actions.make_key(found, label, by=by, at=at)  # type: ignore[arg-type]
        elif do == "close_key":
            actions.close_key(_number(request, "key"), by=by, at=at)  # type: ignore[arg-type]
        else:
            raise Http404("no such thing to do with an entry")
    except _Unclear as refusal:
        messages.error(request, str(refusal))
    except actions.access.NotAllowed as refusal:
        return render(request, "desk/refused.html", {"reason": refusal}, status=403)
    else:
        messages.success(request, _("Saved."))
    return redirect("desk:addressee", found.slug)


def _fields(request: HttpRequest) -> dict[str, Any]:
    name, kind = typed(request, "name").strip(), request.POST.get("kind", "")
    hosts = [host.strip().lower() for host in re.split(r"[\s,]+", typed(request, "hosts")) if host.strip()]
    checked = typed(request, "checked_on").strip()
    if not name or kind not in KINDS:
        raise _Unclear(_("An entry needs a name and what it is."))
    if wrong := [host for host in hosts if not _HOST.fullmatch(host)]:
        raise _Unclear(_("%(host)s is no host name, such as board.example.net.") % {"host": wrong[0][:80]})
    try:
        checked_on = date.fromisoformat(checked) if checked else None
    except ValueError:
        raise _Unclear(_("The day it was checked must be a date.")) from None
    return {
        "name": name[:200],
        "kind": kind,
        "jurisdiction": typed(request, "jurisdiction").strip().upper()[:10],
        "hosts": hosts[:50],
        "languages": [one.strip() for one in typed(request, "languages").split(",") if one.strip()][:20],
        "hours": typed(request, "hours").strip()[:200],
        "rules": typed(request, "rules").strip()[:500],
        "source": typed(request, "source").strip()[:300],
        "checked_on": checked_on,
    }


def _route(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    channel = request.POST.get("channel", "")
    if channel not in {*channels(), *BY_HAND}:
        raise _Unclear(_("Choose how it is reached."))
    address, secret = typed(request, "address").strip(), typed(request, "secret").strip()
    if channel == "email":
        try:
            return channel, {"address": mail_address(address)}
        except NoSuchAddress as refusal:
            raise _Unclear(str(refusal)) from None
    if channel in BY_HAND:
        return channel, {"address": address}
    if not address.startswith("https://"):
        raise _Unclear(_("The address of another system begins with https://."))
    return channel, {"endpoint": address, **({"secret": secret} if secret else {})}


def _number(request: HttpRequest, name: str) -> int:
    try:
        return int(request.POST.get(name, ""))
    except ValueError:
        raise Http404(f"{name} is no number") from None
