from __future__ import annotations

from django.db.models import QuerySet

from habeas.cases.models import Case
from habeas.remedies.models import Measure, PlanRecord


def measures_of(case: Case) -> QuerySet[Measure]:
    """The measures of a case in the order of its plan: preserve, then disclose, then remove."""
    return Measure.objects.filter(case=case).prefetch_related("approvals__member")


def plan_of(case: Case) -> PlanRecord | None:
    """The latest planning: what it left out, and what it changed."""
    return PlanRecord.objects.filter(case=case).first()


def reasons_to_keep(case: Case) -> list[str]:
    """Sentences on steps under way that need the case; empty where none does."""
    count = Measure.objects.filter(case=case, state=Measure.State.APPROVED).count()
    return (
        [f"{count} step(s) of the plan are approved and not finished; finish or withdraw them first"] if count else []
    )
