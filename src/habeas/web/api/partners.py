"""The addressees' own systems: they read the notices sent to them and answer, with a key, as JSON.

A key opens what went out through the routes of its addressee and nothing else. Every refusal says what, where and what
to do; what is not theirs and what does not exist are told apart by nobody.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from habeas.journey import answers
from habeas.platforms import queries
from habeas.remedies.core import letters
from habeas.remedies.core.states import NotPossible
from habeas.web.api.openapi import PARTNERS

MOST_BYTES = 100_000
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

View = Callable[..., HttpResponse]


def _partners_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        partner = queries.partner_of(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        if partner is None:
            refused = _refused(401, "no_key", "Send your key: Authorization: Bearer hbp_…. A lead here makes one.")
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
            found = found.filter(sent_at__gte=_instant(since))
        if before := request.GET.get("before"):
            at, _, reference = before.partition("~")
            found = queries.notices_before(found, _instant(at), reference)
    except ValueError:
        return _refused(400, "bad_parameter", "since and before are ISO 8601 times; take before from the page before.")
    page = list(found[: PAGE + 1])
    more = len(page) > PAGE
    last = page[PAGE - 1] if more else None
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
        return _no_such(reference)
    try:
        seen = answers.notice_of(measure)
    except answers.NothingSent:
        return _no_such(reference)
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
            "answers": [
                {"at": at.isoformat(), "answer": _ANSWERS.get(event, event), "words": said}
                for at, event, said in seen.answers
            ],
        }
    )


@csrf_exempt
@require_POST
@_partners_only
def answer(request: HttpRequest, partner: Any, reference: str) -> HttpResponse:
    """Answer a notice. The same Idempotency-Key again is the same answer, once."""
    measure = queries.notice_to(partner, reference)
    if measure is None:
        return _no_such(reference)
    body = request.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        return _refused(413, "too_large", f"At most {MOST_BYTES} bytes are read.")
    try:
        told = json.loads(body)
        event, words = _EVENTS[told["answer"]], told.get("words", "")
        if not isinstance(words, str) or len(words) > 4000:
            raise ValueError
    except (ValueError, KeyError, TypeError, RecursionError):
        return _refused(
            422, "not_an_answer", f'Send {{"answer": one of {", ".join(_EVENTS)}, "words": up to 4000 characters}}.'
        )
    key = request.headers.get("Idempotency-Key", "")[:200]
    done = f"partner-answer/{partner.pk}/{measure.pk}/{key}"
    if not key or cache.add(done, 1, timeout=86_400):
        try:
            measure = answers.answer(measure.pk, event, words, by=f"partner/{partner.pk}")  # type: ignore[arg-type]
        except NotPossible as refusal:
            cache.delete(done)
            return _refused(409, "not_possible", str(refusal))
    return JsonResponse(_summary(measure), status=200)


_ANSWERS = {event: name for name, event in _EVENTS.items()}


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


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text.replace(" ", "+"))
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at


def _no_such(reference: str) -> HttpResponse:
    return _refused(404, "no_such_notice", "No notice with this reference was sent to you. Take it from our letter.")


def _refused(status: int, code: str, sentence: str) -> HttpResponse:
    return JsonResponse({"error": {"code": code, "message": sentence}}, status=status)
