"""Looking again whether what was said to be done is done: planned with the answer, in growing distances."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from habeas.ledger import actions as ledger
from habeas.remedies import progress
from habeas.remedies.models import Measure, Recheck
from habeas.store import actions as store

RECHECK = "measure.recheck"
# Soon, because a "done" may be none; then later, because re-uploads come when the attention is gone.
HOURS = (1, 24, 72, 168, 720)


@transaction.atomic
def plan(measure: Measure, *, at: datetime, hours: Iterable[int] = HOURS) -> list[Recheck]:
    """Write down when to look again, with a job for each. The same answer again plans nothing twice."""
    if measure.rechecks.filter(done_at=None).exists():
        return []
    planned = []
    for distance in hours:
        recheck = Recheck.objects.create(measure=measure, due_at=at + timedelta(hours=distance))
        store.enqueue(RECHECK, {"recheck_id": recheck.pk}, at=at, run_at=recheck.due_at, key=f"recheck/{recheck.pk}")
        planned.append(recheck)
    return planned


def find(recheck_id: int) -> Recheck | None:
    """A look that is still to be taken, or null where it was taken, or its case is erased."""
    found = Recheck.objects.select_related("measure__case__key").filter(pk=recheck_id, done_at=None).first()
    return found if found is not None and found.measure.case.key.wrapped is not None else None


@transaction.atomic
def note(recheck: Recheck, found: str, *, at: datetime) -> bool:
    """Write down what a look found. Whether it changed how the measure stands.

    found: gone, partly, standing, unknown
    """
    held = Recheck.objects.select_for_update().get(pk=recheck.pk)
    if held.done_at is not None:
        return False
    held.done_at, held.found = at, found
    held.save(update_fields=["done_at", "found"])
    measure = held.measure
    ledger.append("measure.looked", by="look", at=at, case=measure.case_id, measure=measure.pk, found=found)
    if found in {"standing", "partly"}:
        return progress.find_standing(measure.pk, by="look", at=at) is not None
    return False
