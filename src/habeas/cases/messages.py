"""Words between the person and the desk, and how the person found it. Sealed like everything of the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases.actions import hold
from habeas.cases.core.survey import ANSWERS, ITEMS
from habeas.cases.models import Case, Message, Rating
from habeas.ledger import actions as ledger

LONGEST = 5_000
# A flood from one receipt would bury what matters; who has more to say than this calls the helpline.
MOST_UNREAD = 50


class NotSaid(ValueError):
    """The message was not kept. The message says why."""


@dataclass(frozen=True, slots=True)
class Said:
    """by_person: whether the person wrote it, else somebody at the desk; read_at: when the other side first saw it"""

    id: int
    text: str
    by_person: bool
    written_at: datetime
    read_at: datetime | None


@transaction.atomic
def write(case: Case, text: str, *, by: Person | None, at: datetime) -> Message:
    """by: a member of the desk, or null for the person. Raises NotSaid, NotAllowed, KeyDestroyed."""
    if by is not None:
        access.require(by, "write_to_person")
    case = hold(case)
    words = text.strip()
    if not words:
        raise NotSaid("There is nothing in it yet.")
    if len(words) > LONGEST:
        raise NotSaid(f"At most {LONGEST} letters and signs go at once.")
    if by is None and case.messages.filter(member=None, read_at=None).count() >= MOST_UNREAD:
        raise NotSaid("There are many messages that nobody has read yet. Call the helpline if it cannot wait.")
    message = Message(case=case, member=by, written_at=at)
    message.sealed = b""
    message.save()
    message.sealed = keys.seal(case.key, words, _context(message))
    message.save(update_fields=["sealed"])
    ledger.append("message.written", by=by.pk if by else "receipt", at=at, case=case.pk, message=message.pk)
    return message


@transaction.atomic
def read(case: Case, *, by: Person | None, at: datetime) -> list[Said]:
    """All messages of a case, oldest first; what the reader had not seen is noted as seen.

    by: a member of the desk, or null for the person. Raises NotAllowed, KeyDestroyed.
    """
    if by is not None:
        access.require(by, "open_case")
    found = list(case.messages.select_related("case__key"))
    fresh = [one for one in found if one.read_at is None and (one.member_id is None) is (by is not None)]
    if fresh:
        Message.objects.filter(pk__in=[one.pk for one in fresh], read_at=None).update(read_at=at)
        ledger.append("messages.read", by=by.pk if by else "receipt", at=at, case=case.pk, count=len(fresh))
    return [
        Said(
            one.pk,
            keys.unseal(case.key, one.sealed, _context(one)).decode(),
            one.member_id is None,
            one.written_at,
            one.read_at,
        )
        for one in found
    ]


def unread(case: Case, *, by_person: bool) -> int:
    """How many messages of the person (or of the desk) the other side has not seen."""
    return case.messages.filter(member__isnull=by_person, read_at=None).count()


def last_unseen_by_person(case: Case) -> datetime | None:
    """When the desk wrote what the person has not seen yet, the latest; null where there is nothing."""
    found = case.messages.filter(member__isnull=False, read_at=None).order_by("-written_at").first()
    return found.written_at if found else None


# -------------------------------------------------------------------------------------------------------------- ratings


@transaction.atomic
def rate(case: Case, milestone: str, answers: Mapping[str, int], *, at: datetime) -> int:
    """Keep what the person answered after a milestone, apart from the case. Returns how many answers are new.

    A question that was answered before keeps its first answer. Raises NotSaid for answers nobody offered.
    """
    if not set(answers) <= set(ITEMS) or not set(answers.values()) <= set(ANSWERS):
        raise NotSaid("This is no answer to our questions.")
    whose, count = _respondent(case), 0
    for question, answer in answers.items():
        try:
            with transaction.atomic():
                Rating.objects.create(
                    respondent=whose, milestone=milestone, question=question, answer=answer, said_on=at.date()
                )
            count += 1
        except IntegrityError:
            continue
    if count:
        # No case in it: who answered what must not follow from the log.
        ledger.append("survey.answered", by="receipt", at=at, milestone=milestone, count=count)
    return count


def rated(case: Case) -> set[str]:
    """The milestones that were rated."""
    return set(Rating.objects.filter(respondent=_respondent(case)).values_list("milestone", flat=True))


def _respondent(case: Case) -> bytes:
    return keys.lookup_digest("survey", str(case.pk))


def _context(message: Message) -> str:
    return f"message/{message.pk}"
