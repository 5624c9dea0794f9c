"""What was handed in or captured, sealed; who held it; what left the house; what was erased."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint


class Item(models.Model):
    """One piece of evidence. Its bytes lie sealed in the store; material nobody may hold has no bytes there.

    The hashes of the original are sealed too: the hash of a short text can be guessed. What stands in clear, in the
    ledger and before time-stamp authorities is a commitment, salted from the key of the case.
    """

    class Kind(models.TextChoices):
        TEXT = "text", "Pasted text"
        FILE = "file", "File"
        EMAIL = "email", "E-mail"
        SCREENSHOT = "screenshot", "Screenshot"
        PAGE = "page", "Captured page"
        REDACTED = "redacted", "Redacted copy"
        TRANSLATION = "translation", "Translation"

    class Class(models.TextChoices):
        ORDINARY = "ordinary", "Ordinary"
        HASH_ONLY = "hash_only", "Hash and place only: nobody may hold it"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="items")
    report = models.ForeignKey("cases.Report", on_delete=models.PROTECT, null=True, related_name="items")
    posting = models.ForeignKey("cases.Posting", on_delete=models.PROTECT, null=True, related_name="items")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.FILE)
    sensitivity = models.CharField(max_length=10, choices=Class.choices, default=Class.ORDINARY)
    before = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="after", help_text="the capture of this page before"
    )
    made_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="derived", help_text="the original of a copy"
    )
    name_sealed = models.BinaryField()
    details_sealed = models.BinaryField(null=True, help_text="JSON: how it was acquired (tool, settings, times, …)")
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    hashes_sealed = models.BinaryField(help_text="JSON: sha256 and sha512 of the original, hex")
    commitment = models.CharField(max_length=64)
    stored_as = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the sealed bytes: its name in the store"
    )
    acquired_at = models.DateTimeField(null=True, help_text="when the capture began; null: handed in")
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["sealed_at", "pk"]
        constraints = [
            CheckConstraint(
                condition=(Q(sensitivity="hash_only") & Q(stored_as=""))
                | (~Q(sensitivity="hash_only") & ~Q(stored_as="")),
                name="hash_only_is_not_held",
            )
        ]

    def __str__(self) -> str:
        return f"item {self.pk}"


class Stamp(models.Model):
    """A time-stamp by one authority over one digest: asked for when something is sealed, however long it takes."""

    class State(models.TextChoices):
        WAITING = "waiting", "Asked for"
        STAMPED = "stamped", "Stamped"
        REFUSED = "refused", "Refused by the authority"

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, null=True, related_name="stamps")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="stamps")
    subject = models.CharField(
        max_length=80, help_text="what the digest is of: item/<id>, redaction/<id>, checkpoint/<n>"
    )
    sha512 = models.CharField(
        max_length=128, help_text="the digest stamped: over a commitment or a root, never content"
    )
    authority = models.CharField(max_length=100)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    token = models.BinaryField(null=True, help_text="the TimeStampResp exactly as it came, DER")
    stamped_at = models.DateTimeField(null=True, help_text="the time the authority says")
    asked_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["subject", "authority"], name="one_stamp_per_authority"),
            CheckConstraint(
                condition=Q(state="stamped", token__isnull=False, stamped_at__isnull=False) | ~Q(state="stamped"),
                name="stamped_has_a_token",
            ),
        ]

    def __str__(self) -> str:
        return f"stamp of {self.subject} by {self.authority}"


class HandOver(models.Model):
    """Items passed to somebody outside: conditions first, signed acceptance, then the key, then a signed receipt."""

    class State(models.TextChoices):
        OFFERED = "offered", "Offered"
        ACCEPTED = "accepted", "Conditions accepted"
        REFUSED = "refused", "Refused"
        RECEIVED = "received", "Received"
        RETURNED = "returned", "Returned or destroyed"
        RECALLED = "recalled", "Recalled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="handovers")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    recipient = models.CharField(max_length=200, help_text="the authority, not a person")
    signing_key = models.BinaryField(max_length=32, help_text="Ed25519, public: checks acceptance and receipt")
    age_recipient = models.CharField(max_length=120, help_text="age1…: what the package is encrypted to")
    purpose = models.CharField(max_length=80)
    basis = models.CharField(max_length=200)
    conditions = models.TextField()
    manifest_sealed = models.BinaryField(help_text="JSON, fields of Implementing Regulation (EU) 2025/1550")
    package_sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=64, help_text="the encrypted package in the store")
    key_sealed = models.BinaryField(help_text="the package's passphrase, sealed under the case's key")
    acceptance = models.BinaryField(null=True, help_text="the signed statement, as it came")
    receipt = models.BinaryField(null=True, help_text="the signed statement, as it came")
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    available_until = models.DateTimeField()
    items = models.ManyToManyField(Item, related_name="handovers")

    class Meta:
        ordering = ["offered_at", "pk"]

    def __str__(self) -> str:
        return f"hand-over {self.pk}"


class CustodyEvent(models.Model):
    """Who did what with an item, why and on what basis. Never edited; each stands in the ledger too."""

    class Kind(models.TextChoices):
        CAPTURE = "capture", "Captured"
        INGEST = "ingest", "Taken in"
        READ = "read", "Read"
        COPY = "copy", "Copied"
        REDACT = "redact", "Redacted"
        TRANSLATE = "translate", "Translated"
        OFFERED = "offered", "Hand-over offered"
        ACCEPTED = "accepted", "Hand-over accepted"
        REFUSED = "refused", "Hand-over refused"
        RECEIVED = "received", "Receipt signed"
        RETURNED = "returned", "Returned"
        RECALLED = "recalled", "Hand-over recalled"
        SEALED = "sealed", "Sealed"
        KEY_DESTROYED = "key_destroyed", "Key destroyed"

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="custody")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="custody")
    handover = models.ForeignKey(HandOver, on_delete=models.PROTECT, null=True, related_name="custody")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    by = models.CharField(max_length=60, help_text="a person's number, or the program that did it")
    organisation = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, blank=True)
    purpose = models.CharField(max_length=80)
    basis = models.CharField(max_length=200)
    at = models.DateTimeField()
    commitment_in = models.CharField(max_length=64, blank=True)
    commitment_out = models.CharField(max_length=64, blank=True)
    method = models.CharField(max_length=200, blank=True)
    signature = models.BinaryField(null=True, help_text="of the receiver, for a hand-over")
    ledger_index = models.PositiveBigIntegerField(unique=True)

    class Meta:
        ordering = ["ledger_index"]
        indexes = [Index(fields=["case", "ledger_index"], name="custody_of_case")]

    def __str__(self) -> str:
        return f"custody event {self.pk} ({self.kind})"


class Redaction(models.Model):
    """The salted leaves of an original, under one root. A redacted copy opens some and proves the rest untouched."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="redactions")
    unit = models.CharField(max_length=10, help_text="line, field or region")
    root = models.BinaryField(max_length=32)
    leaves_sealed = models.BinaryField(help_text="every leaf with its salt")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["item", "unit"], name="one_redaction_tree_per_unit")]

    def __str__(self) -> str:
        return f"redaction tree {self.pk}"


class MarkedCopy(models.Model):
    """One recipient's copy, with marks of its own. The ledger holds a commitment; the seed is sealed here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="marked_copies")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="marked_copies")
    handover = models.ForeignKey(HandOver, on_delete=models.PROTECT, null=True, related_name="marked_copies")
    recipient = models.CharField(max_length=200)
    carrier = models.CharField(max_length=10, help_text="pdf, image or text")
    seed_sealed = models.BinaryField()
    commitment = models.CharField(max_length=64, help_text="SHA-256 of the seed, as the ledger has it")
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"marked copy {self.pk}"


class Watch(models.Model):
    """A page that is captured again and again, until somebody says it is enough."""

    posting = models.OneToOneField("cases.Posting", on_delete=models.PROTECT, related_name="watch")
    every_hours = models.PositiveIntegerField()
    next_at = models.DateTimeField()
    until = models.DateTimeField()
    last_state = models.CharField(max_length=10, blank=True, help_text="live, gone, changed or back")
    troubles = models.PositiveIntegerField(default=0, help_text="captures in a row that could not be made")

    def __str__(self) -> str:
        return f"watch {self.pk}"


class Hold(models.Model):
    """A duty to keep: while one stands, nothing of the case is erased."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="holds")
    basis = models.CharField(max_length=200)
    asked_by = models.CharField(max_length=200, help_text="the authority or court")
    until = models.DateField(null=True, help_text="null: until it is lifted")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    placed_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="a_hold_is_lifted_by_somebody",
            )
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class Erasure(models.Model):
    """That a case's key was destroyed: what it covered, what remains, who confirmed. Holds ids and counts only."""

    case = models.OneToOneField("cases.Case", on_delete=models.PROTECT, related_name="erasure")
    basis = models.CharField(max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    certificate = models.JSONField()
    ledger_index = models.PositiveBigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"erasure {self.pk}"
