"""One step of the plan at the desk: its consent, its letter, how it goes, what came back, what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from habeas.access import queries as access
from habeas.cases import queries as cases
from habeas.journey import answers, letters, sending
from habeas.journey import report as journey
from habeas.kernel import clock
from habeas.platforms import actions as platforms_actions
from habeas.platforms import queries as platforms
from habeas.platforms import ways
from habeas.remedies import consents, progress, wording
from habeas.remedies import queries as remedies
from habeas.remedies.core import letters as letter_core
from habeas.remedies.core.catalogue import catalogue
from habeas.remedies.core.letters import NoLetter, ShowsPersonalData
from habeas.remedies.core.states import NotPossible
from habeas.web.components.shapes import Event
from habeas.web.desk.case import find_case, frame, open_case, typed
from habeas.web.desk.gate import members_who_may
from habeas.web.desk.plan import addressee_words, clock_words
from habeas.web.desk.words import MEASURE_EVENT_WORDS, PHASE_WORDS

if TYPE_CHECKING:
    from habeas.cases.models import Case
    from habeas.platforms.models import Dispatch
    from habeas.remedies.core.letters import Block, Letter
    from habeas.remedies.models import Measure

MOST_PROOF = 10_000_000
PROOF_TYPES = frozenset({"image/png", "image/jpeg", "application/pdf", "text/plain", "message/rfc822"})
ANSWER_WORDS = {
    "acknowledge": gettext_lazy("They have it"),
    "ask_back": gettext_lazy("They ask for more"),
    "comply": gettext_lazy("They did it"),
    "comply_partly": gettext_lazy("They did part of it"),
    "refuse": gettext_lazy("They refuse"),
}
BY_HAND_WORDS = {
    "web_form": gettext_lazy("Their form on the web"),
    "portal": gettext_lazy("A portal of theirs"),
    "post": gettext_lazy("By post"),
    "in_person": gettext_lazy("In person"),
}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One block of a letter on the page. number: its place, counted from 1, by which it is edited."""

    number: int
    block: Block
    lines: list[str]


@dataclass(frozen=True, slots=True)
class DispatchRow:
    dispatch: Dispatch
    way: str


@require_safe
@members_who_may("open_case")
def show(request: HttpRequest, reference: str, measure_id: int) -> HttpResponse:
    case = open_case(request, reference, "plan")
    measure = _measure(case, measure_id)
    planned = measure.planned
    asked = _language(request)
    context = {
        **frame(case, "plan"),
        "measure": measure,
        "planned": planned,
        "phase": PHASE_WORDS[measure.phase],
        "addressee": addressee_words(planned["addressee"]),
        "clock_text": clock_words(planned["clock"]),
        "harm_since": _harm_since(case),
        "consent": consents.standing_in(case).get(measure.key),
        "events": _events(measure),
        "dispatches": [DispatchRow(one, _way(one.channel)) for one in platforms.dispatches_of(measure)],
        "incoming": measure.incoming.order_by("-pk"),
        "rechecks": measure.rechecks.all(),
        "contest": platforms.contests_of(measure).filter(decided_at=None).first(),
        "answers": list(ANSWER_WORDS.items()),
        "may_answer": measure.sent_at is not None and measure.state not in {"contested", "withdrawn", "drafted"},
        "may_go_on": measure.state in {"refused", "overdue", "partly", "stopped"},
        "may_ask_again": measure.state in {"refused", "overdue", "partly"},
        "next_rungs": _next_rungs(measure),
        "order_clock": planned["clock"]["starts"] == "on_order" and measure.sent_at and not measure.clock_from,
    }
    context |= _letter(measure, asked)
    if measure.state in {"approved", "stopped"}:
        context |= _going(measure)
    return render(request, "desk/step.html", context)


@require_safe
@members_who_may("open_case")
def letter_pdf(request: HttpRequest, reference: str, measure_id: int) -> HttpResponse:
    """The letter as it would be printed today, or as it was sent."""
    from habeas.remedies.typesetting import letter_pdf as typeset

    case = open_case(request, reference, "plan")
    measure = _measure(case, measure_id)
    written = letters.letter_of(measure, _language(request))
    if written is None:
        raise Http404("this step has no letter")
    try:
        content = typeset(written.letter, at=written.version.made_at if written.version else clock.now())
    except letter_core.NotFilled as refusal:
        messages.error(request, str(refusal))
        return redirect("desk:step", case.reference, measure.pk)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{measure.reference}.pdf"'
    return answer


@require_POST
@members_who_may("open_case")
def act(request: HttpRequest, reference: str, measure_id: int) -> HttpResponse:
    """Do one thing with a step: what, stands in ``do``."""
    case = find_case(reference)
    measure = _measure(case, measure_id)
    do = _DOES.get(request.POST.get("do", ""))
    if do is None:
        raise Http404("no such thing to do with a step")
    try:
        said = do(request, measure)
    except sending.CannotGo as refusal:
        for one in refusal.obstacles:
            messages.error(request, f"{one.says} {one.next_step}")
    except _REFUSALS as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("desk:step", case.reference, measure.pk)


_REFUSALS = (
    NotPossible,
    NoLetter,
    ShowsPersonalData,
    wording.EditedMeanwhile,
    wording.NotEditable,
    letter_core.NotEditable,
    platforms_actions.OnItsWay,
    ValueError,
)


def _note_consent(request: HttpRequest, measure: Measure) -> str:
    given, basis = request.POST.get("given") == "yes", typed(request, "basis").strip()
    if not basis:
        raise NotPossible(_("Say how they told you: on the phone, in writing, face to face."))
    by = request.user
    consents.say(measure.case, measure.key, given=given, by=by, basis=basis, at=clock.now())  # type: ignore[arg-type]
    journey.reassess(measure.case, "the person said yes or no to a step")
    return _("Noted.") if given else _("Noted. The step leaves the plan.")


def _fill(request: HttpRequest, measure: Measure) -> str:
    letters.draft(measure, typed(request, "language"), based_on=_based_on(request), by=request.user)  # type: ignore[arg-type]
    return _("The letter is filled from the facts of today. What people wrote in it stayed.")


def _edit(request: HttpRequest, measure: Measure) -> str:
    number, words = _number(request, "block"), typed(request, "words")
    letters.edit(measure, number, words, based_on=_based_on(request), by=request.user)  # type: ignore[arg-type]
    return _("Saved as a new version.")


def _send(request: HttpRequest, measure: Measure) -> str:
    way = typed(request, "way")
    found = platforms.addressee_of(measure)
    route = None
    if way.startswith("route-") and found is not None:
        routes = {f"route-{one.pk}": one for one in platforms.routes_to(found, measure.planned["remedy"])}
        route = routes.get(way)
    if route is not None:
        channel, settings = route.channel, route.settings
    elif way == "email":
        channel, settings = "email", {"address": typed(request, "address").strip()}
    elif ways.is_by_hand(way):
        channel, settings = way, {}
    else:
        raise NotPossible(_("Choose how the letter goes."))
    sending.send(measure, channel, settings, route=route, by=request.user)  # type: ignore[arg-type]
    if ways.is_by_hand(channel):
        return _("File it now, then come back and note the number you were given, or a picture of the page.")
    return _("It is on its way. This page says when it was taken.")


def _filed(request: HttpRequest, measure: Measure) -> str:
    waiting = platforms.dispatches_of(measure).filter(state="by_hand").first()
    if waiting is None:
        raise NotPossible(_("Nothing waits to be filed."))
    proof = request.FILES.get("proof")
    content, kind = b"", ""
    if proof is not None:
        if (proof.size or 0) > MOST_PROOF or proof.content_type not in PROOF_TYPES:
            raise NotPossible(_("The proof is a picture, a PDF or a mail of up to 10 MB."))
        content, kind = proof.read(), str(proof.content_type)
    sending.note_filed(waiting, typed(request, "number"), content, kind, by=request.user)  # type: ignore[arg-type]
    return _("Noted as sent. Its clock runs.")


def _take_back(request: HttpRequest, measure: Measure) -> str:
    for waiting in platforms.dispatches_of(measure).filter(state__in=["queued", "by_hand"]):
        sending.take_back(waiting, by=request.user)  # type: ignore[arg-type]
    return _("Taken back. The step stays approved.")


def _answer(request: HttpRequest, measure: Measure) -> str:
    event = request.POST.get("event", "")
    if event not in ANSWER_WORDS:
        raise NotPossible(_("Choose what they answered."))
    by = request.user.pk
    answers.answer(measure.pk, event, typed(request, "says"), by=by)  # type: ignore[arg-type]
    if event in {"comply", "comply_partly"}:
        return _("Noted. The pages are captured again, soon and later, to see whether it is so.")
    return _("Noted.")


def _escalate(request: HttpRequest, measure: Measure) -> str:
    progress.escalate(measure.pk, typed(request, "reason"), by=request.user, at=clock.now())  # type: ignore[arg-type]
    journey.reassess(measure.case, "a step was taken further")
    return _("Taken further. What comes next stands in the plan.")


def _ask_again(request: HttpRequest, measure: Measure) -> str:
    progress.ask_again(measure.pk, typed(request, "reason"), by=request.user, at=clock.now())  # type: ignore[arg-type]
    return _("A draft again. Read the letter, then approve it.")


def _start_clock(request: HttpRequest, measure: Measure) -> str:
    when = parse_datetime(typed(request, "when"))
    if when is None or (aware := make_aware(when) if is_naive(when) else when) > clock.now():
        raise NotPossible(_("Say when it was: a day and a time that has passed."))
    progress.start_clock(measure.pk, aware, by=request.user, at=clock.now())  # type: ignore[arg-type]
    return _("The clock runs from then.")


def _mine(request: HttpRequest, measure: Measure) -> str:
    progress.take_over(measure.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
    return _("You answer for this step now.")


_DOES: dict[str, Callable[[HttpRequest, Any], str]] = {
    "consent": _note_consent,
    "fill": _fill,
    "edit": _edit,
    "send": _send,
    "filed": _filed,
    "take_back": _take_back,
    "answer": _answer,
    "escalate": _escalate,
    "ask_again": _ask_again,
    "start_clock": _start_clock,
    "mine": _mine,
}


def _letter(measure: Measure, language: str | None) -> dict[str, Any]:
    try:
        written = letters.letter_of(measure, language)
    except ShowsPersonalData as refusal:
        return {"letter": None, "letter_trouble": str(refusal)}
    if written is None:
        return {"letter": None}
    versions = list(measure.letters.all())
    before = versions[-2] if written.version is not None and len(versions) > 1 else None
    changes = []
    if before is not None and before.language == written.language:
        changes = [
            change
            for change in letter_core.difference(letter_core.from_data(wording.read(before)), written.letter)
            if change.change != "same"
        ]
    return {
        "letter": written.letter,
        "paragraphs": _paragraphs(written.letter),
        "version": written.version,
        "versions": versions,
        "changes": changes,
        "language": written.language,
        "languages": written.languages,
        "may_write": measure.state in {"drafted", "approved", "stopped"},
    }


def _paragraphs(letter: Letter) -> list[Paragraph]:
    return [Paragraph(number, block, block.text.split("\n")) for number, block in enumerate(letter.blocks, start=1)]


def _going(measure: Measure) -> dict[str, Any]:
    found = platforms.addressee_of(measure)
    return {
        "obstacles": sending.obstacles(measure),
        "known_as": found,
        "routes": [
            (one, _way(one.channel), one.settings.get("address", one.note))
            for one in (platforms.routes_to(found, measure.planned["remedy"]) if found else [])
        ],
        "by_hand": list(BY_HAND_WORDS.items()),
        "waiting": platforms.dispatches_of(measure).filter(state__in=["queued", "by_hand"]).first(),
    }


def _way(channel: str) -> str:
    return str(BY_HAND_WORDS.get(channel) or {"email": _("E-mail")}.get(channel, channel.replace("_", " ")))


def _next_rungs(measure: Measure) -> list[str]:
    """What the catalogue says comes after silence or a refusal, in words."""
    entry = catalogue().get(measure.planned["remedy"])
    if entry is None:
        return []
    steps = dict.fromkeys(step for answer, step in entry.follows if answer in _FOLLOWS.get(measure.state, ()))
    return [catalogue()[step].title if " " not in step else step for step in steps]


_FOLLOWS = {"overdue": ("silence",), "refused": ("refusal",), "partly": ("partial",), "stopped": ("silence",)}


def _events(measure: Measure) -> list[Event]:
    found = remedies.events_of(measure)
    names = access.names_of(event.by for event, _ in found)
    return [
        Event(
            at=event.at,
            title=MEASURE_EVENT_WORDS[event.event][0],
            icon=MEASURE_EVENT_WORDS[event.event][1],
            text=said,
            who=names.get(event.by, _BY_WORDS.get(event.by.partition("/")[0], "")),
        )
        for event, said in reversed(found)
    ]


_BY_WORDS = {
    "clock": gettext_lazy("the clock"),
    "addressee": gettext_lazy("the addressee"),
    "partner": gettext_lazy("the addressee’s system"),
    "poster": gettext_lazy("whoever posted it"),
    "mail": gettext_lazy("the mail"),
    "worker": gettext_lazy("the worker"),
    "look": gettext_lazy("a look at the page"),
    "plan": gettext_lazy("the plan"),
}


def _harm_since(case: Case) -> datetime:
    """Since when it has been there for all to see, as far as anybody said."""
    first = min((posting.reported_at for posting, _ in cases.links_of(case)), default=case.opened_at)
    if case.posted_on is None:
        return first
    return min(first, datetime.combine(case.posted_on, time(), UTC))


def _measure(case: Case, measure_id: int) -> Measure:
    found = remedies.measures_of(case).select_related("case__key", "owner").filter(pk=measure_id).first()
    if found is None:
        raise Http404(f"no step {measure_id} in {case}")
    return found


def _language(request: HttpRequest) -> str | None:
    return request.GET.get("language") or None


def _based_on(request: HttpRequest) -> int:
    return _number(request, "based_on")


def _number(request: HttpRequest, name: str) -> int:
    try:
        return int(request.POST.get(name, ""))
    except ValueError:
        raise Http404(f"{name} is no number") from None
