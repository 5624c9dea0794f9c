from __future__ import annotations

from django.db.models import Count, QuerySet

from habeas.store.models import Job


def counts() -> dict[str, int]:
    """How many jobs stand in each state."""
    return dict(Job.objects.values_list("state").annotate(count=Count("pk")).order_by())


def dead() -> QuerySet[Job]:
    """Work that was given up and waits for a person, oldest first."""
    return Job.objects.filter(state=Job.State.DEAD).order_by("finished_at")
