"""Work to be done later, written in the transaction that causes it."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint


class Job(models.Model):
    """One piece of later work. The payload holds ids, never a person's data.

    A worker takes it under a lease; a worker that dies lets the lease run out, and another takes it again. So every
    job must be safe to do twice. After its last try it is dead and stays visible until a person decides.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        LEASED = "leased"
        DONE = "done"
        DEAD = "dead"

    kind = models.CharField(max_length=80)
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, help_text="one job per key: a deadline fires once")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    run_at = models.DateTimeField()
    leased_by = models.CharField(max_length=80, blank=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    max_tries = models.PositiveIntegerField(default=8)
    last_error = models.TextField(blank=True, help_text="the kind of error and where; never data")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["key"], name="one_job_per_key"),
            CheckConstraint(
                condition=Q(state="leased", leased_until__isnull=False) | (~Q(state="leased") & Q(leased_until=None)),
                name="lease_has_an_end",
            ),
        ]
        indexes = [Index(fields=["state", "run_at"], name="job_due"), Index(fields=["leased_until"], name="job_lease")]

    def __str__(self) -> str:
        return f"job {self.pk} ({self.kind})"
