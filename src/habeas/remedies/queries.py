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
