"""What happens when an addressee answers, and when whoever posted it contests: noted, looked at, and the plan follows.

An answer by link, key or mail -> it stands in the measure's history -> "done" is checked by captures -> the case is
judged again, and the next rung is drafted where it is refused. A counter-notice is decided by a person who did not
approve the measure; what was wrong is counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from habeas.journey import report, verification
from habeas.journey.letters import sent_of
from habeas.kernel import clock
from habeas.platforms import actions as platforms
from habeas.platforms import queries
from habeas.remedies import progress
from habeas.remedies import queries as remedies
from habeas.remedies.core import letters
from habeas.remedies.core.states import Event

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.platforms.models import Contest, Door
    from habeas.remedies.core.letters import Letter
    from habeas.remedies.models import Measure

# Answers that change what is to be done next.
_MOVES_THE_PLAN: frozenset[Event] = frozenset({"refuse", "comply_partly", "comply"})


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice as its addressee may see it: the letter that was sent, and nothing else of the case.

    answers: (when, event, words) of what the addressee itself said here, oldest first
    """

    reference: str
    letter: Letter
    text: str
    state: str
    sent_at: datetime
    due_at: datetime | None
    due_by_law: bool
    answers: tuple[tuple[datetime, str, str], ...]


class NothingSent(LookupError):
    """A measure whose letter has not left the house."""


def opened(token: str) -> Door | None:
    """The door a link leads to; its first opening is logged. Null for a link that leads nowhere (any more)."""
    at = clock.now()
    door = queries.door_of(token, at=at)
    if door is None or door.measure.case.key.wrapped is None:
        return None
    platforms.note_opened(door, at=at)
    return door


def notice_of(measure: Measure) -> Notice:
    """What the addressee of a measure that was sent sees of it. Raises NothingSent."""
    letter = sent_of(measure)
    if letter is None or measure.sent_at is None:
        raise NothingSent("this step has no letter that was sent")
    own = [
        (event.at, event.event, said)
        for event, said in remedies.events_of(measure)
        if event.by.startswith(("addressee", "partner"))
    ]
    return Notice(
        reference=measure.reference or "",
        letter=letter,
        text=letters.text(letter),
        state=measure.state,
        sent_at=measure.sent_at,
        due_at=measure.due_at,
        due_by_law=measure.due_by_law,
        answers=tuple(own),
    )


def answer(measure_id: int, event: Event, says: str, *, by: object) -> Measure:
    """Take an answer of an addressee; looks are planned and the plan follows.

    by: "addressee" (by link), "partner/<id>" (by key), or the id of the member who read it
    Raises NotPossible.
    """
    at = clock.now()
    with transaction.atomic():
        measure = progress.note_answer(measure_id, event, by=by, at=at, says=says.strip()[:4000])
        verification.plan_looks(measure, event)
        if event in _MOVES_THE_PLAN:
            report.reassess(measure.case, f"answered: {measure.planned['remedy']}")
    return measure


@dataclass(frozen=True, slots=True)
class ContestSeen:
    """What whoever posted it may see: grounds, how their counter-notice stands, and the reasons of the decision.

    state: none, open, right (it stays down), wrong
    """

    grounds: tuple[str, ...]
    state: str
    filed_at: datetime | None
    reasons: str
    may_file: bool


def door_for_poster(measure: Measure) -> str:
    """The secret of a link for whoever posted what was taken down. Raises NotPossible before anything was."""
    if measure.state not in {"complied", "partly", "contested"}:
        raise progress.NotPossible("Nothing was taken down yet that could be contested.")
    return platforms.make_door(measure, at=clock.now(), used_by="poster")


def contest_of(measure: Measure) -> ContestSeen:
    """How a measure looks to whoever posted it."""
    last = queries.contests_of(measure).last()
    state, reasons = "none", ""
    if last is not None:
        state = "open" if last.was_right is None else "right" if last.was_right else "wrong"
    if state in {"right", "wrong"}:
        decided = [said for event, said in remedies.events_of(measure) if event.event in {"uphold", "overturn"}]
        reasons = decided[-1] if decided else ""
    return ContestSeen(
        grounds=tuple(dict.fromkeys(ground["citation"] for ground in measure.planned["grounds"])),
        state=state,
        filed_at=last.made_at if last else None,
        reasons=reasons,
        may_file=last is None and measure.state in {"complied", "partly"},
    )


def contest(measure: Measure, told: dict[str, Any], *, by: object) -> Contest:
    """Take a counter-notice. Raises NotPossible, NotOpen."""
    at = clock.now()
    with transaction.atomic():
        filed = platforms.file_contest(measure, told, by=by, at=at)
        progress.contest(measure.pk, by=by, at=at)
    return filed


def decide_contest(measure: Measure, *, was_right: bool, reason: str, by: Person) -> Contest:
    """Say whether what was taken down was rightly so. Raises NotPossible, NotOpen, NotAllowed."""
    at = clock.now()
    with transaction.atomic():
        decided = platforms.settle_contest(measure, was_right=was_right, by=by, at=at)
        progress.decide_contest(measure.pk, was_right=was_right, reason=reason, by=by, at=at)
        report.reassess(measure.case, f"contest decided: {measure.planned['remedy']}")
    return decided
