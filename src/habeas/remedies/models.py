"""The measures of a case and who agreed to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint


class Measure(models.Model):
    """One step taken under a remedy toward one addressee. Planned by the machine, decided by people."""

    class State(models.TextChoices):
        DRAFTED = "drafted", "Drafted"
        APPROVED = "approved", "Approved"
        WITHDRAWN = "withdrawn", "Withdrawn"

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="measures")
    key = models.CharField(max_length=300, help_text="the plan's own key: remedy and addressee")
    position = models.PositiveIntegerField()
    phase = models.CharField(max_length=10)
    planned = models.JSONField(help_text="the measure as planned: title, addressee, grounds, clock, readiness, reasons")
    approvals_needed = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFTED)
    withdrawn_because = models.CharField(max_length=400, blank=True)
    planned_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            UniqueConstraint(fields=["case", "key"], name="an_ask_once_per_case"),
            CheckConstraint(condition=Q(approvals_needed__in=[1, 2]), name="one_or_two_approvals"),
        ]

    def __str__(self) -> str:
        return f"measure {self.pk}"


class Approval(models.Model):
    """One person's yes to one measure, with the reason."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="approvals")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    reason = models.CharField(max_length=400)
    at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["measure", "member"], name="nobody_approves_twice")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"approval {self.pk}"


class PlanRecord(models.Model):
    """What one planning came to: what was left out and why."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="plans")
    at = models.DateTimeField()
    cause = models.CharField(max_length=200)
    omissions = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    difference = models.JSONField(default=dict, help_text="added, dropped, changed: keys of measures")

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"plan {self.pk}"
