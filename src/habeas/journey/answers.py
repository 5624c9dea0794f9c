"""What happens when an addressee answers, and when whoever posted it contests: noted, looked at, and the plan follows.

An answer by link, key or mail -> it stands in the measure's history -> "done" is checked by captures -> the case is
judged again, and the next rung is drafted where it is refused. A counter-notice is decided by a person who did not
approve the measure; what was wrong is counted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.db import transaction

from habeas.journey import report, verification
from habeas.journey.deadline import REPLAN
from habeas.journey.letters import sent_of
from habeas.kernel import clock
from habeas.platforms import actions as platforms
from habeas.platforms import queries
from habeas.remedies import progress
from habeas.remedies import queries as remedies
from habeas.remedies.core import letters
from habeas.remedies.core.states import Event
from habeas.store import actions as store

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.platforms.models import Contest, Door
    from habeas.remedies.core.letters import Field, Letter
    from habeas.remedies.models import Measure

# By when a counter-notice is decided: our own target, which no law we know of sets for a helpline.
DECIDED_WITHIN: Final = timedelta(days=7)
# Several people may have posted it; more links than this serve nobody.
MOST_POSTER_LINKS: Final = 20
# Answers that change what is to be done next.
_MOVES_THE_PLAN: frozenset[Event] = frozenset({"refuse", "comply_partly", "comply"})
# How the history names an addressee that spoke for itself.
_OUTSIDE: Final = ("addressee", "partner/")
_ISOLATES: Final = "\u2068\u2069"


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
        (event.at, event.event, said) for event, said in remedies.events_of(measure) if event.by.startswith(_OUTSIDE)
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


class SaidOtherwise(ValueError):
    """The same key stood with another answer before. Nothing was changed."""


def answer(measure_id: int, event: Event, says: str, *, by: object, once: str = "") -> Measure:
    """Take an answer of an addressee; looks are planned and the plan follows.

    by:   "addressee" (by link), "partner/<id>" (by key), or the id of the member who read it
    once: what an addressee's system names one answer by: the same name again is the same answer, however late
    An addressee that says what it said last says it once: buttons are pressed twice.
    Raises NotPossible, SaidOtherwise.
    """
    at, says = clock.now(), says.strip()[:4000]
    by = f"{by}/{hashlib.sha256(once.encode()).hexdigest()[:24]}" if once else by
    with transaction.atomic():
        measure = progress.held(measure_id)
        if _said_before(measure, event, says, by=str(by), named=bool(once)):
            return measure
        measure = progress.note_answer(measure_id, event, by=by, at=at, says=says)
        verification.plan_looks(measure, event)
        if event in _MOVES_THE_PLAN:
            _plan_again(measure, from_outside=str(by).startswith(_OUTSIDE), at=at)
    return measure


def _plan_again(measure: Measure, *, from_outside: bool, at: datetime) -> None:
    """Bring the plan in line: at once for a member, soon after for an addressee, who need not wait for our laws."""
    cause = f"answered: {measure.planned['remedy']}"
    if from_outside:
        store.enqueue(REPLAN, {"case_id": str(measure.case_id), "cause": cause}, at=at)
    else:
        report.reassess(measure.case, cause)


def _said_before(measure: Measure, event: Event, says: str, *, by: str, named: bool) -> bool:
    """Whether a held measure has this very answer already. Raises SaidOtherwise."""
    if not by.startswith(_OUTSIDE):
        return False
    found = remedies.events_of(measure)
    if named:
        same = [(one.event, said) for one, said in found if one.by == by]
        if same and same[0] != (event, says):
            raise SaidOtherwise("This key stood with another answer before. Name a new answer by a new key.")
        return bool(same)
    # Only what happened last: "done" said again after it was found standing is news.
    return bool(found) and (found[-1][0].by, found[-1][0].event, found[-1][1]) == (by, event, says)


@dataclass(frozen=True, slots=True)
class ContestSeen:
    """What whoever posted it may see: what happened, on which grounds, and how their counter-notice stands.

    host:      where it was taken down; empty where the letter showed no address. Never the address, which may name
               somebody, and never what it was found to show: that is gathered from the whole case.
    done_at:   when the service said so
    language, direction, heading, grounds: the law relied on, as the letter put it, row by row
    state:     none, open, right (it stays down), wrong
    decide_by: our own target
    """

    host: str
    done_at: datetime | None
    language: str
    direction: str
    grounds: tuple[tuple[Field, ...], ...]
    state: str
    filed_at: datetime | None
    decide_by: datetime | None
    decided_at: datetime | None
    reasons: str
    may_file: bool


def may_be_passed_on(measure: Measure) -> bool:
    """Whether something was taken down that its poster may contest, and may know of."""
    down = measure.state in {"complied", "partly", "contested"} and measure.phase == "remove"
    return down and not measure.planned["ex_parte"]


def door_for_poster(measure: Measure) -> str:
    """The secret of a link for whoever posted what was taken down. Raises NotPossible before anything was."""
    if not may_be_passed_on(measure):
        raise progress.NotPossible("Nothing was taken down yet that could be contested.")
    if measure.doors.filter(used_by="poster").count() >= MOST_POSTER_LINKS:
        raise progress.NotPossible(
            f"{MOST_POSTER_LINKS} links were made for this notice. Pass one of them on, or write to us for another."
        )
    return platforms.make_door(measure, at=clock.now(), used_by="poster")


def contest_of(measure: Measure) -> ContestSeen | None:
    """How a measure looks to whoever posted it; null where no letter went out."""
    letter = sent_of(measure)
    if letter is None:
        return None
    last = queries.contests_of(measure).last()
    state, reasons = "none", ""
    if last is not None:
        state = "open" if last.was_right is None else "right" if last.was_right else "wrong"
    history = remedies.events_of(measure)
    if state in {"right", "wrong"}:
        decided = [said for event, said in history if event.event in {"uphold", "overturn"}]
        reasons = decided[-1] if decided else ""
    done = [event.at for event, _ in history if event.event in {"comply", "comply_partly"}]
    links = [each.text for block in letter.blocks for row in block.rows for each in row if each.style == "link"]
    hosts = dict.fromkeys(urlsplit(link.strip(_ISOLATES)).hostname or "" for link in links)
    grounds = next((block.rows for block in letter.blocks if block.name == "grounds"), ())
    return ContestSeen(
        host=next(iter(hosts), "") if len(hosts) == 1 else "",
        done_at=done[-1] if done else None,
        language=letter.language,
        direction=letter.direction,
        grounds=tuple(grounds),
        state=state,
        filed_at=last.made_at if last else None,
        decide_by=last.made_at + DECIDED_WITHIN if last else None,
        decided_at=last.decided_at if last else None,
        reasons=reasons,
        may_file=last is None and may_be_passed_on(measure),
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
