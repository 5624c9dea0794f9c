"""The spine: what came in, the case that gathers it, where it was posted, who plays which part, what is known."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Index, Q, UniqueConstraint

from habeas.cases.place import Place

# What a keyed digest is for: one purpose's digests say nothing about another's.
RECEIPT = "receipt"
SPARE = "spare"
LINK = "link"


class Case(models.Model):
    """The file that gathers the reports of one disclosure on one target."""

    class State(models.TextChoices):
        NEW = "new", "New"
        OPEN = "open", "Being worked on"
        WAITING = "waiting", "Waiting for an answer"
        CLOSED = "closed", "Closed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=12, unique=True, editable=False)
    key = models.OneToOneField("access.CaseKey", on_delete=models.PROTECT, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    danger = models.BooleanField(null=True, help_text="null: nobody has said")
    language = models.CharField(max_length=12, default="en")
    ties = models.JSONField(default=dict, help_text="tie -> list of jurisdiction codes, or null where not known")
    wishes = models.JSONField(default=list)
    posted_on = models.DateField(null=True, help_text="the day of the act; null: not known")
    severity = models.CharField(max_length=10, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="cases")
    opened_at = models.DateTimeField(editable=False)
    examined_at = models.DateTimeField(null=True)
    closing_sealed = models.BinaryField(null=True, editable=False, help_text="how it ended, in words")
    closed_at = models.DateTimeField(null=True, help_text="from then its time of retention counts")
    news_wanted = models.BooleanField(default=False, help_text="a word by e-mail when there is news")
    news_sent_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="when the person asked to stop; nothing more leaves then")
    sealed = models.BooleanField(default=False, help_text="seen by named grants only; not even listed for others")

    class Meta:
        indexes = [
            Index(fields=["state", "opened_at"], name="case_queue"),
            # The queue's own order, without sorting: see place.py.
            Index(Place(), "opened_at", "id", name="case_place"),
        ]

    def __str__(self) -> str:
        return self.reference


class Report(models.Model):
    """What came in, unchanged for ever. Its content is sealed under the key of its case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    channel = models.CharField(max_length=20)
    reporter = models.CharField(max_length=20)
    language = models.CharField(max_length=12)
    sealed = models.BinaryField(editable=False, help_text="JSON of all that was told")
    receipt_digest = models.BinaryField(max_length=32, unique=True, editable=False)
    spare_digest = models.BinaryField(
        max_length=32,
        unique=True,
        null=True,
        editable=False,
        help_text="of the second receipt, kept elsewhere for loss",
    )
    received_at = models.DateTimeField(editable=False)

    def __str__(self) -> str:
        return f"report {self.pk}"


class Posting(models.Model):
    """One place where data was made public."""

    class State(models.TextChoices):
        UNKNOWN = "unknown", "Not checked yet"
        LIVE = "live", "Online"
        GONE = "gone", "Gone"
        BACK = "back", "Back again"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="postings")
    link_sealed = models.BinaryField()
    link_digest = models.BinaryField(max_length=32, db_index=True)
    host = models.CharField(max_length=255)
    state = models.CharField(max_length=10, choices=State.choices, default=State.UNKNOWN)
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["case", "link_digest"], name="a_link_once_per_case")]
        indexes = [Index(fields=["host"], name="posting_by_host")]
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"posting {self.pk}"


class Party(models.Model):
    """A person's part in a case. What is known of them is sealed."""

    class Role(models.TextChoices):
        TARGET = "target", "Person affected"
        FAMILY = "family", "Family"
        REPORTER = "reporter", "Reporter"
        DOER = "doer", "Person who did it"
        WITNESS = "witness", "Witness"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    role = models.CharField(max_length=10, choices=Role.choices)
    sealed = models.BinaryField(help_text="JSON: name, contact, relation")

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class Statement(models.Model):
    """What somebody said of one fact, at one time. Never edited: a change of mind is a new statement."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="statements")
    key = models.CharField(max_length=80)
    truth = models.BooleanField(null=True, help_text="null: not known (any more)")
    leaning = models.FloatField(null=True)
    said_by = models.CharField(max_length=20)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True)
    basis = models.CharField(max_length=400)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        indexes = [Index(fields=["case", "key"], name="statement_of_case")]
        constraints = [
            CheckConstraint(
                condition=Q(leaning=None) | Q(leaning__gte=0, leaning__lte=1), name="leaning_between_0_and_1"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} in {self.case_id}"


class UnsentReport(models.Model):
    """What somebody has told so far and not sent. Only their browser holds the key; it ends with the visit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sealed = models.BinaryField(editable=False)
    begun_at = models.DateTimeField(editable=False)
    kept_at = models.DateTimeField(editable=False, db_index=True)

    def __str__(self) -> str:
        return f"unsent report {self.pk}"


class UnsentFile(models.Model):
    """A file on its way, piece by piece, sealed like the rest of the unsent report."""

    report = models.ForeignKey(UnsentReport, on_delete=models.CASCADE, related_name="files")
    chosen_as = models.CharField(max_length=40, help_text="the browser's random name for this file")
    name_sealed = models.BinaryField(editable=False)
    size_bytes = models.PositiveBigIntegerField()
    have_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [UniqueConstraint(fields=["report", "chosen_as"], name="a_file_once_per_unsent_report")]

    def __str__(self) -> str:
        return f"unsent file {self.pk}"


class UnsentPiece(models.Model):
    file = models.ForeignKey(UnsentFile, on_delete=models.CASCADE, related_name="pieces")
    offset = models.PositiveBigIntegerField()
    sealed = models.BinaryField(editable=False)

    class Meta:
        ordering = ["offset"]
        constraints = [UniqueConstraint(fields=["file", "offset"], name="a_piece_once")]

    def __str__(self) -> str:
        return f"piece at {self.offset}"


class Message(models.Model):
    """Words between the person and the desk. Sealed under the key of the case; never edited."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, help_text="null: the person wrote it"
    )
    sealed = models.BinaryField(editable=False)
    written_at = models.DateTimeField(editable=False)
    read_at = models.DateTimeField(null=True, help_text="when the other side first saw it")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Rating(models.Model):
    """What somebody answered to one question after a milestone, kept apart from the case.

    answer: 1 (not at all) to 5 (fully)
    """

    respondent = models.BinaryField(max_length=32, editable=False, help_text="keyed digest of the case")
    milestone = models.CharField(max_length=40)
    question = models.CharField(max_length=10)
    answer = models.PositiveSmallIntegerField()
    said_on = models.DateField(editable=False)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["respondent", "milestone", "question"], name="rated_once"),
            CheckConstraint(condition=Q(answer__gte=1, answer__lte=5), name="rated_from_1_to_5"),
        ]

    def __str__(self) -> str:
        return f"{self.question} after {self.milestone}"
