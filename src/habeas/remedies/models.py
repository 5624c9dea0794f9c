"""The measures of a case and who agreed to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint


class Measure(models.Model):
    """One step taken under a remedy toward one addressee. Planned by the machine, decided by people."""

    class State(models.TextChoices):
        DRAFTED = "drafted", "Drafted"
        APPROVED = "approved", "Approved"
        SENT = "sent", "Sent"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        COMPLIED = "complied", "Done"
        PARTLY = "partly", "Done in part"
        REFUSED = "refused", "Refused"
        CONTESTED = "contested", "Contested"
        OVERDUE = "overdue", "Overdue"
        ESCALATED = "escalated", "Taken further"
        STOPPED = "stopped", "Stopped"
        WITHDRAWN = "withdrawn", "Withdrawn"

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="measures")
    key = models.CharField(max_length=300, help_text="the plan's own key: remedy and addressee")
    reference = models.CharField(
        max_length=16, unique=True, null=True, editable=False, help_text="what its addressee is told: leads to no case"
    )
    position = models.PositiveIntegerField()
    phase = models.CharField(max_length=10)
    planned = models.JSONField(help_text="the measure as planned: title, addressee, grounds, clock, readiness, reasons")
    approvals_needed = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFTED)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="measures")
    withdrawn_because = models.CharField(max_length=400, blank=True)
    stopped_because = models.CharField(max_length=400, blank=True)
    next_step = models.CharField(
        max_length=400, blank=True, help_text="what is to be done, where it is stopped or open"
    )
    planned_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    clock_from = models.DateTimeField(null=True, help_text="the event its clock started on")
    due_at = models.DateTimeField(null=True, help_text="null: no end can be computed; the law's words stand in planned")
    due_by_law = models.BooleanField(default=False, help_text="false: our own target, which obliges nobody outside")
    answered_at = models.DateTimeField(null=True)
    removal_was_wrong = models.BooleanField(default=False)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            UniqueConstraint(fields=["case", "key"], name="an_ask_once_per_case"),
            CheckConstraint(condition=Q(approvals_needed__in=[1, 2]), name="one_or_two_approvals"),
            CheckConstraint(
                condition=Q(state__in=["drafted", "approved", "stopped", "withdrawn"]) | Q(sent_at__isnull=False),
                name="what_is_out_was_sent",
            ),
        ]
        indexes = [
            Index(fields=["state", "due_at", "case", "owner"], name="measure_due"),
            Index(fields=["case", "state", "due_at"], name="measure_clocks"),
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


class MeasureEvent(models.Model):
    """What happened to a measure, in order. Never edited."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="events")
    event = models.CharField(max_length=20)
    state = models.CharField(max_length=12, help_text="the state it led to")
    by = models.CharField(max_length=60, help_text="a member's id, or what it was: clock, addressee, mail, look")
    said_sealed = models.BinaryField(null=True, help_text="what was said with it")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.event} of measure {self.measure_id}"


class LetterVersion(models.Model):
    """One wording of a measure's letter. A change is a new version; the one that was sent is known for ever."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="letters")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    sealed = models.BinaryField(help_text="JSON: the letter (remedies/core/letters.py)")
    made_by = models.CharField(max_length=60)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [UniqueConstraint(fields=["measure", "number"], name="a_version_has_one_wording")]

    def __str__(self) -> str:
        return f"version {self.number} of the letter of measure {self.measure_id}"


class Consent(models.Model):
    """What the person affected said to one measure toward one addressee. A change of mind is a new answer."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="consents")
    key = models.CharField(max_length=300, help_text="the measure's key")
    given = models.BooleanField()
    said_by = models.CharField(max_length=60, help_text="person, or the id of the member who was told")
    basis = models.CharField(max_length=200, blank=True, help_text="how a member was told: by phone, in writing")
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [Index(fields=["case", "key"], name="consent_of_case")]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class Recheck(models.Model):
    """One look at whether what was said to be done is done: planned when the answer came, done by a capture."""

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="rechecks")
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    found = models.CharField(max_length=10, blank=True, help_text="gone, partly, standing, unknown")

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [UniqueConstraint(fields=["measure", "due_at"], name="one_look_at_a_time")]

    def __str__(self) -> str:
        return f"recheck {self.pk}"


class CalendarFeed(models.Model):
    """An address under which a member's calendar program reads due dates, without case data."""

    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calendar_feed")
    token_digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"calendar feed of {self.member_id}"
