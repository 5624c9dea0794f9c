"""Passing evidence on at the desk: an encrypted bundle, or a hand-over with conditions and signed answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from habeas.access import actions as access
from habeas.evidence import handing_over
from habeas.evidence import queries as evidence
from habeas.evidence.core.answers import MOST_BYTES, AnswerRefused
from habeas.evidence.core.custody import UnknownPurpose
from habeas.evidence.store import ItemDamaged
from habeas.journey import bundle
from habeas.kernel import clock
from habeas.web.desk.case import find_case, frame, open_case, typed
from habeas.web.desk.evidence import reason_of
from habeas.web.desk.gate import members_who_may
from habeas.web.desk.words import BASIS_WORDS, PURPOSE_WORDS

if TYPE_CHECKING:
    from habeas.cases.models import Case
    from habeas.evidence.models import HandOver

PURPOSES = ("court", "authority", "partner")
# Implementing Regulation (EU) 2025/1550: a package is available for 10 to 45 days.
DAYS = (10, 20, 30, 45)
# What can be done next with a hand-over in each state.
NEXT = {
    "offered": ("offer", "package", "answer", "recall"),
    "accepted": ("package", "key", "receipt", "return", "recall"),
    "received": ("return", "recall"),
    "recalled": ("return",),
    "refused": (),
    "returned": (),
}
REFUSALS = (
    AnswerRefused,
    UnknownPurpose,
    access.NotAllowed,
    bundle.NothingToPassOn,
    handing_over.BadRecipient,
    handing_over.WrongMoment,
    ItemDamaged,
)


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("hand_over")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """The hand-overs of a case, and the form for a bundle or an offer."""
    if request.method == "POST":
        return _make(request, reference)
    case = open_case(request, reference, "pass on")
    return render(request, "desk/pass_on.html", _context(case))


@require_POST
@members_who_may("hand_over")
def step(request: HttpRequest, reference: str, handover_id: str) -> HttpResponse:
    """One step of a hand-over: give out a file, or take in what the recipient signed."""
    case = find_case(reference)
    handover = case.handovers.select_related("case__key").filter(pk=handover_id).first()
    if handover is None:
        raise Http404(f"no such hand-over in {case}")
    what = request.POST.get("what", "")
    try:
        if what in _FILES:
            name, media_type, content = _FILES[what](handover, request)
            return _file(content, name, media_type)
        if what not in _STEPS:
            messages.error(request, _("Press one of the buttons of the hand-over."))
        else:
            messages.success(request, _STEPS[what](handover, request))
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    return redirect("desk:pass_on", case.reference)


def _make(request: HttpRequest, reference: str) -> HttpResponse:
    case = find_case(reference)
    reason = reason_of(request)
    items = request.POST.getlist("item")
    member: Any = request.user
    try:
        if request.POST.get("what") == "bundle":
            recipient = typed(request, "age_recipient").strip()
            content = bundle.export_encrypted(case, items, reason, [recipient], by=member)
            return _file(content, f"{case.reference}.tar.age", "application/octet-stream")
        recipient_keys = handing_over.read_recipient(
            typed(request, "recipient"), typed(request, "signing_key").strip(), typed(request, "age_recipient").strip()
        )
        days = int(request.POST.get("days", ""))
        bundle.offer(case, items, recipient_keys, typed(request, "conditions"), reason, days=days, by=member)
    except REFUSALS as refusal:
        messages.error(request, str(refusal))
    except ValueError:
        messages.error(request, _("Choose for how many days the package is available."))
    else:
        messages.success(
            request, _("Offered. Send the offer and the package; the key follows once they have accepted.")
        )
    return redirect("desk:pass_on", case.reference)


def _context(case: Case) -> dict[str, Any]:
    rows = [{"handover": one, "next": NEXT[one.state], "items": one.items.count()} for one in case.handovers.all()]
    return {
        **frame(case, "evidence"),
        "rows": rows,
        "items": evidence.items_of(case),
        "purposes": [(code, PURPOSE_WORDS[code]) for code in PURPOSES],
        "bases": list(BASIS_WORDS.items()),
        "days": DAYS,
    }


def _signed(request: HttpRequest) -> bytes:
    file = request.FILES.get("signed")
    if file is None:
        raise AnswerRefused(_("Choose the file that the recipient signed."))
    return file.read(MOST_BYTES + 1)


def _answer(handover: HandOver, request: HttpRequest) -> str:
    member: Any = request.user
    taken = handing_over.take_answer(handover, _signed(request), by=member, at=clock.now())
    return _("The answer is taken: %(state)s.") % {"state": taken.get_state_display().lower()}


def _receipt(handover: HandOver, request: HttpRequest) -> str:
    member: Any = request.user
    handing_over.take_receipt(handover, _signed(request), by=member, at=clock.now())
    return _("The receipt is taken. The hand-over is complete.")


def _return(handover: HandOver, request: HttpRequest) -> str:
    member: Any = request.user
    handing_over.take_return(handover, _signed(request), by=member, at=clock.now())
    return _("Taken: their copy is gone, and they have signed it.")


def _recall(handover: HandOver, request: HttpRequest) -> str:
    member: Any = request.user
    handing_over.recall(handover, by=member, at=clock.now())
    return _("Recalled. What was not accepted can never be opened; for the rest, ask for their signed word.")


def _key(handover: HandOver, request: HttpRequest) -> tuple[str, str, bytes]:
    member: Any = request.user
    key = handing_over.key_for(handover, by=member, at=clock.now())
    return f"{handover.pk}.key.age", "application/octet-stream", key


_STEPS = {"answer": _answer, "receipt": _receipt, "return": _return, "recall": _recall}
_FILES = {
    "offer": lambda handover, _request: (
        f"{handover.pk}.offer.json",
        "application/json",
        handing_over.offer_file(handover),
    ),
    "package": lambda handover, _request: (
        f"{handover.pk}.tar.age",
        "application/octet-stream",
        handing_over.package_of(handover),
    ),
    "key": _key,
}


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
