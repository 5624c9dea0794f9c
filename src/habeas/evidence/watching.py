"""Watches: pages that are captured again and again, until somebody says it is enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from habeas.access import actions as access
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.cases.models import Posting
from habeas.evidence.models import Watch
from habeas.ledger import actions as ledger
from habeas.store import actions as store

WATCH = "evidence.watch"
SHORTEST_HOURS = 1
LONGEST = timedelta(days=730)
# A page that fails is asked less and less often, but never given up: it may be back.
LONGEST_PAUSE_HOURS = 24 * 7


class NoSuchRhythm(ValueError):
    """A watch more often than hourly, or longer than two years."""


@transaction.atomic
def watch(posting: Posting, every_hours: int, until: datetime, *, by: Person, at: datetime) -> Watch:
    """Capture a page every so many hours until a day. A watch that stands is changed. Raises NoSuchRhythm."""
    access.require(by, "capture_page")
    if every_hours < SHORTEST_HOURS or until - at > LONGEST or until <= at:
        raise NoSuchRhythm("a watch runs at most hourly, and ends within two years")
    cases.hold(posting.case)
    found, _ = Watch.objects.update_or_create(
        posting=posting, defaults={"every_hours": every_hours, "until": until, "next_at": at, "troubles": 0}
    )
    _enqueue(found, at)
    ledger.append("watch.set", by=by.pk, at=at, case=posting.case_id, posting=posting.pk, every_hours=every_hours)
    return found


@transaction.atomic
def end_watch(posting: Posting, *, by: Person, at: datetime) -> bool:
    """End a watch; whether there was one."""
    access.require(by, "capture_page")
    cases.hold(posting.case)
    count, _ = Watch.objects.filter(posting=posting).delete()
    if count:
        ledger.append("watch.ended", by=by.pk, at=at, case=posting.case_id, posting=posting.pk)
    return bool(count)


@transaction.atomic
def next_round(watch: Watch, *, made: bool, at: datetime) -> None:
    """Write down when a watch is due again; after its end it goes."""
    held = Watch.objects.select_for_update().filter(pk=watch.pk, next_at=watch.next_at).first()
    if held is None:
        return
    held.troubles = 0 if made else held.troubles + 1
    hours = min(held.every_hours * 2**held.troubles, max(LONGEST_PAUSE_HOURS, held.every_hours))
    held.next_at = at + timedelta(hours=hours)
    if held.next_at > held.until:
        held.delete()
        return
    held.save(update_fields=["next_at", "troubles"])
    _enqueue(held, at)


def find(watch_id: int) -> Watch | None:
    return Watch.objects.select_related("posting__case__key").filter(pk=watch_id).first()


def _enqueue(watch: Watch, at: datetime) -> None:
    instant = watch.next_at.isoformat()
    store.enqueue(
        WATCH, {"watch_id": watch.pk, "run_at": instant}, at=at, run_at=watch.next_at, key=f"watch/{watch.pk}/{instant}"
    )
