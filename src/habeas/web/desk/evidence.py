"""The evidence of a case at the desk: what is sealed, who touched it, and opening it for a stated purpose."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from habeas.access import queries as access
from habeas.access.core.policy import may_act_for
from habeas.access.keys import KeyDestroyed
from habeas.cases import queries
from habeas.evidence import actions, watching
from habeas.evidence import queries as evidence
from habeas.evidence.actions import Reason
from habeas.evidence.copying import CARRIERS, CannotMark, NothingToTrace
from habeas.evidence.core.custody import BASES, PURPOSES, UnknownPurpose
from habeas.evidence.names import file_name
from habeas.evidence.redacting import OriginalDiffers
from habeas.evidence.store import ItemDamaged
from habeas.exposure import queries as exposure
from habeas.journey import capture, copies, redaction
from habeas.kernel import clock
from habeas.web.components.shapes import Event
from habeas.web.desk.case import find_case, frame, open_case, typed
from habeas.web.desk.gate import members_who_may
from habeas.web.desk.words import BASIS_WORDS, CUSTODY_WORDS, KIND_WORDS, PURPOSE_WORDS, WHOSE_WORDS

if TYPE_CHECKING:
    from habeas.cases.models import Case, Posting
    from habeas.evidence.models import CustodyEvent, Item

READ_PURPOSES = ("help", "assess", "remedy", "court", "authority", "review")
CAPTURE_PURPOSES = ("preserve", "court", "authority")
WATCH_HOURS = (1, 6, 24, 72, 168)
WATCH_DAYS = (7, 30, 90, 365)


@dataclass(frozen=True, slots=True)
class ItemRow:
    item: Item
    name: str
    stamps: list[tuple[str, str]]
    carries_marks: bool
    redacts: str
    hidden: list[tuple[redaction.Found, str, str]]
    shown: list[tuple[redaction.Found, str, str]]


@dataclass(frozen=True, slots=True)
class PageRow:
    posting: Posting
    link: str
    latest: Item | None
    captures: int


@require_safe
@members_who_may("open_case")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    case = open_case(request, reference, "evidence")
    events = evidence.custody_of(case)
    names = access.names_of(event.by for event in events)
    context = {
        **frame(case, "evidence"),
        "items": _items(case),
        "pages": _pages(case),
        "events": [_event(event, names) for event in reversed(events)],
        "gaps": evidence.custody_gaps(events),
        "read_purposes": [
            (code, PURPOSE_WORDS[code])
            for code in READ_PURPOSES
            if may_act_for(request.user.role, code)  # type: ignore[union-attr]
        ],
        "capture_purposes": [(code, PURPOSE_WORDS[code]) for code in CAPTURE_PURPOSES],
        "bases": list(BASIS_WORDS.items()),
        "watch_hours": WATCH_HOURS,
        "watch_days": WATCH_DAYS,
    }
    return render(request, "desk/evidence.html", context)


@require_POST
@members_who_may("read_item")
def open_item(request: HttpRequest, reference: str, item_id: str) -> HttpResponse:
    """The original, as a file to save: never shown in the page, where it could run or load something."""
    case = find_case(reference)
    item = _item(case, item_id)
    try:
        content = actions.read(item, reason_of(request), by=request.user, at=clock.now())  # type: ignore[arg-type]
    except (UnknownPurpose, evidence.NotHeld, ItemDamaged, KeyDestroyed) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:evidence", case.reference)
    answer = HttpResponse(content, content_type="application/octet-stream")
    name = file_name(evidence.name_of(item), item.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_POST
@members_who_may("read_item")
def redact_item(request: HttpRequest, reference: str, item_id: str) -> HttpResponse:
    """A copy with what was found about people hidden; it proves to be the original's. It stands among the items."""
    case = find_case(reference)
    item = _item(case, item_id)
    try:
        boxes = _boxes(typed(request, "boxes"))
        made = redaction.redact(
            item,
            reason_of(request),
            by=request.user,  # type: ignore[arg-type]
            show=_places(item, request.POST.getlist("show")),
            spans=_places(item, request.POST.getlist("hide")),
            boxes=boxes,
        )
    except (redaction.NotRedacted, UnknownPurpose, evidence.NotHeld, ItemDamaged, OriginalDiffers) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("%(hidden)d of %(units)d parts are hidden. The copy stands below, sealed.")
            % {"hidden": made.hidden, "units": made.units},
        )
    return redirect("desk:evidence", case.reference)


@require_POST
@members_who_may("mark_copy")
def mark_copy(request: HttpRequest, reference: str, item_id: str) -> HttpResponse:
    """A copy for one recipient, with marks that name it if it leaks."""
    case = find_case(reference)
    item, recipient = _item(case, item_id), typed(request, "recipient").strip()
    if not recipient:
        messages.error(request, _("Say which authority or organisation the copy is for."))
        return redirect("desk:evidence", case.reference)
    try:
        made = copies.mark(item, recipient, reason_of(request), by=request.user)  # type: ignore[arg-type]
    except (CannotMark, UnknownPurpose, evidence.NotHeld, ItemDamaged) as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:evidence", case.reference)
    answer = HttpResponse(made.content, content_type="application/octet-stream")
    name = file_name(f"copy-{str(made.copy.pk)[:8]}-{evidence.name_of(item)}", item.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("trace_copy")
def trace_copy(request: HttpRequest) -> HttpResponse:
    """Which copy a leaked file was made from. Nothing of the file is kept."""
    if request.method != "POST":
        return render(request, "desk/trace.html", {})
    file = request.FILES.get("leaked")
    if file is None:
        return render(request, "desk/trace.html", {"trouble": _("Choose the leaked file first.")}, status=422)
    try:
        found = copies.trace(file.read(), file.name or "", by=request.user)  # type: ignore[arg-type]
    except (ValueError, NothingToTrace) as refusal:
        # What cannot be compared says so in a ValueError of its own, whose module needs numpy.
        return render(request, "desk/trace.html", {"trouble": str(refusal)}, status=422)
    return render(request, "desk/trace.html", {"found": found})


@require_POST
@members_who_may("capture_page")
def capture_page(request: HttpRequest, reference: str, posting_id: int) -> HttpResponse:
    """Ask for a capture now, or for one every so often."""
    case = find_case(reference)
    posting = find_posting(case, posting_id)
    try:
        if request.POST.get("what") == "end":
            ended = watching.end_watch(posting, by=request.user, at=clock.now())  # type: ignore[arg-type]
            said = _("The page is not captured again.") if ended else _("Nothing was set to end.")
        elif request.POST.get("what") == "watch":
            hours, days = int(request.POST.get("hours", "")), int(request.POST.get("days", ""))
            until = clock.now() + timedelta(days=days)
            watching.watch(posting, hours, until, by=request.user, at=clock.now())  # type: ignore[arg-type]
            said = _("The page is captured again and again until then. What changes shows here.")
        else:
            only_hashes = request.POST.get("hash_only") == "yes"
            capture.ask_for_capture(case, posting.pk, reason_of(request), hash_only=only_hashes, by=request.user)  # type: ignore[arg-type]
            said = _("The page is being captured. It shows here within a minute.")
    except (UnknownPurpose, watching.NoSuchRhythm, OverflowError, ValueError) as refusal:
        own_words = isinstance(refusal, UnknownPurpose | watching.NoSuchRhythm)
        messages.error(request, str(refusal) if own_words else _("Choose how often and for how long."))
    else:
        messages.success(request, said)
    return redirect("desk:evidence", case.reference)


def reason_of(request: HttpRequest) -> Reason:
    """Purpose and basis as chosen in a form."""
    return Reason(request.POST.get("purpose", ""), request.POST.get("basis", ""))


def find_posting(case: Case, posting_id: int) -> Posting:
    from django.core.exceptions import ObjectDoesNotExist

    try:
        return queries.posting_of(case, posting_id)
    except ObjectDoesNotExist as error:
        raise Http404(f"no posting {posting_id} in {case}") from error


def _item(case: Case, item_id: str) -> Item:
    from django.core.exceptions import ObjectDoesNotExist, ValidationError

    try:
        return evidence.item_of(case, item_id)
    except (ObjectDoesNotExist, ValidationError) as error:
        raise Http404(f"no such item in {case}") from error


def _items(case: Case) -> list[ItemRow]:
    rows = []
    found = {read.reading.source: read for read in exposure.readings_of(case)}
    for item, name in evidence.items_of(case):
        stamps = [(stamp.authority, stamp.state) for stamp in item.stamps.order_by("authority")]
        read = found.get(str(item.pk))
        told = (
            [(one, str(KIND_WORDS[one.kind]), str(WHOSE_WORDS[one.whose])) for one in redaction.found_in(read)]
            if read
            else []
        )
        rows.append(
            ItemRow(
                item,
                name,
                stamps,
                carries_marks=bool(item.stored_as) and item.media_type in CARRIERS,
                redacts=_redacts(item, has_text=read is not None and bool(read.text)),
                hidden=[row for row in told if row[0].hidden],
                shown=[row for row in told if not row[0].hidden],
            )
        )
    return rows


def _redacts(item: Item, *, has_text: bool) -> str:
    """How a redacted copy of an item is made: text, picture, or "" where none can be."""
    if not item.stored_as or item.kind == "redacted":
        return ""
    return "picture" if item.media_type.startswith("image/") else "text" if has_text else ""


def _places(item: Item, names: list[str]) -> list[tuple[int, int]]:
    """Where what was ticked stands in a text. Raises NotRedacted where it is not there any more."""
    if not names:
        return []
    known = {one.name: one.spans for one in redaction.found_in_item(item)}
    if not known.keys() >= set(names):
        raise redaction.NotRedacted(_("What was found has changed since you opened this page. Nothing was made."))
    return [span for name in names for span in known[name]]


def _boxes(told: str) -> list[tuple[int, int, int, int]]:
    """What is typed as places in a picture: x, y, width, height, one place a line. Raises NotRedacted."""
    boxes = []
    for line in filter(None, (line.strip() for line in told.splitlines())):
        numbers = re.split(r"[\s,;x×]+", line)
        if len(numbers) != 4 or not all(number.isascii() and number.isdigit() for number in numbers):
            raise redaction.NotRedacted(_("Each line is one place: four numbers, such as 40, 120, 300, 24."))
        x, y, width, height = (int(number) for number in numbers)
        boxes.append((x, y, width, height))
    return boxes


def _pages(case: Case) -> list[PageRow]:
    return [
        PageRow(posting, link, evidence.latest_capture(posting), posting.items.count())
        for posting, link in queries.links_of(case)
    ]


def _event(event: CustodyEvent, names: dict[str, str]) -> Event:
    title, icon = CUSTODY_WORDS[event.kind]
    who = names.get(event.by, event.by)
    said = _("%(purpose)s; basis: %(basis)s; entry %(index)d of the log") % {
        "purpose": PURPOSE_WORDS.get(event.purpose, PURPOSES.get(event.purpose, event.purpose)),
        "basis": BASIS_WORDS.get(event.basis, BASES.get(event.basis, event.basis)),
        "index": event.ledger_index,
    }
    return Event(event.at, title, who=f"{who}. {said}", icon=icon)
