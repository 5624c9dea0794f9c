"""Work that comes round: each kind has a length of time, and in each stretch of that length it is done once.

A stretch is a job with a key of its own, so that any number of workers write it down and one does it; one that a worker
died over comes back as every job does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from habeas.store import actions
from habeas.store.models import Job

# Done work is kept so long, to be looked at.
KEPT = timedelta(days=30)


@transaction.atomic
def write_down(rounds: Mapping[str, int], *, at: datetime) -> None:
    """See to it that the present stretch of each kind has its job.

    rounds: kind of job -> minutes of a stretch
    """
    for kind, minutes in rounds.items():
        stretch = int(at.timestamp()) // (60 * minutes)
        actions.enqueue(kind, {}, at=at, key=f"round/{kind}/{minutes}/{stretch}")


@transaction.atomic
def forget_done(*, at: datetime) -> int:
    """Take done work out of the table. What was given up stays until a person decides."""
    count, _ = Job.objects.filter(state=Job.State.DONE, finished_at__lt=at - KEPT).delete()
    return count
