"""What to work on next: open cases by danger, then by the sooner of two timers, then by age.

The clock of the law is the next due date of a case's steps; the clock of harm runs from the day of the act, or from the
report where nobody knows the day, and has a target of our own by severity. Whichever ends first is the case's timer.

The cases are read by danger and harm, which the database indexes as one number (cases/place.py); those few that the
law brings forward are found by their due dates and put between. So no timer is reckoned for cases that nobody looks
at, and page 1000 takes as long as page 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Literal, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from habeas.access import actions as access
from habeas.access import queries as sights
from habeas.access.models import Person
from habeas.cases.actions import AlreadyTaken, hold_many, take
from habeas.cases.models import Case, Message, Posting
from habeas.cases.place import HARM_HOURS, HARM_HOURS_UNREAD, SPAN, Place
from habeas.remedies.core.states import OPEN_FOR_US, RUNNING
from habeas.remedies.models import Measure

Whose = Literal["all", "mine", "team", "unowned"]
Waiting = Literal["", "person", "addressee", "us"]
WHOSE: tuple[Whose, ...] = ("all", "mine", "team", "unowned")
WAITING: tuple[Waiting, ...] = ("person", "addressee", "us")
STATES: tuple[str, ...] = tuple(Case.State.values)

PER_PAGE = 50
# So many cases can be taken at once: more than anybody works on side by side is a slip of the hand.
MOST_AT_ONCE = 20
_RUNNING, _OPEN_FOR_US = sorted(RUNNING), sorted(OPEN_FOR_US)
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_LAST_OPENED = SPAN * 1_000_000


class NothingToTake(LookupError):
    """No case waits that this person could take."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see of the queue. state: empty for all that is not closed."""

    whose: Whose = "all"
    danger: bool = False
    waiting: Waiting = ""
    state: str = ""
    overdue: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Where a case stands in the queue, by which the next page begins.

    place:  its urgency and the end of its timer, as in cases/place.py; 0 for closed cases, which have none
    opened: when it came in, microseconds since 1970
    """

    place: int
    opened: int
    case: UUID

    def __str__(self) -> str:
        return f"{self.place}.{self.opened}.{self.case.hex}"

    @property
    def opened_at(self) -> datetime:
        return _EPOCH + self.opened * _MICROSECOND


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the queue.

    due_at:     the next due date among its steps, null where no clock runs; due_by_law: false where it is our own
    harm_since: the instant from which its harm counts; harm_due_at: our target for its end
    links, gone: how many places, and at how many of them it is gone
    waits_for:  some of WAITING
    """

    case: Case
    key: Key
    due_at: datetime | None
    due_by_law: bool
    harm_since: datetime
    harm_due_at: datetime
    links: int
    gone: int
    waits_for: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the queue. following: where the next one begins; null where this is the last."""

    rows: list[Row] = field(default_factory=list)
    following: Key | None = None


def read_key(told: str) -> Key | None:
    """A place in the queue as it stands in an address; null where it is none."""
    try:
        place, opened, case = told.split(".")
        key = Key(int(place), int(opened), UUID(hex=case))
    except ValueError:
        return None
    reachable = 0 <= key.place < 3 * SPAN and 0 <= key.opened < _LAST_OPENED
    return key if reachable and str(key) == told else None


def part_of_queue(
    wanted: Wanted, member: Person, *, at: datetime, after: Key | None = None, skip: int = 0, most: int = PER_PAGE
) -> Part:
    """The cases a member sees and wants to see, the most urgent first; closed ones the latest first.

    after: the place behind which to begin; skip: how many to leave out beside
    """
    keys = _keys(wanted, member, at=at, after=after, most=skip + most + 1)[skip:]
    shown = keys[:most]
    return Part(_rows(shown), shown[-1] if len(keys) > most else None)


@transaction.atomic
def take_next(*, by: Person, at: datetime) -> Case:
    """Give somebody the most urgent case that is with nobody. Two who ask at once never get the same.

    Raises NothingToTake, NotAllowed.
    """
    access.require(by, "take_case")
    after: Key | None = None
    while keys := _keys(Wanted(whose="unowned"), by, at=at, after=after, most=PER_PAGE):
        for key in keys:
            # What a colleague holds at this instant is passed over: on a database with row locks nobody waits.
            free = Case.objects.select_for_update(of=("self",), skip_locked=True).select_related("key", "owner")
            case = free.filter(pk=key.case, owner=None).exclude(state=Case.State.CLOSED).first()
            if case is not None and sights.may_do(by, "take_case", case, at):
                take(case, by=by, at=at)
                return Case.objects.get(pk=case.pk)
        after = keys[-1]
    raise NothingToTake("Nobody's case waits: each open case is with somebody.")


@transaction.atomic
def take_several(references: Iterable[str], *, by: Person, at: datetime) -> tuple[list[str], list[str]]:
    """Take some cases at once. (references taken, references left: closed, with somebody else, or not seen)

    At most MOST_AT_ONCE; the rest is left. Raises NotAllowed.
    """
    access.require(by, "take_case")
    asked = list(dict.fromkeys(references))
    found = Case.objects.filter(sights.visible_cases(by, at), reference__in=asked[:MOST_AT_ONCE])
    hold_many(found.values_list("pk", flat=True))
    taken = []
    for case in found.select_related("key", "owner").order_by("pk"):
        if case.state == Case.State.CLOSED or not sights.may_do(by, "take_case", case, at):
            continue
        try:
            take(case, by=by, at=at)
        except AlreadyTaken:
            continue
        taken.append(case.reference)
    return [one for one in asked if one in taken], [one for one in asked if one not in taken]


# ------------------------------------------------------------------------------------------------------------ the order


def _keys(wanted: Wanted, member: Person, *, at: datetime, after: Key | None, most: int) -> list[Key]:
    """The first places behind one, in order."""
    cases = Case.objects.filter(_wanted(wanted, member, at), sights.visible_cases(member, at))
    if wanted.state == Case.State.CLOSED:
        return _latest(cases, after, most)
    # Only cases that are not closed have a place.
    cases = cases.annotate(place=Place()).filter(place__gte=0)
    if wanted.state:
        cases = cases.filter(state=wanted.state)
    if after is not None:
        cases = _behind(cases, after)
    by_harm = _by_harm(cases, most)
    forward = _brought_forward(cases, by_harm[-1], after, at) if len(by_harm) == most else []
    return sorted(set(_by_sooner_clock([*by_harm, *forward])))[:most]


def _behind(cases: QuerySet[Case], key: Key) -> QuerySet[Case]:
    """The cases both of whose clocks put them behind a place."""
    urgency, ends = divmod(key.place, SPAN)
    younger = Q(opened_at__gt=key.opened_at) | Q(opened_at=key.opened_at, pk__gt=key.case)
    # The first condition says nothing new; it lets the database begin there instead of at the start.
    cases = cases.filter(Q(place__gte=key.place), Q(place__gt=key.place) | younger)
    sooner = Exists(_due(ends)) | Exists(_due(ends + 1)) & ~younger
    return cases.exclude(Q(place__lt=(urgency + 1) * SPAN) & sooner)


def _by_harm(cases: QuerySet[Case], most: int | None) -> list[Key]:
    first = cases.order_by("place", "opened_at", "pk").values_list("place", "opened_at", "pk")[:most]
    return [Key(place, _microseconds(opened_at), pk) for place, opened_at, pk in first]


def _brought_forward(cases: QuerySet[Case], last: Key, after: Key | None, at: datetime) -> list[Key]:
    """Those whose harm ends behind the last one found, but whose law ends before it.

    All of each urgency before the last one's were found, so only that one is left, up to one instant. Few cases are:
    in the past hardly a clock runs still, so there they are found by their clocks; in the future few are so fresh that
    their harm ends even later, so there their clocks are looked up one by one.
    """
    urgency, until = divmod(last.place, SPAN)
    later = cases.filter(place__gte=last.place, place__lt=(urgency + 1) * SPAN)
    if _instant(until) > at:
        return _by_harm(later.filter(Exists(_due(until + 1))), None)
    since = after.place % SPAN if after is not None and after.place // SPAN == urgency else 0
    running = Measure.objects.filter(state__in=_RUNNING, due_at__gte=_instant(since), due_at__lt=_instant(until + 1))
    return _by_harm(later.filter(pk__in=running.order_by().values("case")), None)


def _by_sooner_clock(keys: Sequence[Key]) -> list[Key]:
    """The same cases, each by whichever of its two clocks ends sooner."""
    due = Measure.objects.filter(case__in=[key.case for key in keys], state__in=_RUNNING, due_at__isnull=False)
    ends = dict(due.order_by().values("case").annotate(ends=Min("due_at")).values_list("case", "ends"))
    return [min(key, _by_end(key, ends[key.case])) if key.case in ends else key for key in keys]


def _by_end(key: Key, ends: datetime) -> Key:
    """A case's key as it would be if its timer ended then."""
    return replace(key, place=key.place // SPAN * SPAN + max(0, int(ends.timestamp())))


def _due(until: int) -> QuerySet[Measure]:
    """The clocks of the law of the case asked about that end before a second."""
    return Measure.objects.filter(case=OuterRef("pk"), state__in=_RUNNING, due_at__lt=_instant(until)).order_by()


def _instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MICROSECOND


def _latest(closed: QuerySet[Case], after: Key | None, most: int) -> list[Key]:
    """Closed cases have no timer: the latest first."""
    found = closed.filter(state=Case.State.CLOSED)
    if after is not None:
        behind = Q(opened_at__lt=after.opened_at) | Q(pk__lt=after.case)
        found = found.filter(behind, opened_at__lte=after.opened_at)
    latest = found.order_by("-opened_at", "-pk").values_list("opened_at", "pk")[:most]
    return [Key(0, _microseconds(opened_at), pk) for opened_at, pk in latest]


# -------------------------------------------------------------------------------------------------------- what is shown


def _wanted(wanted: Wanted, member: Person, at: datetime) -> Q:
    chosen = Q()
    if wanted.whose == "mine":
        chosen &= Q(owner=member)
    elif wanted.whose == "unowned":
        chosen &= Q(owner=None)
    elif wanted.whose == "team":
        chosen &= Q(owner__in=Person.objects.filter(organisation_id=member.organisation_id).values("pk"))
    if wanted.danger:
        chosen &= Q(danger=True)
    if wanted.overdue:
        chosen &= Q(_has_step(state="overdue")) | Q(_has_step(state__in=_RUNNING, due_at__lt=at))
    if wanted.waiting:
        chosen &= _waiting(wanted.waiting)
    return chosen


def _waiting(whom: Waiting) -> Q:
    """As ``_waits_for``, for all cases at once."""
    said = Message.objects.filter(case=OuterRef("pk"))
    # One row each, asked for at each case: else a database reads every message of every case first.
    last_of_ours = Q(IsNull(Subquery(said.order_by("-pk").values("member")[:1]), False))
    unread = Q(IsNull(Subquery(said.filter(member=None, read_at=None).order_by("pk").values("pk")[:1]), False))
    addressee = Q(_has_step(state__in=_RUNNING))
    if whom == "person":
        return last_of_ours
    if whom == "addressee":
        return addressee
    return Q(_has_step(state__in=_OPEN_FOR_US)) | unread | ~(last_of_ours | addressee)


def _waits_for(states: set[str], last_of_ours: bool, unread: bool) -> tuple[Waiting, ...]:
    """For whom a case waits: for several, or for us where it waits for nobody else.

    states:       of its steps that are out or open
    last_of_ours: the last message between person and desk is the desk's
    """
    found: list[Waiting] = []
    if last_of_ours:
        found.append("person")
    if states & RUNNING:
        found.append("addressee")
    if states & OPEN_FOR_US or unread or not found:
        found.append("us")
    return tuple(found)


def _has_step(**conditions: object) -> Exists:
    # Asked of one case after the other, so that the database stops once the page is full.
    return Exists(Measure.objects.filter(case=OuterRef("pk"), **conditions).order_by())


def _rows(keys: Sequence[Key]) -> list[Row]:
    """What the queue shows of some cases: four questions, however many they are."""
    ids = [key.case for key in keys]
    cases = Case.objects.select_related("owner").in_bulk(ids)
    steps: dict[UUID, list[tuple[str, datetime | None, bool]]] = {pk: [] for pk in ids}
    concerning = Measure.objects.filter(case__in=ids, state__in=[*_RUNNING, *_OPEN_FOR_US]).order_by()
    for pk, *rest in concerning.values_list("case", "state", "due_at", "due_by_law"):
        steps[pk].append(cast("tuple[str, datetime | None, bool]", tuple(rest)))
    gone = Count("pk", filter=Q(state=Posting.State.GONE))
    counted = Posting.objects.filter(case__in=ids).order_by().values("case").annotate(links=Count("pk"), gone=gone)
    links = {row["case"]: (row["links"], row["gone"]) for row in counted}
    theirs = Q(member=None)
    counted = Message.objects.filter(case__in=ids).order_by().values("case")
    counted = counted.annotate(last=Max("pk"), last_of_ours=Max("pk", filter=~theirs))
    counted = counted.annotate(unread=Count("pk", filter=theirs & Q(read_at=None)))
    said = {row["case"]: (row["last"] == row["last_of_ours"], row["unread"] > 0) for row in counted}
    nothing = (False, False)
    return [_row(cases[key.case], key, steps[key.case], links, said.get(key.case, nothing)) for key in keys]


def _row(
    case: Case,
    key: Key,
    steps: list[tuple[str, datetime | None, bool]],
    links: dict[UUID, tuple[int, int]],
    said: tuple[bool, bool],
) -> Row:
    due = min(((due_at, by_law) for state, due_at, by_law in steps if state in RUNNING and due_at), default=None)
    began = datetime.combine(case.posted_on, time(), UTC) if case.posted_on else case.opened_at
    count, gone = links.get(case.pk, (0, 0))
    return Row(
        case=case,
        key=key,
        due_at=due[0] if due else None,
        due_by_law=due[1] if due else False,
        harm_since=began,
        harm_due_at=began + timedelta(hours=HARM_HOURS.get(case.severity, HARM_HOURS_UNREAD)),
        links=count,
        gone=gone,
        waits_for=_waits_for({state for state, _, _ in steps}, *said),
    )
