"""What the law said of a case, each time it was asked."""

from __future__ import annotations

from django.db import models
from django.db.models import UniqueConstraint


class Assessment(models.Model):
    """One judging of a case by all provisions of all jurisdictions it touches. Earlier ones stay."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="assessments")
    at = models.DateTimeField()
    acted_on = models.DateField()
    asked_on = models.DateField()
    cause = models.CharField(max_length=200)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"assessment {self.pk}"


class Finding(models.Model):
    """One provision's outcome in one assessment."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="findings")
    provision = models.CharField(max_length=120)
    outcome = models.CharField(max_length=20)
    missing = models.JSONField(default=list)

    class Meta:
        constraints = [UniqueConstraint(fields=["assessment", "provision"], name="a_provision_once_per_assessment")]

    def __str__(self) -> str:
        return f"{self.provision}: {self.outcome}"
