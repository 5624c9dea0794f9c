from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max, Q, QuerySet

from habeas.access import keys
from habeas.access.models import Person
from habeas.access.queries import visible_cases
from habeas.cases.models import Case
from habeas.kernel import clock
from habeas.remedies.core.states import RUNNING
from habeas.remedies.models import Measure, MeasureEvent, PlanRecord


def measures_of(case: Case) -> QuerySet[Measure]:
    """The measures of a case in the order of its plan: preserve, then disclose, then remove."""
    return Measure.objects.filter(case=case).prefetch_related("approvals__member")


def measure(measure_id: int) -> Measure:
    """Raises Measure.DoesNotExist."""
    return Measure.objects.select_related("case__key").get(pk=measure_id)


def events_of(measure: Measure) -> list[tuple[MeasureEvent, str]]:
    """The history of a measure, each line with the words that came with it. Raises KeyDestroyed."""
    key = measure.case.key
    return [
        (
            event,
            ""
            if event.said_sealed is None
            else keys.unseal(key, event.said_sealed, f"measure-event/{event.pk}").decode(),
        )
        for event in measure.events.all()
    ]


def due_for(member: Person) -> QuerySet[Measure]:
    """Measures whose clock runs, of the cases a member works on or answers for, the next first."""
    return (
        Measure.objects.filter(Q(owner=member) | Q(case__owner=member), due_at__isnull=False, state__in=sorted(RUNNING))
        .filter(visible_cases(member, clock.now(), "case__"))
        .select_related("case")
        .order_by("due_at", "pk")
        .distinct()
    )


def plan_of(case: Case) -> PlanRecord | None:
    """The latest planning: what it left out, and what it changed."""
    return PlanRecord.objects.filter(case=case).first()


def reasons_to_keep(case: Case) -> list[str]:
    """Sentences on steps under way that need the case; empty where none does."""
    under_way = ["approved", "stopped", "contested", *sorted(RUNNING)]
    count = Measure.objects.filter(case=case, state__in=under_way).count()
    return (
        [f"{count} step(s) of the plan are approved and not finished; finish or withdraw them first"] if count else []
    )


def last_event_at(case: Case, kinds: Collection[str]) -> datetime | None:
    """When the latest of these events of the case's measures happened; null where none did."""
    found = MeasureEvent.objects.filter(measure__case=case, event__in=kinds).aggregate(at=Max("at"))
    at: datetime | None = found["at"]
    return at
