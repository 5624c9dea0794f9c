"""The world outside: who can be asked and how, what was sent, what came back, who of theirs may answer here."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint


class Addressee(models.Model):
    """A service or an authority as the directory knows it: kept by people, each entry with its source."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    jurisdiction = models.CharField(max_length=10, blank=True, help_text="code; empty: no one place singles it out")
    hosts = models.JSONField(default=list, help_text="host names that are its own, with everything below them")
    languages = models.JSONField(default=list, help_text="languages it reads, the first one first; empty: not known")
    hours = models.CharField(max_length=200, blank=True)
    rules = models.CharField(max_length=500, blank=True, help_text="address of the rules that forbid it there")
    note = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=300, blank=True)
    checked_on = models.DateField(null=True, help_text="null: nobody has checked it")
    left_at = models.DateTimeField(null=True, help_text="it is asked no more: gone, or another entry took its place")

    class Meta:
        ordering = ["name", "pk"]
        indexes = [Index(fields=["kind", "jurisdiction"], name="addressee_by_kind")]

    def __str__(self) -> str:
        return self.name


class Route(models.Model):
    """One way to reach an addressee. The first open one that fits is taken; people can choose another."""

    addressee = models.ForeignKey(Addressee, on_delete=models.PROTECT, related_name="routes")
    position = models.PositiveSmallIntegerField(default=1)
    channel = models.CharField(max_length=30, help_text="a file of platforms/channels/")
    remedies = models.JSONField(default=list, help_text="ids of the catalogue it serves; empty: all")
    settings = models.JSONField(default=dict, help_text="what the channel needs: address, form, name of a secret")
    note = models.CharField(max_length=300, blank=True)
    closed_because = models.CharField(max_length=300, blank=True, help_text="a dead form, an address that bounces")

    class Meta:
        ordering = ["addressee", "position", "pk"]

    def __str__(self) -> str:
        return f"route {self.pk} ({self.channel})"


class Dispatch(models.Model):
    """One letter on its way to one addressee. Its key makes it one act, however often it is tried."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        BY_HAND = "by_hand", "To be filed by hand"
        SENT = "sent", "Sent"
        STOPPED = "stopped", "Stopped"

    measure = models.ForeignKey("remedies.Measure", on_delete=models.PROTECT, related_name="dispatches")
    letter = models.ForeignKey("remedies.LetterVersion", on_delete=models.PROTECT, related_name="dispatches")
    route = models.ForeignKey(Route, on_delete=models.PROTECT, null=True)
    channel = models.CharField(max_length=30)
    settings_sealed = models.BinaryField(help_text="JSON: the route's settings as they were; an address may tell")
    key = models.CharField(max_length=64, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    reference = models.CharField(max_length=300, blank=True, help_text="the addressee's own, or the message id")
    says = models.CharField(max_length=400, blank=True)
    proof_sealed = models.BinaryField(null=True)
    proof_type = models.CharField(max_length=100, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="dispatches")
    queued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            CheckConstraint(
                condition=Q(state__in=["queued", "by_hand"], settled_at=None)
                | Q(state__in=["sent", "stopped"], settled_at__isnull=False),
                name="settled_when_sent_or_stopped",
            )
        ]
        indexes = [Index(fields=["reference"], name="dispatch_by_reference")]

    def __str__(self) -> str:
        return f"dispatch {self.pk}"


class Incoming(models.Model):
    """A message that came in, kept as it came. What it means for a measure is decided by a person, or by a look."""

    measure = models.ForeignKey("remedies.Measure", on_delete=models.PROTECT, null=True, related_name="incoming")
    channel = models.CharField(max_length=30)
    kind = models.CharField(max_length=20, help_text="answer, bounced, delayed, delivered, automatic, unknown")
    likely = models.CharField(max_length=20, blank=True, help_text="what it seems to answer; never a verdict")
    key = models.ForeignKey("access.CaseKey", on_delete=models.PROTECT, help_text="of its case, or its own")
    raw_sealed = models.BinaryField()
    digest = models.BinaryField(max_length=32, unique=True, help_text="keyed: the same message twice is one")
    received_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [Index(fields=["handled_at", "received_at"], name="incoming_to_read")]

    def __str__(self) -> str:
        return f"incoming {self.pk}"


class Door(models.Model):
    """A link by which an addressee opens one notice and answers it, or its poster contests. Only its digest is kept."""

    class For(models.TextChoices):
        ADDRESSEE = "addressee", "The addressee"
        POSTER = "poster", "Whoever posted it"

    measure = models.ForeignKey("remedies.Measure", on_delete=models.PROTECT, related_name="doors")
    used_by = models.CharField(max_length=10, choices=For.choices, default=For.ADDRESSEE)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"door {self.pk}"


class PartnerKey(models.Model):
    """A key with which an addressee's own system reads and answers the notices sent to it."""

    addressee = models.ForeignKey(Addressee, on_delete=models.PROTECT, related_name="keys")
    label = models.CharField(max_length=80)
    secret_digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"partner key {self.pk}"


class ReasonsGiven(models.Model):
    """A statement of reasons that a platform wrote here for what it did about one notice."""

    measure = models.ForeignKey("remedies.Measure", on_delete=models.PROTECT, related_name="reasons_given")
    puid = models.CharField(max_length=500, unique=True, help_text="the platform's own unique id of the statement")
    sealed = models.BinaryField(help_text="JSON: the fields of the schema in force")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"reasons {self.pk}"


class Contest(models.Model):
    """A counter-notice: whoever posted it says why it should stand. Decided with reasons, by somebody else."""

    measure = models.ForeignKey("remedies.Measure", on_delete=models.PROTECT, related_name="contests")
    sealed = models.BinaryField(help_text="JSON: grounds, words, how to answer")
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    was_right = models.BooleanField(null=True, help_text="whether the measure was right; null: not decided")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            UniqueConstraint(fields=["measure"], condition=Q(decided_at=None), name="one_open_contest_per_measure")
        ]

    def __str__(self) -> str:
        return f"contest {self.pk}"
