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


class KnownEntry(models.Model):
    """One text or picture by which a case is known when it comes back. The registry's files hold its number only."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="known_entries")
    source = models.CharField(max_length=60, help_text="id of the item")
    same_as = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="copies",
        help_text="the entry whose wording stands for this one too: a copy is not kept a second time",
    )
    photo_sealed = models.BinaryField(null=True, help_text="the points by which a part of a photo is known again")
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["case", "source"], name="an_item_is_known_once")]

    def __str__(self) -> str:
        return f"known entry {self.pk}"


class KnownIdentifier(models.Model):
    """One identifier of a known text, as a keyed digest that cannot be read back or guessed at without the key."""

    entry = models.ForeignKey(KnownEntry, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32, db_index=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["entry", "digest"], name="an_identifier_once_per_entry")]

    def __str__(self) -> str:
        return f"known {self.kind} {self.pk}"


class RegistryQuestion(models.Model):
    """That somebody asked the registry, to keep anybody from asking it for everything."""

    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()
    was_known = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["asked_by", "asked_at"], name="questions_of_somebody")]

    def __str__(self) -> str:
        return f"question {self.pk}"


class Sighting(models.Model):
    """Material of a case that was seen again in another. A person says whether it is the same."""

    class State(models.TextChoices):
        OPEN = "open", "To be looked at"
        CONFIRMED = "confirmed", "The same"
        DISMISSED = "dismissed", "Not the same"

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="sightings")
    seen_in = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="sightings_elsewhere")
    source = models.CharField(max_length=60, help_text="id of the item it was seen in")
    known_by = models.CharField(max_length=12, help_text="wording, identifiers or image")
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    seen_at = models.DateTimeField()
    decided_by = models.ForeignKey("access.Person", on_delete=models.PROTECT, null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-seen_at", "-pk"]
        constraints = [
            UniqueConstraint(fields=["case", "seen_in", "source"], name="seen_once_per_item"),
            CheckConstraint(condition=~Q(case=F("seen_in")), name="seen_in_another_case"),
        ]

    def __str__(self) -> str:
        return f"sighting {self.pk}"


class HashBank(models.Model):
    """Picture hashes that come from one other service, or out of files it gave."""

    name = models.CharField(max_length=100, unique=True)
    source = models.CharField(max_length=300, help_text="the service's address, or file")
    enabled = models.BooleanField(default=True, help_text="false: nothing of it is found")
    fetched_at = models.DateTimeField(null=True)
    next_page = models.TextField(blank=True, help_text="where to go on; empty: the set was read to its end")
    next_set = models.PositiveBigIntegerField(default=0, help_text="seconds since 1970 from which to fetch next time")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"bank {self.pk}"


class BankedHash(models.Model):
    """What a bank says of one hash. The hash itself stands in the registry's files only, under this one's number.

    It stays when the hash goes, so that an older page does not bring it back.
    """

    class State(models.TextChoices):
        RECEIVED = "Received", "Received"
        ACTIVE = "Active", "Active"
        WITHDRAWN = "Withdrawn", "Withdrawn"
        DELETED = "Deleted", "Deleted"

    bank = models.ForeignKey(HashBank, on_delete=models.PROTECT, related_name="hashes")
    their_id = models.CharField(max_length=64, help_text="they call a hash by itself, so this is a keyed digest of it")
    state = models.CharField(max_length=10, choices=State.choices)
    opinion = models.CharField(max_length=20, help_text="what those who share it hold of it, combined")
    own_opinion = models.CharField(max_length=20, blank=True, help_text="what this house holds of it")
    tags = models.JSONField(default=list)
    modified_at = models.PositiveBigIntegerField(help_text="their clock: seconds since 1970")
    taken_out_at = models.DateTimeField(null=True, help_text="this house took it out: it stays out, whatever they say")

    class Meta:
        constraints = [UniqueConstraint(fields=["bank", "their_id"], name="a_hash_once_per_bank")]

    def __str__(self) -> str:
        return f"banked hash {self.pk}"


class SharedHash(models.Model):
    """That the hash of a picture of a case was given to others, so that it can be called back."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="shared_hashes")
    source = models.CharField(max_length=60, help_text="id of the item")
    hash_sealed = models.BinaryField()
    shared_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            UniqueConstraint(fields=["case", "source"], name="a_picture_is_shared_once"),
            CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(withdrawn_at__gte=F("shared_at")), name="withdrawn_after_shared"
            ),
        ]

    def __str__(self) -> str:
        return f"shared hash {self.pk}"
