"""What happens when a measure's time runs out: it is overdue, and the plan says what comes next.

The clock ends -> the measure is overdue, once -> the case is judged again, and the next rung of the catalogue becomes a
draft that a person can approve. Nothing is sent by a clock.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from habeas.journey import report
from habeas.kernel import clock
from habeas.remedies import progress
from habeas.remedies import queries as remedies


def measure_due(measure_id: int, due: str) -> None:
    """The end of a clock. Safe to do again; of no effect where the measure was answered or its clock set anew."""
    measure = remedies.measure(measure_id)
    if measure.case.key.wrapped is None:
        return  # erased since the clock was started
    with transaction.atomic():
        if progress.run_out(measure_id, datetime.fromisoformat(due), at=clock.now()) is not None:
            report.reassess(measure.case, f"time ran out: {measure.planned['remedy']}")
