"""The addressees' own systems: they read the notices sent to them and answer, with a key, as JSON.

A key opens what went out through the routes of its addressee and nothing else. Every refusal says what, where and what
to do; what is not theirs and what does not exist are told apart by nobody.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from habeas.journey import answers, reasons
from habeas.journey.reasons import Statement
from habeas.platforms import queries
from habeas.platforms.actions import NotOpen
from habeas.platforms.core.statement_of_reasons import NotAStatement
from habeas.remedies.core import letters
from habeas.remedies.core.states import NotPossible
from habeas.web.api.openapi import PARTNERS

MOST_BYTES = 100_000
MOST_KEY = 200
PAGE = 50
# Per key and minute.
MOST_REQUESTS = 300
_EVENTS = {
    "acknowledged": "acknowledge",
    "complied": "comply",
    "partly": "comply_partly",
    "refused": "refuse",
    "more_information": "ask_back",
}

_ANSWERS = {event: name for name, event in _EVENTS.items()}
# Grounds of a refusal, as the page behind the link offers them.
WHY = ("lawful", "expression", "not_found", "not_ours", "no_authority", "other")
_GROUND = re.compile(r"\[(\w+)\] ?")
LONGEST = 4000
LONGEST_CURSOR = 18

View = Callable[..., HttpResponse]


class _Unclear(ValueError):
    """What was sent cannot be read. where: the member, parameter or header; the message says what to do."""

    def __init__(self, where: str, sentence: str) -> None:
        super().__init__(sentence)
        self.where = where


def _partners_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        partner = queries.partner_of(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        if partner is None:
            sentence = "Send your key: Authorization: Bearer hbp_…. Write to us for one, or for another."
            refused = _refused(401, "no_key", sentence, where="Authorization")
            refused["WWW-Authenticate"] = "Bearer"
            return refused
        if not _has_room(partner.pk):
            slow = _refused(429, "too_many", f"More than {MOST_REQUESTS} requests in a minute. Wait a minute.")
            slow["Retry-After"] = "60"
            return slow
        return view(request, partner, *args, **kwargs)

    return guarded


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    return JsonResponse(PARTNERS)


@require_safe
@_partners_only
def notices(request: HttpRequest, partner: Any) -> HttpResponse:
    """The latest notices first; ``before`` is the cursor that the page before gave."""
    found = queries.notices_to(partner)
    try:
        if since := request.GET.get("since"):
            found = found.filter(sent_at__gte=_instant("since", since))
        if before := request.GET.get("before"):
            at, _, reference = before.partition("~")
            found = queries.notices_before(found, _instant("before", at), reference)
    except _Unclear as unclear:
        return _refused(400, "bad_parameter", str(unclear), where=unclear.where)
    page = queries.first_of(found, PAGE + 1)
    last = page[PAGE - 1] if len(page) > PAGE else None
    return JsonResponse(
        {
            "notices": [_summary(measure) for measure in page[:PAGE]],
            "next": f"{last.sent_at.isoformat()}~{last.reference}" if last and last.sent_at else None,
        }
    )


@require_safe
@_partners_only
def notice(request: HttpRequest, partner: Any, reference: str) -> HttpResponse:
    measure = queries.notice_to(partner, reference)
    if measure is None:
        return _no_such()
    try:
        seen = answers.notice_of(measure)
    except answers.NothingSent:
        return _no_such()
    return JsonResponse(
        {
            **_summary(measure),
            "language": seen.letter.language,
            "subject": letters.text(seen.letter).partition("\n")[0],
            "text": seen.text,
            "links": [
                each.text.strip("\u2068\u2069")
                for block in seen.letter.blocks
                for row in block.rows
                for each in row
                if each.style == "link" and each.text.strip("\u2068\u2069").startswith(("http://", "https://"))
            ],
            "answers": [_said(at, event, said) for at, event, said in seen.answers],
            "contest": _contest(measure),
        }
    )


@csrf_exempt
@require_POST
@_partners_only
def answer(request: HttpRequest, partner: Any, reference: str) -> HttpResponse:
    """Answer a notice. The same Idempotency-Key again is the same answer, once."""
    measure = queries.notice_to(partner, reference)
    if measure is None:
        return _no_such()
    try:
        told = _read(request)
        event, said = _answer_in(told)
        measure = answers.answer(measure.pk, event, said, by=f"partner/{partner.pk}", once=_once(request))  # type: ignore[arg-type]
    except _TooLarge as refusal:
        return _refused(413, "too_large", str(refusal))
    except _Unclear as unclear:
        return _refused(422, "not_an_answer", str(unclear), where=unclear.where)
    except answers.SaidOtherwise as refusal:
        return _refused(409, "key_used", str(refusal), where="Idempotency-Key")
    except NotPossible as refusal:
        return _refused(409, "not_possible", str(refusal), where="answer")
    return JsonResponse(_summary(measure))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_partners_only
def statements_on(request: HttpRequest, partner: Any, reference: str) -> HttpResponse:
    """The statements of reasons on one notice; posting gives one. The same PUID again is the same statement, once."""
    measure = queries.notice_to(partner, reference)
    if measure is None:
        return _no_such()
    if request.method != "POST":
        return _given(request, reasons.of(measure), None)
    try:
        kept = reasons.give(measure, _read(request), by=f"partner/{partner.pk}")
    except _TooLarge as refusal:
        return _refused(413, "too_large", str(refusal))
    except _Unclear as unclear:
        return _refused(422, "not_a_statement", str(unclear), where=unclear.where)
    except NotAStatement as refusal:
        first = refusal.problems[0]
        problems = [{"where": one.field, "message": one.says} for one in refusal.problems]
        return _refused(422, "not_a_statement", first.says, where=first.field, problems=problems)
    except NotOpen as refusal:
        return _refused(409, "puid_used", str(refusal), where="puid")
    return JsonResponse(_statement(kept), status=201)


@require_safe
@_partners_only
def statement(request: HttpRequest, partner: Any, reference: str, puid: str) -> HttpResponse:
    measure = queries.notice_to(partner, reference)
    if measure is None:
        return _no_such()
    found = [one for one in reasons.of(measure) if one.fields["puid"] == puid]
    if not found:
        return _refused(404, "no_such_statement", "No statement on this notice has that PUID.", where="puid")
    if request.GET.get("format") == "csv":
        return _given(request, found, None)
    return JsonResponse(_statement(found[0]))


@require_safe
@_partners_only
def statements(request: HttpRequest, partner: Any) -> HttpResponse:
    """All statements of a partner, the earliest first; ``after`` is the cursor that the page before gave."""
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) <= LONGEST_CURSOR):
        return _refused(400, "bad_parameter", "Take after from the page before: it stands in next.", where="after")
    given, following = reasons.given_by(partner, after=int(after), count=PAGE)
    return _given(request, given, following)


def _given(request: HttpRequest, given: list[Statement], following: int | None) -> HttpResponse:
    if request.GET.get("format") == "csv":
        answer = HttpResponse(reasons.table(given), content_type="text/csv; charset=utf-8")
        if following is not None:
            answer["Link"] = f'<{request.path}?format=csv&after={following}>; rel="next"'
        return answer
    told = [_statement(one) for one in given]
    return JsonResponse({"statements": told, "next": None if following is None else str(following)})


def _statement(one: Statement) -> dict[str, Any]:
    return {"reference": one.reference, "given_at": one.given_at.isoformat(), "statement": dict(one.fields)}


class _TooLarge(ValueError):
    """More than is read."""


def _read(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent. Raises _Unclear, _TooLarge."""
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise _TooLarge(f"At most {MOST_BYTES} bytes are read. Send less.")
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise _Unclear("body", "This is no JSON in UTF-8. Send one object; openapi.json says which.") from None
    if not isinstance(told, dict):
        raise _Unclear("body", "Send one JSON object; openapi.json says which.")
    return told


def _answer_in(told: dict[str, Any]) -> tuple[str, str]:
    """(the event, what is said with it) of an answer. Raises _Unclear."""
    given, words, why = told.get("answer"), told.get("words", ""), told.get("why")
    if not isinstance(given, str) or given not in _EVENTS:
        raise _Unclear("answer", f'Give "answer" as one of {", ".join(_EVENTS)}.')
    if not isinstance(words, str) or len(words) > LONGEST:
        raise _Unclear("words", f'Give the words of the answer as a text of up to {LONGEST} characters in "words".')
    if why is None:
        return _EVENTS[given], words
    if given != "refused" or why not in WHY:
        raise _Unclear("why", f'Give "why" with the answer refused only, as one of {", ".join(WHY)}.')
    return _EVENTS[given], f"[{why}] {words}".strip()


def _once(request: HttpRequest) -> str:
    """Raises _Unclear."""
    once = request.headers.get("Idempotency-Key", "")
    if len(once) > MOST_KEY:
        raise _Unclear("Idempotency-Key", f"Name an answer by at most {MOST_KEY} characters.")
    return once


def _said(at: datetime, event: str, said: str) -> dict[str, Any]:
    ground = _GROUND.match(said)
    why = ground[1] if ground and ground[1] in WHY else None
    words = said[ground.end() :] if ground and why else said
    return {"at": at.isoformat(), "answer": _ANSWERS.get(event, event), "why": why, "words": words}


def _contest(measure: Any) -> dict[str, Any]:
    """How a counter-notice stands: whether what was taken down may stand again, and why."""
    seen = answers.contest_of(measure)
    if seen is None:
        return {"state": "none", "decided_at": None, "reasons": ""}
    return {
        "state": seen.state,
        "decided_at": seen.decided_at.isoformat() if seen.decided_at else None,
        "reasons": seen.reasons,
    }


def _summary(measure: Any) -> dict[str, Any]:
    return {
        "reference": measure.reference,
        "state": measure.state,
        "sent_at": measure.sent_at.isoformat() if measure.sent_at else None,
        "due_at": measure.due_at.isoformat() if measure.due_at else None,
        "due_by_law": measure.due_by_law,
    }


def _has_room(partner: int) -> bool:
    key = f"partner-requests/{partner}"
    cache.add(key, 0, timeout=60)
    try:
        return cache.incr(key) <= MOST_REQUESTS
    except ValueError:
        return True  # the minute ended between the two


def _instant(where: str, text: str) -> datetime:
    """Raises _Unclear."""
    try:
        # A plus sign that was not escaped arrives as a space.
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        hint = "Take it as the page before gave it in next." if where == "before" else "Such as 2026-03-06T12:00:00Z."
        raise _Unclear(where, f"This is no ISO 8601 time with a zone. {hint}")
    return at


def _no_such() -> HttpResponse:
    sentence = "No notice with this reference was sent to you. Take it from our letter."
    return _refused(404, "no_such_notice", sentence, where="reference")


def _refused(status: int, code: str, sentence: str, *, where: str = "", **more: Any) -> HttpResponse:
    """What is wrong, where it stands and what to do."""
    return JsonResponse({"error": {"code": code, "where": where, "message": sentence, **more}}, status=status)
