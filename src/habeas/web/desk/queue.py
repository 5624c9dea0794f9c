"""The queue: what to work on next, filtered by the address, taken one by one or several at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from habeas.access.core.permissions import may
from habeas.kernel import clock
from habeas.remedies import queue
from habeas.remedies.queue import MOST_AT_ONCE, NothingToTake, Wanted
from habeas.web.components.shapes import Link
from habeas.web.components.templatetags import habeas_components as components
from habeas.web.desk.case import typed
from habeas.web.desk.gate import members_who_may

COOKIE = "desk_filters"
COOKIE_SECONDS = 365 * 24 * 60 * 60
MOST_SAVED = 10
LONGEST_NAME = 30
# Addresses of before counted pages. Those that somebody kept still lead near there; further ones begin at the start.
LAST_COUNTED_PAGE = 20

WHOSE_WORDS = {
    "all": gettext_lazy("All open cases"),
    "mine": gettext_lazy("Mine"),
    "team": gettext_lazy("My team’s"),
    "unowned": gettext_lazy("With nobody"),
}
WAITING_WORDS = {
    "person": gettext_lazy("the person"),
    "addressee": gettext_lazy("an addressee"),
    "us": gettext_lazy("us"),
}
STATE_WORDS = {
    "new": gettext_lazy("New"),
    "open": gettext_lazy("Being worked on"),
    "waiting": gettext_lazy("Waiting for an answer"),
    "closed": gettext_lazy("Closed"),
}


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter under the name its member gave it. query: as it stands in an address."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row with what many rows share, drawn once a page. waits: for whom, in words."""

    row: queue.Row
    state: SafeString
    severity: SafeString
    waits: str


@require_safe
@members_who_may("see_queue")
def show_queue(request: HttpRequest) -> HttpResponse:
    wanted = read_wanted(request.GET)
    after = queue.read_key(request.GET.get("after", ""))
    skip = 0 if after else _pages_before(request.GET.get("page", "")) * queue.PER_PAGE
    part = queue.part_of_queue(wanted, request.user, at=clock.now(), after=after, skip=skip)  # type: ignore[arg-type]
    query = query_of(wanted)
    context = {
        "rows": _drawn(part.rows),
        "following": _address(query, f"after={part.following}") if part.following else "",
        "start": _address(query) if after or skip else "",
        "wanted": wanted,
        "filtered": wanted != Wanted(whose=wanted.whose),
        "query": query,
        "tabs": _tabs(wanted),
        "waiting_words": WAITING_WORDS,
        "state_words": STATE_WORDS,
        "saved": [(one, _address(one.query), one.query == query) for one in saved_filters(request)],
        "may_save": bool(query),
        "may_take": may(request.user.role, "take_case"),
        "most_at_once": MOST_AT_ONCE,
        "now": clock.now(),
    }
    return render(request, "desk/queue.html", context)


@require_POST
@members_who_may("take_case")
def take_next(request: HttpRequest) -> HttpResponse:
    """The most urgent case with nobody becomes this member's, and opens."""
    try:
        case = queue.take_next(by=request.user, at=clock.now())  # type: ignore[arg-type]
    except NothingToTake:
        messages.info(request, _("Every open case you can see is with somebody. New reports appear here."))
        return redirect("desk:queue")
    messages.success(request, _("%(case)s is yours. It is the most urgent one nobody had.") % {"case": case})
    return redirect("desk:case", case.reference)


@require_POST
@members_who_may("take_case")
def take_several(request: HttpRequest) -> HttpResponse:
    """What was ticked becomes this member's, but for what somebody else took meanwhile."""
    asked = [reference.replace("\0", "") for reference in request.POST.getlist("case")]
    back = _address(query_of(read_wanted(QueryDict(typed(request, "back")[:400]))))
    if not asked:
        messages.error(request, _("Tick the cases you want, then press “Take those ticked”."))
        return redirect(back)
    taken, left = queue.take_several(asked, by=request.user, at=clock.now())  # type: ignore[arg-type]
    if taken:
        said = ngettext("%(n)d case is yours: %(which)s", "%(n)d cases are yours: %(which)s", len(taken))
        messages.success(request, said % {"n": len(taken), "which": ", ".join(taken)})
    if left:
        said = ngettext(
            "%(n)d case was left: somebody else has it, or it is closed.",
            "%(n)d cases were left: somebody else has them, they are closed, or they were too many at once.",
            len(left),
        )
        messages.warning(request, said % {"n": len(left)})
    return redirect(back)


@require_POST
@members_who_may("see_queue")
def save_filter(request: HttpRequest) -> HttpResponse:
    """Keep a filter under a name, or forget one, in a signed cookie of this member's."""
    saved = saved_filters(request)
    query = query_of(read_wanted(QueryDict(typed(request, "query")[:400])))
    forget = typed(request, "forget")
    if forget:
        saved = [one for one in saved if one.name != forget]
        messages.success(request, _("Forgotten."))
        return _with_saved(request, redirect(_address(query)), saved)
    name = " ".join(typed(request, "name").split())[:LONGEST_NAME]
    saved = [one for one in saved if one.name != name]
    if not name or not query:
        messages.error(request, _("Choose a filter first, then give it a short name."))
    elif len(saved) >= MOST_SAVED:
        messages.error(request, _("You have %(n)d saved filters; forget one first.") % {"n": MOST_SAVED})
    else:
        messages.success(request, _("Saved in this browser."))
        return _with_saved(request, redirect(_address(query)), [*saved, SavedFilter(name, query)])
    return redirect(_address(query))


def _drawn(rows: list[queue.Row]) -> list[ShownRow]:
    state, level = cache(components.status), cache(components.severity)
    waits = cache(lambda whom: ", ".join(str(WAITING_WORDS[one]) for one in whom))
    return [ShownRow(row, state(row.case.state), level(row.case.severity), waits(row.waits_for)) for row in rows]


def read_wanted(told: QueryDict) -> Wanted:
    """The filters of an address. What is not known is left out: an old address shows more, not nothing."""

    def one_of(name: str, known: tuple[str, ...]) -> str:
        value = told.get(name, "")
        return value if value in known else ""

    return Wanted(
        whose=cast("queue.Whose", one_of("show", queue.WHOSE) or "all"),
        danger=told.get("danger") == "yes",
        waiting=cast("queue.Waiting", one_of("waiting", queue.WAITING)),
        state=one_of("state", queue.STATES),
        overdue=told.get("overdue") == "yes",
    )


def query_of(wanted: Wanted) -> str:
    """Filters as an address holds them; empty where nothing is filtered."""
    told = {
        "show": wanted.whose if wanted.whose != "all" else "",
        "danger": "yes" if wanted.danger else "",
        "waiting": wanted.waiting,
        "state": wanted.state,
        "overdue": "yes" if wanted.overdue else "",
    }
    return urlencode({name: value for name, value in told.items() if value})


def saved_filters(request: HttpRequest) -> list[SavedFilter]:
    """What this member saved in this browser; nothing where the cookie is another member's or was changed."""
    try:
        told = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_salt(request), max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return []
    return [SavedFilter(name, query_of(read_wanted(QueryDict(query)))) for name, query in told]


def _with_saved(request: HttpRequest, response: HttpResponse, saved: list[SavedFilter]) -> HttpResponse:
    told = signing.dumps([(one.name, one.query) for one in saved], salt=_salt(request), compress=True)
    keep_cookie(response, COOKIE, told)
    return response


def keep_cookie(response: HttpResponse, name: str, value: str) -> None:
    """A cookie of the desk alone, out of reach for scripts and other sites."""
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_SECONDS,
        path=reverse("desk:queue"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _salt(request: HttpRequest) -> str:
    return f"{COOKIE}/{request.user.pk}"


def _tabs(wanted: Wanted) -> list[Link]:
    return [
        Link(words, _address(query_of(replace(wanted, whose=whose))), current=whose == wanted.whose)  # type: ignore[arg-type]
        for whose, words in WHOSE_WORDS.items()
    ]


def _address(query: str, *more: str) -> str:
    parts = "&".join(part for part in (query, *more) if part)
    return reverse("desk:queue") + (f"?{parts}" if parts else "")


def _pages_before(page: str) -> int:
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 3 else 1
    return number - 1 if 1 <= number <= LAST_COUNTED_PAGE else 0
