"""What was read in a report's material, and what it exposes. Texts and values are sealed."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint


class Reading(models.Model):
    """The text of one item, or why it could not be read."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="readings")
    source = models.CharField(max_length=60, help_text="id of the item that was read")
    media_type = models.CharField(max_length=100)
    text_sealed = models.BinaryField(null=True)
    trouble = models.CharField(max_length=20, blank=True, help_text="why it could not be read, as a code")
    layout_sealed = models.BinaryField(
        null=True,
        help_text="JSON: notes, and parts as [origin, start, end] in characters of the text; attachments name people",
    )
    severity = models.CharField(max_length=10, blank=True)
    severity_reason = models.CharField(max_length=400, blank=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["case", "source"], name="an_item_is_read_once")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"reading {self.pk}"


class Exposure(models.Model):
    """One item of personal data in a reading."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="exposures")
    kind = models.CharField(max_length=20)
    detail = models.CharField(max_length=120, blank=True)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    value_sealed = models.BinaryField()
    whose = models.CharField(max_length=20)
    whose_reason = models.CharField(max_length=300, blank=True)
    gravity = models.PositiveSmallIntegerField()
    gravity_reason = models.CharField(max_length=300, blank=True)
    confidence = models.FloatField()
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["start", "pk"]
        constraints = [
            CheckConstraint(condition=Q(end__gt=F("start")), name="exposure_has_length"),
            CheckConstraint(condition=Q(gravity__gte=1, gravity__lte=4), name="gravity_from_1_to_4"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Signal(models.Model):
    """A sign of intent or of legitimacy in a reading: ranked, with a reason, never a verdict."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="signals")
    kind = models.CharField(max_length=30)
    toward = models.CharField(max_length=12)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    strength = models.FloatField()
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-strength", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
