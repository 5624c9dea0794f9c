"""Going anywhere at the desk: a case by what is known of it, a page by its name, and which keys do what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from habeas.access.core.permissions import may
from habeas.access.queries import visible_cases
from habeas.cases import queries
from habeas.cases.core.intake import UnusableLink, host_of, read_links
from habeas.kernel import clock
from habeas.platforms import queries as platforms
from habeas.web.desk.queue import keep_cookie

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import Promise

    from habeas.access.models import Person
    from habeas.cases.models import Case

KEYS_COOKIE = "desk_keys"
FRAGMENT = "fragment"
MOST_CASES = 20
LONGEST_QUESTION = 2000
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V"})
_REFERENCE_LENGTH, _STEP_LENGTH = 6, 10

# name of the address -> what the page is called, and the action a role needs for it
PAGES = {
    "desk:queue": (gettext_lazy("Queue"), "see_queue"),
    "desk:calendar": (gettext_lazy("Due dates"), "see_queue"),
    "desk:mail": (gettext_lazy("Mail"), "note_answer"),
    "desk:contests": (gettext_lazy("Contests"), "decide_contest"),
    "desk:directory": (gettext_lazy("Directory"), "note_answer"),
    "desk:hotline": (gettext_lazy("Take a call"), "take_call"),
    "desk:break_glass": (gettext_lazy("Emergency"), "break_glass"),
    "desk:alarms": (gettext_lazy("Alarms"), "review_alarm"),
    "desk:identities": (gettext_lazy("Identities"), "release_identity"),
    "desk:compare": (gettext_lazy("Compare law"), "see_queue"),
    "desk:known": (gettext_lazy("Is it known?"), "ask_registry"),
    "desk:replay": (gettext_lazy("Replay a reform"), "replay_reform"),
    "desk:trace_copy": (gettext_lazy("Which copy leaked?"), "trace_copy"),
    "desk:work": (gettext_lazy("Work given up"), "see_dead_jobs"),
    "desk:board": (gettext_lazy("Team board"), "see_board"),
}
KEYS = (
    (
        gettext_lazy("Anywhere"),
        (
            (("Ctrl", "K"), gettext_lazy("Go anywhere: a case, a link, a page")),
            (("/",), gettext_lazy("The same")),
            (("?",), gettext_lazy("Show these keys")),
            (("g", "q"), gettext_lazy("Go to the queue")),
            (("g", "c"), gettext_lazy("Go to the due dates")),
            (("g", "m"), gettext_lazy("Go to the mail")),
            (("g", "d"), gettext_lazy("Go to the directory")),
            (("Esc",), gettext_lazy("Close what opened")),
        ),
    ),
    (
        gettext_lazy("In the queue"),
        (
            (("j",), gettext_lazy("Down one case")),
            (("k",), gettext_lazy("Up one case")),
            (("o",), gettext_lazy("Open the case you are on; Enter does the same")),
            (("t",), gettext_lazy("Take the case you are on, or the one that is open")),
            (("n",), gettext_lazy("Take the next: the most urgent case with nobody")),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Found:
    """Somewhere to go. why: how it was found, empty for a page found by its name."""

    label: str | Promise
    url: str
    why: str | Promise = ""
    case: Case | None = None


@require_safe
@login_required
def show(request: HttpRequest) -> HttpResponse:
    """What a question leads to; as a fragment of a page where a script asks for it."""
    asked = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_QUESTION]
    found = find(asked, request.user)  # type: ignore[arg-type]
    template = "desk/search_found.html" if _wants_fragment(request) else "desk/search.html"
    response = render(request, template, {"asked": asked, "found": found, "most": MOST_CASES})
    patch_vary_headers(response, ("X-Requested-With",))
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def keys(request: HttpRequest) -> HttpResponse:
    """Which keys do what; posting switches single keys on or off for this browser."""
    if request.method == "POST":
        off = request.POST.get("single") == "off"
        messages.success(request, _("Single keys are off.") if off else _("Single keys are on."))
        response = redirect("desk:keys")
        keep_cookie(response, KEYS_COOKIE, "off" if off else "on")
        return response
    template = "desk/keys_list.html" if _wants_fragment(request) else "desk/keys.html"
    off = request.COOKIES.get(KEYS_COOKIE) == "off"
    response = render(request, template, {"groups": KEYS, "off": off})
    patch_vary_headers(response, ("X-Requested-With",))
    return response


def find(asked: str, member: Person) -> list[Found]:
    """Where a question leads, the surest first: reference, link, site, then pages. Only cases the member sees."""
    return [*_cases(asked, member), *_pages(asked, member)]


def read_reference(typed: str) -> str | None:
    """A case reference as people type it, in its one true form; null where it cannot be one."""
    code = _code(typed)
    code = code[2:] if code.startswith("HB") and len(code) == _REFERENCE_LENGTH + 2 else code
    return f"HB-{code.translate(_MISREAD)}" if len(code) == _REFERENCE_LENGTH else None


def _cases(asked: str, member: Person) -> list[Found]:
    found: dict[str, Found] = {}
    for why, cases in _questions(asked):
        for case in cases.filter(visible_cases(member, clock.now()))[:MOST_CASES]:
            address = reverse("desk:case", args=[case.reference])
            found.setdefault(address, Found(case.reference, address, why, case))
    return [*found.values(), *_step(asked, member)][:MOST_CASES]


def _questions(asked: str) -> list[tuple[str, QuerySet[Case]]]:
    """What may be asked of the store for what was typed; nothing where it cannot be a case's."""
    questions = []
    if reference := read_reference(asked):
        questions.append((_("its reference"), queries.cases_called(reference)))
    try:
        links = read_links(asked) if " " not in asked else ()
    except UnusableLink:
        links = ()
    for link in links[:1]:
        questions.append((_("posted at this link"), queries.cases_with_link(link)))
        questions.append((_("posted on this site"), queries.cases_on_host(host_of(link))))
    return questions


def _step(asked: str, member: Person) -> list[Found]:
    """The step that a letter of ours names, such as M-7KQ2M9XD40."""
    code = _code(asked)
    if not code.startswith("M") or len(code) != _STEP_LENGTH + 1:
        return []
    measure = platforms.measure_by_reference(f"M-{code[1:].translate(_MISREAD)}")
    if measure is None or not queries.is_among(measure.case, visible_cases(member, clock.now())):
        return []
    address = reverse("desk:step", args=[measure.case.reference, measure.pk])
    return [Found(str(measure.reference), address, _("a step of %(case)s") % {"case": measure.case})]


def _pages(asked: str, member: Person) -> list[Found]:
    wanted = asked.casefold()
    return [
        Found(label, reverse(name))
        for name, (label, action) in PAGES.items()
        if wanted in str(label).casefold() and may(member.role, action)
    ]


def _code(typed: str) -> str:
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def _wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == FRAGMENT
