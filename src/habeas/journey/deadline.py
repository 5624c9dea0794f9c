"""What happens when a measure's time runs out: it is overdue, and the plan says what comes next.

The clock ends -> the measure is overdue, once -> soon after, the case is judged again, and the next rung of the
catalogue becomes a draft that a person can approve. Nothing is sent by a clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from habeas.cases import queries as cases
from habeas.journey import report
from habeas.kernel import clock
from habeas.remedies import progress
from habeas.store import actions as store

if TYPE_CHECKING:
    from habeas.remedies.models import Measure

REPLAN = "case.replan"


def measures_due(ends: list[dict[str, Any]]) -> None:
    """The ends of clocks: {"measure_id", "due"} each, all or none.

    Safe to do again; of no effect where a measure was answered or its clock set anew.
    """
    at = clock.now()
    with transaction.atomic():
        due = [(end["measure_id"], datetime.fromisoformat(end["due"])) for end in ends]
        # Judging takes longer than noting, and clocks end in crowds: the note must not wait for the judgement.
        up: dict[object, list[Measure]] = {}
        for measure in progress.run_out_many(due, at=at):
            up.setdefault(measure.case_id, []).append(measure)
        for case_id, measures in up.items():
            cause = f"time ran out: {', '.join(sorted({measure.planned['remedy'] for measure in measures}))}"
            store.enqueue(REPLAN, {"case_id": str(case_id), "cause": cause}, at=at)


def replan(case_id: str, cause: str) -> None:
    """Judge a case again and bring its plan in line. Safe to do again."""
    case = cases.case_by_id(case_id)
    if case.key.wrapped is not None:
        report.reassess(case, cause)
